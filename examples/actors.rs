//! A daemon and a one-shot: the two kinds of actors.
//!
//! A daemon answers calls until it is cancelled. A one-shot exists for a single call, and is gone
//! when that has returned.
//!
//! ```console
//! $ cargo run --release --example actors
//! frank[4243]: What is the airspeed velocity of an unladen swallow? African or European?
//! the first 1000 primes add up to 3682913, says first_primes[4244]
//! frank exited with code 0 (cancelled)
//! first_primes exited with code 0 (cancelled)
//! ```

use tractor::modules;

/// What a daemon answers: these functions, and no others.
mod bridge_keeper {
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// A process of its own has statics of its own.
    static ASKED: AtomicUsize = AtomicUsize::new(0);

    #[tractor::rpc]
    pub async fn question() -> String {
        ASKED.fetch_add(1, Ordering::Relaxed);
        "What is the airspeed velocity of an unladen swallow?".to_owned()
    }

    #[tractor::rpc]
    pub async fn answer(bird: String) -> Result<String, String> {
        match (ASKED.load(Ordering::Relaxed), bird.as_str()) {
            (0, _) => Err("nobody has asked you anything".to_owned()),
            (_, "swallow") => Ok("African or European?".to_owned()),
            (_, other) => Err(format!("I know nothing of a {other}")),
        }
    }
}

/// Computes for a while: a plain function, for a one-shot.
#[tractor::rpc]
fn first_primes(count: usize) -> u64 {
    let is_prime = |n: &u64| (2..=n.isqrt()).all(|d| !n.is_multiple_of(d));
    (2..).filter(is_prime).take(count).sum()
}

#[tractor::main]
async fn main() -> tractor::Result<()> {
    let report = tractor::nursery()
        .scope(async |an| -> tractor::Result<_> {
            let frank = an.start_actor("frank", modules![bridge_keeper]).await?;
            let primes = an.run_in_actor(first_primes(1000)).await?;

            let question = frank.run(bridge_keeper::question).await?;
            let answer = frank
                .run(bridge_keeper::answer("swallow".to_owned()))
                .await?;
            println!("{}: {question} {answer}", frank.aid());

            // The scope would wait for a daemon that nobody cancels.
            frank.cancel_actor().await?;

            let aid = primes.aid();
            let sum = primes.result().await?;
            println!("the first 1000 primes add up to {sum}, says {aid}");
            Ok(an.report())
        })
        .await?;
    // The scope is over: both are dead and reaped.
    for exit in report.exits() {
        println!("{} {} ({})", exit.aid().name(), exit.status(), exit.rung());
    }
    Ok(())
}
