//! A root that holds a tree until a signal: `daemon STRATEGY`, `never` or `one-for-one`.

#![forbid(unsafe_code)]

use std::future::pending;

use tests::actor::{patient, spawn};
use tractor::Restart;

/// Says who it is, now and when it is cancelled.
#[tractor::rpc]
async fn serve() {
    struct Guard;

    impl Drop for Guard {
        fn drop(&mut self) {
            println!("cancelled {}", std::process::id());
        }
    }

    let _guard = Guard;
    println!("serving {}", std::process::id());
    pending::<()>().await;
}

/// Does not follow a cancel request.
#[tractor::rpc]
async fn block() {
    println!("blocking {}", std::process::id());
    #[expect(clippy::empty_loop, reason = "that is what is tested")]
    loop {}
}

fn main() -> tractor::Result<()> {
    let strategy = match std::env::args().nth(1).as_deref() {
        Some("one-for-one") => Restart::OneForOne,
        _ => Restart::Never,
    };
    let nursery = tractor::nursery().restart(strategy);
    tractor::run_daemon(patient(), nursery, async |an| {
        for name in ["a", "b"] {
            let portal = an.start_actor(name, tractor::modules![self]).await?;
            spawn(async move {
                // Whichever process it has just now.
                while portal.run(serve).await.is_err() {}
            });
        }
        if std::env::args().nth(2).as_deref() == Some("blocked") {
            let blocked = an.start_actor("blocked", tractor::modules![self]).await?;
            spawn(async move { blocked.run(block).await });
        }
        println!("up");
        tractor::Result::Ok(())
    })
}
