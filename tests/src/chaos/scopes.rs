//! Scopes of a run, and what is left of one when it has ended.

use std::thread;
use std::time::{Duration, Instant};

use tractor::{
    Aid, ExitReport, ExitStatus, Nursery, NurseryBuilder, Restart, Result, current_actor,
};

use super::calls::{kind_of, tell};
use super::log::{fresh_id, write};
use super::plan::Strategy;
use super::{BACKOFF, LONGEST_BACKOFF, MAX_RESTARTS, OWED};
use crate::GLANCE;
use crate::process::{self, Process};

/// A scope that is watched.
#[derive(Debug)]
pub struct Watch {
    id: u64,
    owner: Aid,
    names: Vec<String>,
    report: Option<ExitReport>,
}

/// A nursery with the strategy.
pub fn nursery(strategy: Strategy) -> NurseryBuilder {
    let restart = match strategy {
        Strategy::Never => Restart::Never,
        Strategy::OneForOne => Restart::OneForOne,
        Strategy::OneForAll => Restart::OneForAll,
        Strategy::RestForOne => Restart::RestForOne,
    };
    tractor::nursery()
        .restart(restart)
        .max_restarts(MAX_RESTARTS)
        // Longer than a run: every restart counts.
        .restart_window(Duration::from_secs(600))
        .restart_backoff(BACKOFF..=LONGEST_BACKOFF)
}

/// Opens a scope for the actors `names`, and logs how it ends.
///
/// # Errors
///
/// What the scope fails with.
pub async fn scope<T>(
    nursery: NurseryBuilder,
    strategy: Strategy,
    names: Vec<String>,
    body: impl AsyncFnOnce(Nursery) -> Result<T>,
) -> Result<T> {
    let mut watch = Watch::open(strategy, names);
    let seen = &mut watch.report;
    let result = nursery
        .scope(async move |an| {
            *seen = Some(an.report());
            body(an).await
        })
        .await;
    watch.closed(&result);
    result
}

impl Watch {
    /// A scope is about to be opened.
    pub fn open(strategy: Strategy, names: Vec<String>) -> Self {
        let id = fresh_id();
        write("open", &[&id, &format!("{strategy:?}"), &names.join(" ")]);
        Self {
            id,
            owner: current_actor().aid().clone(),
            names,
            report: None,
        }
    }

    /// It has a report.
    pub fn reports(&mut self, report: ExitReport) {
        self.report = Some(report);
    }

    /// It has ended.
    pub fn closed<T>(mut self, result: &Result<T>) {
        // At once: what is left now has outlived its scope (S1), as the kernel tells it.
        for process in children() {
            write("left", &[&self.id, &process.pid, &process.state]);
        }
        let outcome = match result {
            Ok(_) => "ok",
            Err(error) => {
                tell(self.id, error);
                kind_of(error)
            }
        };
        // A cluster that could not be started never gave its body a report.
        let reported = self.report.is_some();
        let report = self.report.take().unwrap_or_default();
        tell_exits(self.id, &report);
        for failure in report.failures() {
            write("failure", &[&self.id, &kind_of(&failure), &failure]);
        }
        write("closed", &[&self.id, &outcome, &reported]);
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let Some(report) = self.report.take() else {
            return;
        };
        // The scope was dropped, and goes on in the background. So does the watch, in a thread that
        // keeps nobody from ending.
        write("abandoned", &[&self.id]);
        let (id, owner, names) = (self.id, self.owner.clone(), std::mem::take(&mut self.names));
        thread::spawn(move || settle(id, &owner, &names, &report));
    }
}

/// Waits until the actors of a scope that was dropped are reaped and recorded.
fn settle(id: u64, owner: &Aid, names: &[String], report: &ExitReport) {
    let marks: Vec<_> = names
        .iter()
        .map(|name| format!("tractor-child[{}.{name}]", owner.path()))
        .collect();
    let is_ours = |process: &Process| marks.iter().any(|mark| process.command.contains(mark));
    let mut seen = Vec::new();
    let began = Instant::now();
    loop {
        let children = children();
        let ours = children.iter().filter(|process| is_ours(process));
        seen.extend(ours.map(|process| process.pid));
        let exits = report.exits();
        let recorded = |pid: &u32| exits.iter().any(|exit| exit.aid().pid() == *pid);
        seen.sort_unstable();
        seen.dedup();
        let there = |pid: &u32| children.iter().any(|process| process.pid == *pid);
        let open: Vec<_> = seen
            .iter()
            .filter(|pid| there(pid) || !recorded(pid))
            .collect();
        if open.is_empty() {
            tell_exits(id, report);
            write("settled", &[&id]);
            return;
        }
        if began.elapsed() > OWED {
            write("unsettled", &[&id, &format!("{open:?}")]);
            return;
        }
        thread::sleep(4 * GLANCE);
    }
}

/// The children of this process, zombies included.
pub fn children() -> Vec<Process> {
    let me = std::process::id();
    let mut children = process::all();
    children.retain(|process| process.parent == me);
    children
}

fn tell_exits(id: u64, report: &ExitReport) {
    for exit in report.exits() {
        let status = match exit.status() {
            ExitStatus::Code(code) => format!("code:{code}"),
            ExitStatus::Signal(signal) => format!("signal:{signal}"),
            _ => "unknown".to_owned(),
        };
        write("exit", &[&id, &exit.aid().pid(), &exit.rung(), &status]);
    }
}
