//! What a child's process is given by the kernel, from its first instruction on.

use std::fs;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;

use super::stdio::Stdio;
use super::{core, group};

/// What a child's process is given by the kernel; by default all of it is the spawner's.
///
/// Cloned for every start of a child.
#[derive(Debug, Clone, Default)]
pub(crate) struct Attributes {
    pub(crate) cwd: Option<PathBuf>,
    pub(crate) stdout: Stdio,
    pub(crate) stderr: Stdio,
    /// True of the leader of a process group, which ends with it.
    pub(crate) process_group: bool,
    pub(crate) core: Option<usize>,
}

impl Attributes {
    /// Gives them to what `command` starts; all but stdout, which depends on the image.
    ///
    /// None of it costs the `posix_spawn` of std: a group is one of its flags, and a directory one
    /// of its actions where the C library has `posix_spawn_file_actions_addchdir_np` (glibc 2.29,
    /// musl, macOS 10.15, FreeBSD 13.1). With an older one std forks instead.
    pub(super) fn apply(&self, command: &mut Command) -> io::Result<()> {
        command.stderr(self.stderr.for_command()?);
        if let Some(cwd) = &self.cwd {
            command.current_dir(cwd);
        }
        if self.process_group {
            group::check_support()?;
            command.process_group(0);
        }
        Ok(())
    }

    /// Pins this thread, and with it the child that it starts.
    ///
    /// From outside, as every thread of the child inherits it, also those that are there before
    /// the child knows what it is; and for a core that cannot be had there is no child to fail.
    pub(super) fn pin_this_thread(&self) -> io::Result<()> {
        self.core.map_or(Ok(()), core::pin_this_thread)
    }

    /// The kernel says the same of a directory that is missing as of a program that is.
    pub(super) fn explain(&self, error: io::Error) -> io::Error {
        let Some(cwd) = &self.cwd else {
            return error;
        };
        // The dot has to be looked up in it, which takes what entering it takes.
        let entered = fs::metadata(cwd).and_then(|_| fs::metadata(cwd.join(".")));
        match entered {
            Ok(_) => error,
            Err(refused) => {
                io::Error::other(format!("cannot enter `{}`: {refused}", cwd.display()))
            }
        }
    }
}
