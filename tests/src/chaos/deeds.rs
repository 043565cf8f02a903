//! What the handlers of a run do: what is asked of them, and what they log of it.

use std::any::type_name;
use std::future::pending;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, raise};
use serde::{Deserialize, Serialize};
use tokio::time::sleep;

use super::log::{self, write};
use super::plan::Deed;
use crate::GLANCE;
use crate::process::Process;

/// What an actor does in its drop before it is killed, when everything goes well.
pub const PATIENT: Duration = Duration::from_secs(3);

/// What a deed fails with.
#[derive(Debug, Serialize, Deserialize, thiserror::Error)]
#[error("fault {id}")]
pub struct Fault {
    /// The call that failed.
    pub id: u64,
    #[source]
    cause: Cause,
}

#[derive(Debug, Serialize, Deserialize, thiserror::Error)]
#[error("cause {id}")]
struct Cause {
    id: u64,
    #[source]
    root: RootCause,
}

#[derive(Debug, Serialize, Deserialize, thiserror::Error)]
#[error("root cause {id}")]
struct RootCause {
    id: u64,
}

impl Fault {
    /// What the call `id` fails with, now.
    pub fn new(id: u64) -> Self {
        write("failing", &[&id]);
        Self::of(id)
    }

    /// An item of a stream that is an error; `id` is its own.
    pub fn item(id: u64) -> Self {
        write("faulty", &[&id]);
        Self::of(id)
    }

    fn of(id: u64) -> Self {
        let root = RootCause { id };
        Self {
            id,
            cause: Cause { id, root },
        }
    }

    /// The name of the type, as an error has it that comes from another actor.
    pub fn type_name() -> &'static str {
        type_name::<Self>()
    }

    /// The text of the fault of the call `id`.
    pub fn text(id: u64) -> String {
        format!("fault {id}")
    }

    /// The texts of its sources.
    pub fn chain(id: u64) -> String {
        format!("cause {id}; root cause {id}")
    }

    /// The text of a panic of the call `id`.
    pub fn panic(id: u64) -> String {
        format!("panic {id}")
    }
}

/// A handler that runs here.
#[derive(Debug)]
pub struct Begun(u64);

impl Begun {
    /// The handler of the call `id` begins.
    pub fn new(id: u64) -> Self {
        write("begun", &[&id]);
        Self(id)
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        write("ended", &[&self.0]);
    }
}

/// Does a deed; gives back what it was given.
#[tractor::rpc]
pub async fn act(id: u64, deed: Deed, load: String) -> Result<String, Fault> {
    let _begun = Begun::new(id);
    match deed {
        Deed::Naps | Deed::Dropped(_) => pending::<()>().await,
        Deed::Returns(0) | Deed::Floods(_) => {}
        Deed::Returns(millis) => after(millis).await,
        Deed::Fails(millis) => {
            after(millis).await;
            return Err(Fault::new(id));
        }
        Deed::Panics(millis) => {
            after(millis).await;
            write("failing", &[&id]);
            panic!("{}", Fault::panic(id));
        }
        Deed::Dies(millis, signal) => {
            after(millis).await;
            write("dying", &[&format!("signal:{signal}")]);
            raise_it(Signal::try_from(signal).expect("a signal"));
            pending::<()>().await;
        }
        Deed::Exits(millis, code) => {
            after(millis).await;
            write("dying", &[&format!("code:{code}")]);
            exit(code);
        }
        Deed::Hogs(millis) => std::thread::sleep(Duration::from_millis(millis)),
        #[expect(clippy::empty_loop, reason = "that is what is tested")]
        Deed::Spins => loop {},
        Deed::Stops(millis) => {
            after(millis).await;
            raise_it(Signal::SIGSTOP);
        }
    }
    Ok(load)
}

/// Waits until the handlers of other calls have begun, wherever that is, then fails.
#[tractor::rpc]
pub async fn fail_after(id: u64, others: Vec<u64>) -> Result<(), Fault> {
    let _begun = Begun::new(id);
    while !others.iter().all(|&other| handler(other).is_some()) {
        sleep(GLANCE).await;
    }
    Err(Fault::new(id))
}

/// When it is dropped, it does not let its process end before the handler of another call has.
#[tractor::rpc]
pub async fn outlast(id: u64, other: u64) {
    struct Guard(u64);

    impl Drop for Guard {
        fn drop(&mut self) {
            let began = Instant::now();
            while handler(self.0).is_some_and(|ended| !ended) {
                if began.elapsed() > PATIENT {
                    write("late", &[&self.0]);
                    return;
                }
                std::thread::sleep(GLANCE);
            }
        }
    }

    let _guard = Guard(other);
    let _begun = Begun::new(id);
    pending::<()>().await;
}

/// Whether the handler of a call has ended, or its process has; `None` when it never began.
fn handler(id: u64) -> Option<bool> {
    let id = id.to_string();
    let mut lines = log::read_own();
    lines.retain(|line| line.word(0) == id);
    let begun = lines.iter().find(|line| line.event == "begun")?;
    let ended = lines.iter().any(|line| line.event == "ended");
    let alive = Process::find(begun.pid).is_some_and(|process| !process.is_zombie());
    Some(ended || !alive)
}

async fn after(millis: u64) {
    sleep(Duration::from_millis(millis)).await;
}

fn raise_it(signal: Signal) {
    raise(signal).expect("a process can signal itself");
}

#[expect(clippy::disallowed_methods, reason = "that is what is tested")]
fn exit(code: i32) {
    std::process::exit(code)
}
