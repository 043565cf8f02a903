use std::thread;

#[tractor::rpc]
fn thread_name() -> Option<String> {
    thread::current().name().map(str::to_owned)
}

#[tractor::rpc]
fn panics() {
    panic!("as asked");
}

#[tractor::main]
async fn main() {
    assert_ne!(thread_name().await, Some("main".to_owned()));
    let stopped = tokio::spawn(panics().into_future()).await.unwrap_err();
    assert_eq!(
        *stopped.into_panic().downcast::<&str>().unwrap(),
        "as asked"
    );
}
