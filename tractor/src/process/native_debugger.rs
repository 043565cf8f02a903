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
        let mut command = Command::new(self.program);
        command
            .args(&self.args)
            .stdin(terminal.try_clone()?)
            .stdout(terminal.try_clone()?)
            .stderr(terminal);
        end_with_this_thread(&mut command);
        let _allowed = Tracers::allow();
        #[expect(
            clippy::disallowed_methods,
            reason = "it is no actor, and this thread waits for its end"
        )]
        let ended = command.status();
        match ended {
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

/// Has the kernel kill what `command` starts when this thread ends before it, by the end of the process: it
/// must not keep the terminal.
#[cfg(any(target_os = "linux", target_os = "android"))]
#[expect(
    unsafe_code,
    reason = "only the caller knows what may be done in a process that is forked"
)]
fn end_with_this_thread(command: &mut Command) {
    use nix::sys::prctl::set_pdeathsig;
    use nix::sys::signal::Signal;
    use nix::unistd::{getpid, getppid};
    use std::os::unix::process::CommandExt;

    let this = getpid();
    let follow = move || {
        set_pdeathsig(Signal::SIGKILL)?;
        // It may have ended before that.
        match getppid() == this {
            true => Ok(()),
            false => Err(io::ErrorKind::BrokenPipe.into()),
        }
    };
    // SAFETY: it makes system calls, and does nothing else.
    unsafe { command.pre_exec(follow) };
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn end_with_this_thread(_command: &mut Command) {}

/// Lets processes of this user trace this one until it is dropped, also where the kernel reserves that to those
/// above it.
struct Tracers;

impl Tracers {
    fn allow() -> Self {
        set_tracers(PTRACER_ANY);
        Self
    }
}

impl Drop for Tracers {
    fn drop(&mut self) {
        set_tracers(0);
    }
}

#[cfg(target_os = "linux")]
const PTRACER_ANY: libc::c_ulong = libc::PR_SET_PTRACER_ANY as libc::c_ulong;

#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "there is no safe way to say that")]
fn set_tracers(who: libc::c_ulong) {
    // SAFETY: it touches no memory. A kernel without this restriction does not know of it.
    unsafe { libc::prctl(libc::PR_SET_PTRACER, who) };
}

#[cfg(not(target_os = "linux"))]
const PTRACER_ANY: u64 = u64::MAX;

#[cfg(not(target_os = "linux"))]
fn set_tracers(_who: u64) {}
