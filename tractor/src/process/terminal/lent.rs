//! The terminal of this process, in the hands of another one.

use std::fs::File;

use nix::libc::_POSIX_VDISABLE;
use nix::sys::signal::Signal;
use nix::sys::termios::{SetArg, SpecialCharacterIndices, Termios, tcgetattr, tcsetattr};
use nix::unistd::{Pid, getpgid, getpgrp, tcgetpgrp, tcsetpgrp};

use super::super::masked::Masked;

/// The terminal of this process, in the hands of another one until this is dropped.
///
/// The kernel stops a process that reads the terminal, or changes how it behaves, unless its process group
/// has the foreground. A group of its own therefore gets that for so long. A prompt has the terminal behave
/// otherwise, and sets it back; one that is killed cannot, and so that is done here.
#[derive(Debug)]
pub(super) struct Lent {
    terminal: File,
    /// How it behaved before; unknown where somebody else has it.
    modes: Option<Termios>,
    /// The group in the foreground, if it is not that of this process.
    apart: Option<Pid>,
}

impl Lent {
    /// Hands it to `holder`; `None` when there is none, or `holder` could not use it.
    pub(super) fn to(holder: Pid) -> Option<Self> {
        let terminal = File::open("/dev/tty").ok()?;
        let (group, mine) = (getpgid(Some(holder)).ok()?, getpgrp());
        // Where this group is in the background, a shell has the terminal. One that uses it nevertheless
        // is stopped with all of the group, as any job is, and continued with it.
        let has_foreground = tcgetpgrp(&terminal).ok()? == mine;
        let mut lent = Self {
            modes: has_foreground.then(|| tcgetattr(&terminal).ok()).flatten(),
            terminal,
            apart: None,
        };
        if group != mine {
            lent.set_apart(group)?;
        }
        Some(lent)
    }

    /// Gives the foreground to `group`; `None` when it is not this process' to give.
    fn set_apart(&mut self, group: Pid) -> Option<()> {
        let mut modes = self.modes.clone()?;
        // No shell would notice that the group is stopped by a key, and continue it.
        modes.control_chars[SpecialCharacterIndices::VSUSP as usize] = _POSIX_VDISABLE;
        tcsetattr(&self.terminal, SetArg::TCSANOW, &modes).ok()?;
        tcsetpgrp(&self.terminal, group).ok()?;
        self.apart = Some(group);
        Some(())
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let (now, mine) = (tcgetpgrp(&self.terminal).ok(), getpgrp());
        if now.is_none_or(|now| now != mine && Some(now) != self.apart) {
            // A shell has taken it back.
            return;
        }
        // In the background, where this process may be just now, it would be stopped for that.
        let _masked = Masked::new(Signal::SIGTTOU);
        // The terminal may be gone. Nobody waits until it has written all: it may be held up.
        if let Some(modes) = &self.modes {
            let _ = tcsetattr(&self.terminal, SetArg::TCSANOW, modes);
        }
        if self.apart.is_some() {
            let _ = tcsetpgrp(&self.terminal, mine);
        }
    }
}
