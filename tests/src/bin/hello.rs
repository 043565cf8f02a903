//! A root that starts clusters when it is told to: `hello [WHAT] [PATH]`.

#![forbid(unsafe_code)]

use std::future::pending;
use std::path::Path;
use std::time::Duration;

use tests::actor::patient;
use tests::workers::{add, ignore_sigterm, nap, naps, pid, spin, threads};
use tractor::{Exposes, Portal, Result, modules};

/// One more level.
#[tractor::rpc]
async fn nested(a: u64, b: u64) -> Result<u64> {
    tractor::cluster! { modules: [tests::workers], names: ["nested"] }
        .scope(async |workers| workers["nested"].run(add(a, b)).await)
        .await
}

async fn two_levels() -> Result<u64> {
    tractor::cluster! { modules: [self], names: ["first"] }
        .scope(async |workers| workers["first"].run(nested(1, 2)).await)
        .await
}

/// Two actors that end by no means but SIGKILL, after hours: the one's settings are those of its
/// scope, the other has its own.
async fn stubborn() -> Result<()> {
    let settings = patient().worker_threads(3).log_level("error");
    tractor::nursery()
        .config(settings.clone())
        .scope(async |an| {
            let first = an.start_actor("first", modules![tests::workers]).await?;
            end_of_stubborn(&first).await
        })
        .await?;
    tractor::nursery()
        .scope(async |an| {
            let second = an.actor("second").modules(modules![tests::workers]);
            end_of_stubborn(&second.config(settings).start().await?).await
        })
        .await
}

async fn end_of_stubborn<A, I, J, K>(portal: &Portal<A>) -> Result<()>
where
    A: Exposes<threads, I> + Exposes<ignore_sigterm, J> + Exposes<spin, K>,
{
    println!("threads {}", portal.run(threads).await?);
    portal.run(ignore_sigterm).await?;
    // The link is read in order: the cancel request is not read before the spin.
    let mut call = std::pin::pin!(portal.run(spin));
    tests::actor::begin(&mut call).await;
    portal.cancel_actor().await
}

/// An actor with a log and threads of its own, which refuses one call and cancels another.
async fn loud() -> Result<()> {
    tractor::nursery()
        .scope(async |an| {
            let loud = an.actor("loud").modules(modules![tests::workers]);
            let loud = loud.log_level("debug").worker_threads(3).start().await?;
            println!("threads {}", loud.run(threads).await?);
            println!(
                "refused {}",
                loud.dynamic().run(nested(1, 2)).await.is_err()
            );
            let mut call = Box::pin(loud.run(nap));
            tests::actor::begin(&mut call).await;
            drop(call);
            while loud.run(naps).await? != (1, 1) {
                tokio::time::sleep(tests::GLANCE).await;
            }
            loud.cancel_actor().await
        })
        .await
}

async fn appears(path: &Path) {
    while !path.exists() {
        tokio::time::sleep(tests::GLANCE).await;
    }
}

#[tractor::main]
async fn main() -> Result<()> {
    let args: Vec<_> = std::env::args().skip(1).collect();
    match args
        .iter()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .as_slice()
    {
        // Starts a tree, and another one once there is a file PATH.
        ["again", path] => {
            tractor::cluster! { modules: [self], names: ["early"] }
                .scope(async |workers| {
                    println!("first {}", two_levels().await?);
                    appears(Path::new(path)).await;
                    println!("second {}", two_levels().await?);
                    // Of an actor that was started before, too.
                    println!("early {}", workers["early"].run(nested(3, 4)).await?);
                    Ok(())
                })
                .await
        }
        // Starts a tree, and fails to start another one once there is a file PATH.
        ["refused", path] => {
            println!("first {}", two_levels().await?);
            appears(Path::new(path)).await;
            let refused = two_levels().await.expect_err("the file cannot be executed");
            println!("refused {refused}");
            Ok(())
        }
        // Leaves a scope that takes its time to end.
        ["drop"] => {
            let begun = tokio::sync::Notify::new();
            let scope = tractor::cluster! {
                modules: [tests::workers], count: 2,
                cancel_timeout: Duration::from_millis(100),
            }
            .scope(async |workers| {
                for (_, portal) in &workers {
                    println!("pid {}", portal.run(pid).await?);
                }
                let mut spins = std::pin::pin!(workers.run_all(spin));
                tests::actor::begin(&mut spins).await;
                println!("begun");
                begun.notify_one();
                pending().await
            });
            tokio::select! {
                ended = scope => ended,
                () = begun.notified() => Ok(()),
            }
        }
        // Naps until somebody ends it.
        ["nap"] => {
            tractor::cluster! { modules: [tests::workers], names: ["sleeper"] }
                .scope(async |workers| {
                    println!("pid {}", workers["sleeper"].aid().pid());
                    workers["sleeper"].run(nap).await
                })
                .await
        }
        ["stubborn"] => stubborn().await,
        ["loud"] => loud().await,
        ["panic"] => {
            tractor::cluster! { modules: [tests::workers], count: 2 }
                .scope(async |_| panic!("the body gives up"))
                .await
        }
        ["fail"] => {
            tractor::cluster! { modules: [tests::workers], names: ["mortal"] }
                .scope(async |workers| workers["mortal"].run(tests::workers::die(9)).await)
                .await
        }
        _ => {
            println!("sum {}", two_levels().await?);
            Ok(())
        }
    }
}
