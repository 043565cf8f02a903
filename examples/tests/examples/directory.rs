//! Directories for one test.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use nix::unistd::mkdtemp;

/// Not named by this process: one that was killed has left its own behind, and pids come again.
pub(crate) fn new_directory() -> PathBuf {
    let template = std::env::temp_dir().join("tractor-test-XXXXXX");
    mkdtemp(&template).expect("a directory can be made")
}

/// A directory that is removed at the end of its test.
pub(crate) struct Directory(pub(crate) PathBuf);

impl Directory {
    pub(crate) fn new() -> Self {
        Self(new_directory())
    }

    pub(crate) fn write(&self, name: &[u8], content: &[u8]) -> PathBuf {
        let path = self.0.join(OsStr::from_bytes(name));
        fs::write(&path, content).expect("the directory is writable");
        path
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
