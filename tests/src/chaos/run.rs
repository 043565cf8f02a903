//! One run: the root is started, struck, waited for and judged.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::ORPHANED;
use super::log::{self, LOG, Line, Log};
use super::plan::{Fate, Plan, Strike};
use super::verdict::judge;
use super::verdict::story::Story;
use crate::GLANCE;
use crate::disk::TempDir;
use crate::fixture::{Fixture, Running};
use crate::process::{self, Process};

/// Longer than a run takes, on a machine that is busy with other things.
const LONGEST: Duration = Duration::from_secs(60);

/// Whoever is stopped goes on after this, unless somebody has ended it by then.
const STOPPED: Duration = Duration::from_millis(600);

/// What came of a run.
#[derive(Debug)]
pub struct Outcome {
    /// What was to happen.
    pub plan: Plan,
    /// What happened.
    pub lines: Vec<Line>,
    /// What should not have.
    pub complaints: Vec<String>,
}

impl Outcome {
    /// All of it, for a person who wants to know what went wrong.
    pub fn text(&self) -> String {
        format!(
            "{}\n\n{:#?}\n\n{}",
            self.complaints.join("\n"),
            self.plan,
            log::show(&self.lines)
        )
    }
}

/// A run that goes on.
struct Run {
    root: Running,
    log: Log,
    directory: TempDir,
    began: Instant,
    /// What is still to come, the next one last.
    blows: Vec<Blow>,
    complaints: Vec<String>,
}

/// A signal at its time.
#[derive(Debug, Clone, Copy)]
struct Blow {
    at: Duration,
    whom: Target,
    signal: Signal,
}

#[derive(Debug, Clone, Copy)]
enum Target {
    Root,
    /// One of those who are alive then.
    Anybody(u64),
    Process(u32),
}

/// Runs what `seed` means, with the fixture at `path`.
pub fn run(path: &str, seed: u64) -> Outcome {
    let plan = Plan::new(seed);
    let directory = TempDir::new();
    let file = directory.join("log");
    let fixture = Fixture::new(path).arg(seed.to_string()).env(LOG, &file);
    let mut run = Run {
        log: Log::open(&file),
        root: fixture.start(),
        directory,
        began: Instant::now(),
        blows: blows(&plan),
        complaints: Vec::new(),
    };
    let status = run.watch();
    run.await_orphans();
    run.judge(plan, status)
}

fn blows(plan: &Plan) -> Vec<Blow> {
    let strike = |&Strike {
                      after,
                      whom,
                      signal,
                  }: &Strike| Blow {
        at: Duration::from_millis(after),
        whom: Target::Anybody(whom),
        signal,
    };
    let mut blows: Vec<_> = plan.strikes.iter().map(strike).collect();
    let root = |after, signal| Blow {
        at: Duration::from_millis(after),
        whom: Target::Root,
        signal,
    };
    match plan.fate {
        Fate::Lives | Fate::Drops(_) => {}
        Fate::Interrupted(after) => blows.push(root(after, Signal::SIGTERM)),
        Fate::Killed(after) => blows.push(root(after, Signal::SIGKILL)),
    }
    blows.sort_by_key(|blow| std::cmp::Reverse(blow.at));
    blows
}

/// True of an actor that has come so far as to watch its parent: then it has the thread that does.
fn is_watched(pid: u32) -> bool {
    let Ok(tasks) = fs::read_dir(format!("/proc/{pid}/task")) else {
        return false;
    };
    tasks.flatten().any(|task| {
        let name = fs::read_to_string(task.path().join("comm"));
        name.is_ok_and(|name| name.starts_with("tractor-life"))
    })
}

/// Signals a process, which may have ended meanwhile.
fn send(pid: u32, signal: Signal) {
    let _ = kill(Pid::from_raw(pid.try_into().expect("a pid fits")), signal);
}

impl Run {
    /// Strikes until the root has ended; nothing when it does not.
    fn watch(&mut self) -> Option<ExitStatus> {
        loop {
            if let Some(status) = self.root.try_wait() {
                return Some(status);
            }
            let due = |blow: &mut Blow| blow.at <= self.began.elapsed();
            if let Some(blow) = self.blows.pop_if(due) {
                self.strike(blow);
            }
            if self.began.elapsed() > LONGEST {
                let tree = process::list(&self.root.members());
                self.complaints
                    .push(format!("C1: the root does not end:\n{tree}"));
                self.root.signal_group(Signal::SIGKILL);
                self.root.wait();
                return None;
            }
            thread::sleep(GLANCE);
        }
    }

