#![no_implicit_prelude]

use ::std::string::String;

#[::tractor::rpc]
async fn greet(name: String) -> ::std::result::Result<String, String> {
    ::std::result::Result::Ok(name)
}

#[::tractor::rpc]
fn count() -> u64 {
    7
}

#[::tractor::main(log_level = "info")]
async fn main() {
    ::std::assert_eq!(count().await, 7);
    ::std::assert!(greet(String::new()).await.is_ok());
    let _ = ::tractor::cluster! { modules: [self], count: 2 };
    let _ = ::tractor::modules![self];
}
