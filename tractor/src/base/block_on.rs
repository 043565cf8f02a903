//! Running a future to its end, compiled once.

use std::pin::{Pin, pin};

use tokio::runtime::Runtime;

/// [`Runtime::block_on`], which would be compiled anew for every type of future, and in the crate of
/// whoever names that type.
pub(crate) fn block_on<T>(runtime: &Runtime, future: impl Future<Output = T>) -> T {
    let mut value = None;
    block(runtime, pin!(async { value = Some(future.await) }));
    value.expect("the future has ended, and left it")
}

fn block(runtime: &Runtime, future: Pin<&mut dyn Future<Output = ()>>) {
    runtime.block_on(future);
}