    fn strike(&mut self, blow: Blow) {
        let Blow { whom, signal, .. } = blow;
        let pid = match whom {
            Target::Root => self.root.pid(),
            Target::Process(pid) => pid,
            Target::Anybody(number) => {
                let alive = self.alive();
                let Some(number) = number.checked_rem(alive.len() as u64) else {
                    return;
                };
                alive[usize::try_from(number).expect("it is an index")]
            }
        };
        let is_ours = |process: &Process| process.group == self.root.pid();
        if !Process::find(pid).is_some_and(|process| is_ours(&process)) {
            return;
        }
        // Before it happens, so that whatever follows from it comes after it.
        self.log.write("strike", &[&pid, &(signal as i32)]);
        send(pid, signal);
        if signal == Signal::SIGSTOP && (self.is_orphan(pid) || !is_watched(pid)) {
            // Whoever is stopped before it watches its parent, or in the moment in which that dies,
            // may stay so: `deadman.rs` of the library tells why. What is promised is the end of those
            // who are stopped in between.
            send(pid, Signal::SIGCONT);
        } else if signal == Signal::SIGSTOP {
            self.blows.push(Blow {
                at: self.began.elapsed() + STOPPED,
                whom: Target::Process(pid),
                signal: Signal::SIGCONT,
            });
            self.blows.sort_by_key(|blow| std::cmp::Reverse(blow.at));
        }
    }

    /// True of an actor whose parent has died, as far as the kernel has dealt with that.
    fn is_orphan(&self, pid: u32) -> bool {
        let parent = Process::find(pid).map(|process| process.parent);
        let is_ours = |parent: u32| {
            self.root
                .members()
                .iter()
                .any(|member| member.pid == parent)
        };
        pid != self.root.pid() && !parent.is_some_and(is_ours)
    }

    /// The actors below the root that have been born and have not ended.
    fn alive(&self) -> Vec<u32> {
        let members = self.root.descendants().into_iter();
        let alive: BTreeSet<_> = members
            .filter(|process| !process.is_zombie())
            .map(|process| process.pid)
            .collect();
        let lines = log::read(&self.directory.join("log")).into_iter();
        let born = lines
            .filter(|line| line.event == "born")
            .map(|line| line.pid);
        born.filter(|pid| alive.contains(pid)).collect()
    }

    /// Nothing outlives the root by long (S2).
    fn await_orphans(&mut self) {
        let ended = Instant::now();
        loop {
            self.root.reap_orphans();
            let left = self.root.members();
            if left.is_empty() {
                return;
            }
            if ended.elapsed() > ORPHANED {
                let left = process::list(&left);
                self.complaints
                    .push(format!("S2: the root was outlived by\n{left}"));
                self.root.signal_group(Signal::SIGKILL);
                self.root.wait_gone(LONGEST);
                return;
            }
            thread::sleep(GLANCE);
        }
    }

    fn judge(mut self, plan: Plan, status: Option<ExitStatus>) -> Outcome {
        let lines = log::read(&self.directory.join("log"));
        let orphans = self.root.orphans().iter().copied().collect();
        let root = status.map(word);
        if let Some(root) = &root
            && !may_end(plan.fate, root)
        {
            self.complaints
                .push(format!("S3: the root ended with {root}"));
        }
        let ended = self.root.finish();
        let story = Story::new(lines, orphans, root);
        self.complaints.extend(judge(&story));
        if !self.complaints.is_empty() {
            self.complaints.extend(ended.stderr);
        }
        Outcome {
            plan,
            lines: story.lines,
            complaints: self.complaints,
        }
    }
}

/// True when a root of this fate may end like that; one that is quick ends before its fate comes.
fn may_end(fate: Fate, status: &str) -> bool {
    match fate {
        Fate::Lives | Fate::Drops(_) => status == "code:0",
        // The signal itself, if that comes before the runtime is entered.
        Fate::Interrupted(_) => matches!(status, "code:0" | "code:143" | "signal:15"),
        Fate::Killed(_) => matches!(status, "code:0" | "signal:9"),
    }
}

fn word(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("code:{code}"),
        (None, signal) => format!("signal:{}", signal.unwrap_or_default()),
    }
}
