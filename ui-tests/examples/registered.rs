//! A function is registered wherever it is written, if only it is linked in.
mod jobs {
    #[tractor::rpc]
    pub async fn nobody_calls_it() {}
}

fn main() {
    // A function of a crate that is otherwise not used here.
    let _ = dependency::math::double(1);
    let paths = tractor::registered_functions();
    assert!(paths.contains(&"dependency::math::double"), "{paths:?}");
    let own = concat!(module_path!(), "::jobs::nobody_calls_it");
    assert!(paths.contains(&own), "{paths:?}");
}
