use tractor::{Call, Rpc};

#[tractor::rpc]
async fn double(n: u64) -> u64 {
    n * 2
}

#[tractor::rpc]
async fn nothing() {}

async fn here<F: Rpc>(call: Call<F>) -> F::Return {
    call.await
}

#[tractor::main]
async fn main() {
    let call: Call<double> = double(21);
    assert!(format!("{call:?}").ends_with("::double)"));
    assert_eq!(call.clone().await, 42);
    assert_eq!(here(call).await, 42);
    let () = here(nothing()).await;
    fn sendable(_: impl Send) {}
    sendable(double(1).into_future());
}
