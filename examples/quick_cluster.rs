//! One worker per core; each says who it is, then sleeps until it is cancelled.

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
            // Nobody ever answers: after half a second the naps are over.
            let naps = workers.run_all(sleepy_jane);
            let woken = timeout(Duration::from_millis(500), naps).await;
            assert!(woken.is_err(), "jane never wakes by herself");
            workers.cancel().await;
            Ok(())
        })
        .await
}
