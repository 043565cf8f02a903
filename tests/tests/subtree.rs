//! A tree of three levels and 40 actors dies with its root, and a subtree with its top (S2).

use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tests::fixture::{Fixture, Running};
use tests::process::Process;
use tests::wait_until;

/// What is promised; told, and not asserted: the machine may be busy with other things.
const PROMISE: Duration = Duration::from_secs(1);
/// What is tolerated.
const TOLERATED: Duration = Duration::from_secs(5);

const ACTORS: usize = 1 + 3 + 9 + 27;

fn grow(what: &str) -> Running {
    let tree = Fixture::new(env!("CARGO_BIN_EXE_tree")).arg("3").arg("3");
    let running = tree.arg(what).start();
    wait_until("40 actors are up", tests::PATIENCE, || {
        let members = running.members();
        members.len() == ACTORS && members.iter().all(|process| !process.command.is_empty())
    });
    running
}

/// The living actors whose path begins with `path`.
fn below(running: &Running, path: &str) -> Vec<Process> {
    let mark = format!("tractor-child[{path}");
    let mut members = running.members();
    members.retain(|process| !process.is_zombie() && process.command.contains(&mark));
    members
}

fn tell(what: &str, took: Duration) {
    println!("{what}: {took:?} of the promised {PROMISE:?}");
}

#[test]
fn forty_actors_die_with_their_root() {
    for what in ["idle", "calls", "block"] {
        let mut running = grow(what);
        running.signal(Signal::SIGKILL);
        tell(what, running.wait_gone(TOLERATED));
    }
}

#[test]
fn subtree_dies_with_its_top() {
    for (what, top, size) in [
        ("idle", "root.worker_1", 13),
        ("calls", "root.worker_2", 13),
        ("block", "root.worker_0.worker_1", 4),
    ] {
        let mut running = grow(what);
        let subtree = below(&running, top);
        assert_eq!(subtree.len(), size, "{subtree:?}");
        let leader = subtree
            .iter()
            .find(|process| process.command.contains(&format!("[{top}]")))
            .expect("the top is one of them");
        let pid = leader.pid.try_into().expect("a pid fits");
        kill(Pid::from_raw(pid), Signal::SIGKILL).expect("it is not reaped yet");
        let began = Instant::now();
        wait_until("the subtree is dead", TOLERATED, || {
            below(&running, top).is_empty()
        });
        tell(what, began.elapsed());
        // What follows for the others is the scopes' policy, and told elsewhere.
        let _ = kill(
            Pid::from_raw(running.pid().try_into().expect("a pid fits")),
            Signal::SIGKILL,
        );
        running.wait_gone(TOLERATED);
    }
}
