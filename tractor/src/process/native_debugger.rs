//! gdb or lldb at this process.

use std::fs::OpenOptions;
use std::io;
use std::process::Command;

use nix::libc;

/// A debugger of native code, to be attached to a process.
#[derive(Debug)]
pub(crate) struct NativeDebugger {
    program: &'static str,
    args: Vec<String>,
}

impl NativeDebugger {
    /// gdb at `thread` of the process `pid`.
    pub(crate) fn gdb(pid: u32, thread: i32) -> Self {
        let switch = format!(
            "python [t.switch() for t in gdb.selected_inferior().threads() if t.ptid[1] == {thread}]"
        );
        let args = ["-q", "-p", &pid.to_string(), "-ex", &switch];
        Self {
            program: "gdb",
            args: args.map(str::to_owned).into(),
        }
    }

    /// lldb at `thread` of the process `pid`.
    pub(crate) fn lldb(pid: u32, thread: i32) -> Self {
        let switch = format!("thread select -t {thread}");
        let args = ["-p", &pid.to_string(), "-o", &switch];
        Self {
            program: "lldb",
            args: args.map(str::to_owned).into(),
        }
    }

    /// Runs it at the terminal, until it is quit.
    ///
    /// # Errors
    ///
    /// When it cannot be started, with what to do about that.
    pub(crate) fn run(&self) -> io::Result<()> {
        let terminal = OpenOptions::new().read(true).write(true).open("/dev/tty")?;
        allow_tracers();
        let mut command = Command::new(self.program);
        command
            .args(&self.args)
            .stdin(terminal.try_clone()?)
            .stdout(terminal.try_clone()?)
            .stderr(terminal);
        match command.status() {
            Ok(_) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let program = self.program;
                let reason = format!("there is no `{program}`: install it, and try again");
                Err(io::Error::new(io::ErrorKind::NotFound, reason))
            }
            Err(error) => Err(error),
        }
    }
}

/// Lets processes of this user trace this one, also where the kernel reserves that to those above it.
#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "there is no safe way to say that")]
fn allow_tracers() {
    // SAFETY: it touches no memory. A kernel without this restriction does not know of it.
    unsafe { libc::prctl(libc::PR_SET_PTRACER, libc::PR_SET_PTRACER_ANY) };
}

#[cfg(not(target_os = "linux"))]
fn allow_tracers() {}
