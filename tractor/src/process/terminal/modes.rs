//! How the terminal behaves.

use std::fs::File;
use std::sync::Arc;

use nix::sys::termios::{SetArg, Termios, tcgetattr, tcsetattr};

/// How the terminal of this process behaved when it was looked at.
///
/// A prompt has it behave otherwise, and sets it back; one that is killed cannot.
#[derive(Debug, Clone)]
pub(super) struct Modes(Option<(Arc<File>, Termios)>);

impl Modes {
    /// As it behaves now. Without a terminal there is nothing to restore.
    pub(super) fn now() -> Self {
        let terminal = File::open("/dev/tty").ok();
        Self(terminal.and_then(|terminal| {
            let modes = tcgetattr(&terminal).ok()?;
            Some((Arc::new(terminal), modes))
        }))
    }

    /// Has it behave like that again.
    pub(super) fn restore(&self) {
        if let Some((terminal, modes)) = &self.0 {
            // It may be gone.
            let _ = tcsetattr(terminal, SetArg::TCSADRAIN, modes);
        }
    }
}
