//! A cell that is played: where both sides write down what they see, and what they do to their links.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::PathBuf;

use nix::sys::socket::{Shutdown, shutdown};
use serde::{Deserialize, Serialize};
use tests::GLANCE;
use tests::actor::within;
use tractor::{CurrentCall, Error, current_call};

use crate::table::{How, When, Who};

/// One cell, as it is played.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Case {
    pub(crate) who: Who,
    pub(crate) how: How,
    pub(crate) when: When,
    /// Where both sides write down what they see.
    pub(crate) dir: PathBuf,
}

impl Case {
    pub(crate) fn note(&self, side: &str, what: impl Display) {
        let path = self.dir.join(side);
        let mut file = OpenOptions::new().create(true).append(true).open(path);
        let file = file.as_mut().expect("the directory is the test's");
        writeln!(file, "{what}").expect("there is room on the disk");
    }

    /// What a side has written down.
    pub(crate) fn notes(&self, side: &str) -> String {
        let notes = fs::read_to_string(self.dir.join(side)).unwrap_or_default();
        notes.lines().collect::<Vec<_>>().join("; ")
    }

    /// Resolves at the time of the ending.
    pub(crate) async fn come(&self) {
        within("the time has come", async {
            while self.notes("come").is_empty() {
                tokio::time::sleep(GLANCE).await;
            }
        })
        .await;
    }
}

/// Writes down how the code around it ends, unless that says so itself.
pub(crate) struct Witness {
    case: Case,
    side: &'static str,
    call: CurrentCall,
}

impl Witness {
    pub(crate) fn new(case: &Case, side: &'static str) -> Self {
        Self {
            case: case.clone(),
            side,
            call: current_call().expect("a handler answers a call"),
        }
    }

    pub(crate) fn ends(self, how: impl Display) {
        self.case.note(self.side, how);
        std::mem::forget(self);
    }
}

impl Drop for Witness {
    fn drop(&mut self) {
        let note = |how: &str| self.case.note(self.side, how);
        match self.call.cancellation() {
            _ if std::thread::panicking() => note("panicked"),
            Some(cancelled) => {
                let (by, reason) = (name(cancelled.canceller()), cancelled.reason());
                note(&format!("cancelled by {by}: {reason}"));
            }
            None => note("dropped"),
        }
    }
}

/// An actor's name, which is the same in every test.
fn name(aid: &tractor::Aid) -> &str {
    match aid.name() {
        root if root.starts_with("test-") => "root",
        name => name,
    }
}

pub(crate) fn told(error: &Error) -> String {
    match error {
        Error::Remote(error) if error.is_panic() => "panic".into(),
        Error::Remote(_) => "error".into(),
        Error::Cancelled(cancelled) => format!("cancelled by {}", name(cancelled.canceller())),
        Error::ActorDied(died) => format!("{} died", name(died.aid())),
        Error::Config(error) if error.to_string().contains("before it has started") => {
            "not started".into()
        }
        other => format!("{other}"),
    }
}

/// The descriptors of this process that are sockets, and which: the lowest first.
pub(crate) fn sockets() -> BTreeMap<i32, PathBuf> {
    let descriptors = fs::read_dir("/proc/self/fd").expect("/proc is mounted");
    descriptors
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let socket = fs::read_link(&path).ok()?;
            let descriptor = path.file_name()?.to_str()?.parse().ok()?;
            let is_socket = socket.to_str()?.starts_with("socket:");
            is_socket.then_some((descriptor, socket))
        })
        .collect()
}

/// Cuts the links that were not there `before`.
pub(crate) fn cut_since(before: &BTreeMap<i32, PathBuf>) {
    for (descriptor, socket) in sockets() {
        if before.values().all(|known| *known != socket) {
            shutdown(descriptor, Shutdown::Both).expect("it is connected");
        }
    }
}

/// Cuts the link to the parent, which a child has before any other socket.
pub(crate) fn cut_lifeline() {
    let (descriptor, _) = sockets().pop_first().expect("a child has a link");
    shutdown(descriptor, Shutdown::Both).expect("it is connected");
}
