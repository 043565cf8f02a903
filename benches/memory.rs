//! What a call in flight takes, at its caller and at its callee.

use std::fs;

use futures_util::future::{join_all, poll_immediate};

const CALLS: [usize; 4] = [1, 100, 1_000, 10_000];

/// The most of them.
const MOST: usize = 10_000;

#[tractor::rpc]
async fn wait() {
    std::future::pending::<()>().await;
}

/// The bytes of memory that are this process's alone.
#[tractor::rpc]
async fn private() -> u64 {
    let rollup = fs::read_to_string("/proc/self/smaps_rollup").expect("this is Linux");
    let kilobytes = |line: &str| line.split_whitespace().nth(1)?.parse::<u64>().ok();
    let private = rollup.lines().filter(|line| line.starts_with("Private_"));
    private.filter_map(kilobytes).sum::<u64>() * 1024
}

#[tractor::main(max_in_flight = MOST + 1)]
async fn main() -> tractor::Result<()> {
    println!("private memory of one call in flight, in bytes");
    println!("{:>8} {:>10} {:>10}", "calls", "caller", "callee");
    for calls in CALLS {
        // Actors that have done nothing yet, so that no memory is there to be used again.
        tractor::cluster! { modules: [self], count: 1 }
            .scope(async |workers| {
                let portal = &workers["worker_0"];
                let before = (private().await, portal.run(private).await?);
                let mut waiting = Box::pin(join_all((0..calls).map(|_| portal.run(wait))));
                assert!(poll_immediate(&mut waiting).await.is_none(), "it waits");
                // It is answered behind all that were started before.
                let after = (private().await, portal.run(private).await?);
                let of_one = |before: u64, after: u64| after.saturating_sub(before) / calls as u64;
                let (caller, callee) = (of_one(before.0, after.0), of_one(before.1, after.1));
                println!("{calls:8} {caller:10} {callee:10}");
                Ok::<_, tractor::Error>(())
            })
            .await?;
    }
    Ok(())
}
