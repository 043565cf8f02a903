//! A process of its own for one sample.

use std::os::unix::process::CommandExt;
use std::process::{Command, Output, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use crate::answer::LIAR;
use crate::sample::Sample;
use crate::tournament::Entry;

/// After this long nothing will come any more.
const PATIENCE: Duration = Duration::from_secs(60);

/// One sample that is to be taken.
pub(crate) struct Trial {
    pub(crate) entry: Entry,
    pub(crate) quick: bool,
    /// Whether all answers are to be wrong.
    pub(crate) liar: bool,
}

impl Trial {
    /// Takes it; fails if the process does, for instance because an answer is wrong.
    pub(crate) fn run(&self) -> Result<Sample> {
        let output = output_in_time(&mut self.command())?;
        let complaint = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{}", complaint.trim());
        let sample = serde_json::from_slice(&output.stdout);
        sample.with_context(|| format!("no sample; {}", complaint.trim()))
    }

    fn command(&self) -> Command {
        let mut command = Command::new("/proc/self/exe");
        command.arg("sample").arg(self.entry.contestant.name);
        command.arg(self.entry.workload.name());
        if self.quick {
            command.arg("--quick");
        }
        if self.liar {
            command.env(LIAR, "1");
        }
        command.envs(self.entry.contestant.environment.iter().copied());
        command
    }
}

fn output_in_time(command: &mut Command) -> Result<Output> {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    // Whatever it starts goes with it.
    command.process_group(0);
    #[expect(clippy::disallowed_methods, reason = "it is not an actor")]
    let child = command.spawn()?;
    let group = Pid::from_raw(child.id().try_into()?);
    let (sender, receiver) = mpsc::channel();
    let waiting = std::thread::spawn(move || {
        // Nobody receives it when it is too late.
        let _ = sender.send(child.wait_with_output());
    });
    let Ok(output) = receiver.recv_timeout(PATIENCE) else {
        killpg(group, Signal::SIGKILL)?;
        let _ = waiting.join();
        bail!("nothing for {PATIENCE:?}");
    };
    Ok(output?)
}
