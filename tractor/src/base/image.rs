//! The running image, and how to start it once more.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

/// Stands in the name (`argv[0]`) of every child: `quick_cluster tractor-child[root.worker_0]`.
///
/// The name is what tells a child that it is one, because nothing inherits it: an environment
/// variable would reach the processes that users start from handlers.
const MARK: &[u8] = b" tractor-child[";

/// What to execute for a child.
#[derive(Debug, Clone)]
pub(crate) struct Image {
    program: PathBuf,
    args: Vec<OsString>,
    hand_stdout_over: bool,
}

impl Image {
    /// This program with the arguments it was given, so that a child which parses them before it
    /// enters the runtime finds what the root found.
    pub(crate) fn of_this_program() -> Self {
        Self {
            program: running_image(),
            args: std::env::args_os().skip(1).collect(),
            hand_stdout_over: false,
        }
    }

    /// This program as a child was started with it.
    pub(crate) fn of_this_child(hand_stdout_over: bool) -> Self {
        Self {
            hand_stdout_over,
            ..Self::of_this_program()
        }
    }

    /// This test binary, told to run exactly `test`.
    ///
    /// The harness writes its own lines to stdout before the test begins; they go nowhere, and
    /// the child gets the real stdout over the link.
    pub(crate) fn of_this_test(test: &str) -> Self {
        let args = [
            test,
            "--exact",
            "--nocapture",
            "--include-ignored",
            "--test-threads=1",
        ];
        Self {
            program: running_image(),
            args: args.map(OsString::from).into(),
            hand_stdout_over: true,
        }
    }

    pub(crate) fn program(&self) -> &Path {
        &self.program
    }

    pub(crate) fn args(&self) -> &[OsString] {
        &self.args
    }

    /// True when stdout is handed over the link instead of being inherited.
    pub(crate) fn hands_stdout_over(&self) -> bool {
        self.hand_stdout_over
    }

    /// The `argv[0]` of a child: what `ps` shows.
    pub(crate) fn child_name(path: &str) -> OsString {
        let own = own_name().unwrap_or_default();
        let own = own.as_bytes();
        let program = find(own, MARK).map_or(own, |at| &own[..at]);
        let program = program
            .rsplit(|byte| *byte == b'/')
            .next()
            .unwrap_or(program);
        OsString::from_vec([program, MARK, path.as_bytes(), b"]"].concat())
    }

    /// True when this process was started by tractor.
    pub(crate) fn is_child() -> bool {
        own_name().is_some_and(|name| is_child_name(&name))
    }
}

/// The image that is running, whatever has become of its file: a link of the kernel that stays
/// good when the file is replaced or deleted.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn running_image() -> PathBuf {
    PathBuf::from("/proc/self/exe")
}

/// Elsewhere only the path is known; replacing the file during a run changes later children.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn running_image() -> PathBuf {
    std::env::current_exe().unwrap_or_else(|_| own_name().unwrap_or_default().into())
}

fn own_name() -> Option<OsString> {
    std::env::args_os().next()
}

fn is_child_name(name: &OsStr) -> bool {
    name.as_bytes().ends_with(b"]") && find(name.as_bytes(), MARK).is_some()
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack
        .windows(needle.len())
        .position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn child_name_is_recognised() {
        let name = Image::child_name("root.worker_0");
        assert!(
            name.to_string_lossy()
                .ends_with(" tractor-child[root.worker_0]")
        );
        assert!(is_child_name(&name));
    }

    #[test]
    fn ordinary_names_are_no_children() {
        for name in ["app", "", "tractor-child[x]", "app tractor-child[x", "a]"] {
            assert!(!is_child_name(OsStr::new(name)), "{name}");
        }
    }
}
