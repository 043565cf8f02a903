//! A root that waits for signals: `signals WHAT`. It prints `ready` when they may come.

#![forbid(unsafe_code)]

use std::future::pending;
use std::pin::pin;

use tests::HOUR;
use tests::actor::begin;
use tests::workers::{add, spin};
use tractor::Result;

/// Says so when it is cancelled.
#[tractor::rpc]
async fn guarded() {
    struct Guard;

    impl Drop for Guard {
        fn drop(&mut self) {
            println!("cancelled {}", std::process::id());
        }
    }

    let _guard = Guard;
    println!("begun {}", std::process::id());
    pending::<()>().await;
}

#[tractor::main]
async fn main() -> Result<()> {
    let what = std::env::args().nth(1).unwrap_or_default();
    match what.as_str() {
        "graceful" => {
            tractor::cluster! {
                modules: [self], count: 2, cancel_timeout: HOUR, kill_timeout: HOUR,
            }
            .scope(async |workers| {
                workers.run_all(guarded).await;
                Ok(())
            })
            .await
        }
        "stubborn" => {
            tractor::cluster! {
                modules: [tests::workers], count: 2, cancel_timeout: HOUR, kill_timeout: HOUR,
            }
            .scope(async |workers| {
                let mut spins = pin!(workers.run_all(spin));
                begin(&mut spins).await;
                println!("ready");
                spins.await;
                Ok(())
            })
            .await
        }
        "blocked-root" => {
            tractor::cluster! { modules: [self], count: 2 }
                .scope(async |workers| {
                    for portal in workers.portals() {
                        let mut call = pin!(portal.run(guarded));
                        begin(&mut call).await;
                    }
                    println!("ready");
                    #[expect(clippy::empty_loop, reason = "that is what is tested")]
                    loop {}
                })
                .await
        }
        "churn" => loop {
            println!("ready");
            tractor::cluster! { modules: [tests::workers], count: 3 }
                .scope(async |workers| workers["worker_0"].run(add(1, 2)).await)
                .await?;
        },
        other => panic!("unknown: `{other}`"),
    }
}
