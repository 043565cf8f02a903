//! One worker per core; each says who it is, then naps until it is cancelled.
//!
//! ```console
//! $ cargo run --release --example quick_cluster
//! Yo i am actor root.worker_0[4243]
//! Yo i am actor root.worker_1[4244]
//! ```

use std::future::pending;
use std::time::Duration;

use tokio::time::timeout;

#[tractor::rpc]
async fn sleepy_jane() {
    println!("Yo i am actor {}", tractor::current_actor().aid());
    pending::<()>().await;
}

#[tractor::main]
async fn main() -> tractor::Result<()> {
    tractor::cluster! { modules: [self] }
        .scope(async |workers| {
            // Nobody ever answers: after half a second the calls are dropped, which cancels them.
            let naps = workers.run_all(sleepy_jane);
            let woken = timeout(Duration::from_millis(500), naps).await;
            assert!(woken.is_err(), "jane never wakes by herself");
            // The end of the body would end the workers just the same.
            workers.cancel().await;
            Ok(())
        })
        .await
}
