//! Nothing outlives a root that is killed, whenever that happens (S2).
//!
//! `TRACTOR_CHAOS_COUNT` says how often (a few times by default), `TRACTOR_CHAOS_SEED` repeats what
//! a seed that was printed did.

use std::time::Duration;

use nix::sys::signal::Signal;
use tests::fixture::Fixture;
use tests::random::Random;

/// What is promised.
const PROMISE: Duration = Duration::from_secs(1);
/// What is tolerated, because the machine may be busy with other things.
const TOLERATED: Duration = Duration::from_secs(5);

const WHATS: &[&str] = &["idle", "calls", "spin", "stop", "block", "churn"];
/// Levels below the root, and the children of each actor.
const SHAPES: &[(u32, u32)] = &[(1, 1), (1, 4), (2, 2), (3, 2)];

/// One way to be killed.
#[derive(Debug)]
struct Moment {
    what: &'static str,
    levels: u32,
    width: u32,
    /// Whether the time counts from when the whole tree is up, or from the start of the root.
    grown: bool,
    after: Duration,
}

impl Moment {
    fn new(random: &mut Random) -> Self {
        let what = random.choose(WHATS);
        let &(levels, width) = random.choose(SHAPES);
        Self {
            what,
            levels,
            width,
            grown: random.below(2) == 0,
            after: Duration::from_micros(random.below(120_000)),
        }
    }

    /// How many actors say that they are up, the root included.
    fn actors(&self) -> usize {
        let actors = (0..=self.levels).map(|level| (self.width as usize).pow(level));
        match self.what {
            "churn" => 1,
            _ => actors.sum(),
        }
    }

    /// Kills the root at this moment; gives the time until its last descendant was gone.
    fn kill(&self) -> Duration {
        let fixture = Fixture::new(env!("CARGO_BIN_EXE_tree"))
            .arg(self.levels.to_string())
            .arg(self.width.to_string())
            .arg(self.what);
        let mut running = fixture.start();
        if self.what == "stop" {
            // What is promised is the end of those who are stopped when their parent dies. To be
            // stopped in the same microseconds is a race that the kernel decides: see `deadman.rs`.
            running.wait_stopped();
        } else if self.grown {
            // An actor that blocks may do so before it has started all of its children.
            let expected = match self.what {
                "spin" => 1,
                _ => self.actors(),
            };
            running.lines("up ", expected);
        }
        // The moment is what is random here; nothing is waited for.
        std::thread::sleep(self.after);
        running.signal(Signal::SIGKILL);
        running.wait_gone(TOLERATED)
    }
}

fn number(key: &str) -> Option<u64> {
    let text = std::env::var(key).ok()?;
    Some(
        text.parse()
            .unwrap_or_else(|_| panic!("{key} is no number: {text}")),
    )
}

#[test]
fn killed_root_leaves_nothing_behind() {
    let count = number("TRACTOR_CHAOS_COUNT").unwrap_or(20);
    let seed = number("TRACTOR_CHAOS_SEED").unwrap_or_else(Random::fresh_seed);
    println!("TRACTOR_CHAOS_SEED={seed} TRACTOR_CHAOS_COUNT={count}");
    let mut random = Random::new(seed);
    let mut slowest = (Duration::ZERO, None);
    for round in 0..count {
        let moment = Moment::new(&mut random);
        println!("{round}: {moment:?}");
        let took = moment.kill();
        if took > slowest.0 {
            slowest = (took, Some(moment));
        }
    }
    let (took, moment) = slowest;
    println!("slowest: {took:?} of the promised {PROMISE:?}, by {moment:?}");
}

/// Every kind of business at every depth once, grown to its end.
#[test]
fn killed_root_takes_every_kind_of_tree_along() {
    for what in WHATS {
        for &(levels, width) in &SHAPES[1..] {
            let moment = Moment {
                what,
                levels,
                width,
                grown: true,
                after: Duration::from_millis(50),
            };
            let took = moment.kill();
            println!("{took:?}: {moment:?}");
        }
    }
}
