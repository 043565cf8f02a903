//! What idle actors cost, and that a crowd of them ends all at once.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::future::pending;
use std::path::PathBuf;
use std::time::Duration;

use futures_util::future::{join_all, try_join_all};
use nix::sys::stat::Mode;
use nix::unistd::mkfifo;
use tests::actor::{
    assert_nobody_left, assert_reaped, begin, done, fresh_name, spawn, until, within,
};
use tests::disk::{TempDir, names};
use tests::workers::add;
use tractor::{Aid, Nursery, Result, Rung, modules};

const ACTORS: usize = 200;
const HOUR: Duration = Duration::from_secs(3600);

/// What a process uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Usage {
    descriptors: usize,
    threads: usize,
    /// KiB that are its own, and not shared with other processes of the same image.
    private: usize,
}

impl Usage {
    fn of(pid: u32) -> Self {
        let proc = PathBuf::from(format!("/proc/{pid}"));
        let entries = |dir: &str| fs::read_dir(proc.join(dir)).expect("it is ours").count();
        let memory = fs::read_to_string(proc.join("smaps_rollup")).expect("it is ours");
        let private = memory.lines().filter_map(|line| {
            let kib = line.strip_prefix("Private_")?.split_whitespace().nth(1)?;
            kib.parse::<usize>().ok()
        });
        Self {
            descriptors: entries("fd"),
            threads: entries("task"),
            private: private.sum(),
        }
    }

    /// What `count` more actors have cost their parent.
    fn since(self, before: Self, count: usize) -> String {
        format!(
            "{} descriptors, {} threads, {} KiB each",
            (self.descriptors - before.descriptors) / count,
            (self.threads - before.threads) / count,
            self.private.saturating_sub(before.private) / count,
        )
    }
}

async fn start(an: &Nursery, count: usize) -> Result<Vec<Aid>> {
    let starts = (0..count).map(|_| an.start_actor("idle", modules![tests::workers]));
    let portals = within("they start", try_join_all(starts)).await?;
    let answers = join_all(portals.iter().map(|portal| portal.run(add(1, 2))));
    for answer in within("they answer", answers).await {
        assert_eq!(answer?, 3);
    }
    Ok(portals.iter().map(tractor::Portal::aid).collect())
}

#[tractor::test(name = fresh_name())]
async fn idle_actors_cost_the_same_each() -> Result<()> {
    tractor::nursery()
        .scope(async |an| {
            // The first ones fill caches and pools.
            start(&an, 20).await?;
            let me = std::process::id();
            let before = Usage::of(me);
            let first = start(&an, ACTORS / 2).await?;
            let half = Usage::of(me);
            let second = start(&an, ACTORS / 2).await?;
            let all = Usage::of(me);
            println!("the parent: first half {}", half.since(before, ACTORS / 2));
            println!("the parent: second half {}", all.since(half, ACTORS / 2));

            // Linear: the last costs what the first has cost.
            assert_eq!(half.descriptors - before.descriptors, ACTORS);
            assert_eq!(all.descriptors - half.descriptors, ACTORS);
            assert_eq!(before.threads, all.threads, "no thread for an actor");

            let usages = first.iter().chain(&second).map(|aid| Usage::of(aid.pid()));
            let usages: Vec<_> = usages.collect();
            let kinds: BTreeSet<_> = usages
                .iter()
                .map(|usage| (usage.descriptors, usage.threads))
                .collect();
            let private = usages.iter().map(|usage| usage.private);
            let (least, most) = (private.clone().min(), private.max());
            println!("an actor: (descriptors, threads) {kinds:?}, {least:?} to {most:?} KiB");
            // No actor has anything of its elder siblings.
            assert_eq!(kinds.len(), 1, "{kinds:?}");
            an.cancel().await;
            done()
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

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
    let config = tractor::Config::new();
    let config = config.cancel_timeout(HOUR).kill_timeout(HOUR);
    let scope = tractor::nursery().config(config).scope(async |an| {
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
