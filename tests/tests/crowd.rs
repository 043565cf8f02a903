//! A crowd of actors ends all at once.

use std::fs::{self, File};
use std::future::pending;
use std::path::PathBuf;

use futures_util::future::try_join_all;
use nix::sys::stat::Mode;
use nix::unistd::mkfifo;
use tests::actor::{
    assert_nobody_left, assert_reaped, begin, done, fresh_name, patient, spawn, until, within,
};
use tests::disk::{TempDir, names};
use tractor::{Result, Rung, modules};

const ACTORS: usize = 200;

/// When it is cancelled, it says so by a file, and does not end before somebody opens the gate.
#[tractor::rpc]
async fn wait_at_the_gate(dir: PathBuf) {
    struct Guard(PathBuf);

    impl Drop for Guard {
        fn drop(&mut self) {
            let mine = self.0.join(format!("cancelled-{}", std::process::id()));
            File::create(mine).expect("the directory is the test's");
            // Blocks until somebody opens the other end.
            File::open(self.0.join("gate")).expect("it is a fifo");
        }
    }

    let _guard = Guard(dir);
    pending::<()>().await;
}

/// By events: none of them can end before all have been asked to.
#[tractor::test(name = fresh_name())]
async fn crowd_is_torn_down_concurrently() -> Result<()> {
    let dir = TempDir::new();
    mkfifo(&dir.join("gate"), Mode::S_IRWXU).expect("the directory is ours");
    let mut report = None;
    let scope = tractor::nursery().config(patient()).scope(async |an| {
        report = Some(an.report());
        let starts = (0..ACTORS).map(|_| an.start_actor("idle", modules![self]));
        for portal in within("they start", try_join_all(starts)).await? {
            let mut call = Box::pin(portal.run(wait_at_the_gate(dir.path().to_owned())));
            begin(&mut call).await;
            spawn(call);
        }
        an.cancel().await;
        done()
    });
    let open = async {
        until("all are asked to end", async || {
            let cancelled = names(dir.path()).into_iter();
            cancelled.filter(|name| name != "gate").count() == ACTORS
        })
        .await;
        // Whoever is not at the gate yet finds it open.
        let gate = dir.join("gate");
        fs::OpenOptions::new().read(true).write(true).open(gate)
    };
    let (ended, gate) = tokio::join!(within("the scope ends", scope), open);
    ended?;
    drop(gate.expect("it is a fifo"));
    let report = report.expect("the body began");
    assert_reaped(&report, ACTORS);
    assert!(
        report
            .exits()
            .iter()
            .all(|exit| exit.rung() == Rung::Cancel)
    );
    assert_nobody_left().await;
    Ok(())
}
