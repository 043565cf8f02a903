//! What a tree of actors could have left behind on disk: nothing is what it may.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::disk::names;

/// Where temporary files, shared memory and sockets of all processes lie.
fn shared_places() -> Vec<PathBuf> {
    let mut places = vec![std::env::temp_dir()];
    places.extend(["/dev/shm", "/run/user/0"].map(PathBuf::from));
    places.retain(|place| place.is_dir());
    places
}

/// The files, directories and sockets that bear one of these marks: the name of a root, or the id
/// of its process in a name of tractor's.
pub fn of_root(root: &str, pid: u32) -> BTreeSet<String> {
    let pid = pid.to_string();
    // What the harness makes itself, and removes when the test is over.
    let ours = |name: &str| name.starts_with("tractor-test-");
    let marked = |name: &str| name.contains(root) || name.contains("tractor") && has(name, &pid);
    let places = shared_places();
    let files = places.iter().flat_map(|place| names(place));
    let sockets = fs::read_to_string("/proc/net/unix").unwrap_or_default();
    let sockets = sockets
        .lines()
        .filter_map(|line| line.split_whitespace().nth(7));
    files
        .chain(sockets.map(str::to_owned))
        .filter(|name| !ours(name) && marked(name))
        .collect()
}

/// Asserts that a fixture has left nothing in the directory that is its own for temporary files.
///
/// # Panics
///
/// When there is something.
pub fn assert_empty(temporary: &Path) {
    let left = names(temporary);
    assert!(left.is_empty(), "temporary files are left: {left:?}");
}

/// True when `number` stands in `name`, and is not a part of another number, which may be hexadecimal.
fn has(name: &str, number: &str) -> bool {
    name.split(|c: char| !c.is_ascii_alphanumeric())
        .any(|part| part == number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::TempDir;

    #[test]
    fn file_with_the_mark_of_a_root_is_found() {
        let dir = TempDir::new();
        let pid = std::process::id();
        let name = format!("tractor-{pid}-leftover");
        let path = std::env::temp_dir().join(&name);
        fs::write(&path, "").expect("it is a place for temporary files");
        let found = of_root("no-such-root", pid);
        fs::remove_file(&path).expect("it is ours");
        assert!(found.contains(&name), "{found:?}");
        drop(dir);
        assert!(!of_root("no-such-root", pid).contains(&name));
    }

    #[test]
    fn numbers_are_whole_ones() {
        assert!(has("tractor-12-x", "12") && has("12", "12"));
        assert!(!has("tractor-123", "12") && !has("x", "12"));
        assert!(!has("tractor-terminal-5ffad12d36094e28", "12"));
    }
}
