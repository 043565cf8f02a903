//! Files: directories that go away by themselves, and what lies in a directory.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use nix::unistd::mkdtemp;

/// A new directory that everybody can read; removed when dropped.
#[derive(Debug)]
pub struct TempDir(PathBuf);

impl TempDir {
    /// A new, empty directory.
    #[expect(clippy::new_without_default, reason = "it has an effect")]
    pub fn new() -> Self {
        // Not named by the process alone: one that was killed has left its own behind, and pids come again.
        let template = std::env::temp_dir().join("tractor-test-XXXXXX");
        let path = mkdtemp(&template).expect("a directory can be made");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("it is ours");
        Self(path)
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// A path in it.
    pub fn join(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Copies an executable into it under `name`.
    pub fn copy(&self, executable: &str, name: &str) -> PathBuf {
        let copy = self.join(name);
        fs::copy(executable, &copy).expect("the fixture can be copied");
        fs::set_permissions(&copy, fs::Permissions::from_mode(0o755)).expect("it is ours");
        copy
    }
}

impl Drop for TempDir {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The names in a directory.
pub fn names(path: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(path).expect("the directory can be read");
    entries
        .filter_map(|entry| Some(entry.ok()?.file_name().to_string_lossy().into_owned()))
        .collect()
}
