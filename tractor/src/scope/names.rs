//! The names of a cluster's workers.

use std::collections::HashSet;

use crate::base::{ConfigError, Result};

/// Long enough for any name a person reads.
const MAX_LEN: usize = 64;

/// The workers' names: those that were given, or `worker_{i}`, as many as `count` says.
///
/// # Errors
///
/// When names and count do not match, or a name cannot be one.
pub(super) fn worker_names(
    count: Option<usize>,
    names: Option<Vec<String>>,
) -> Result<Vec<String>> {
    let names = match (count, names) {
        (Some(count), Some(names)) if count != names.len() => {
            let message = format!(
                "the cluster has `count: {count}` but {} names; give as many names, or leave one \
                 of the two out",
                names.len()
            );
            return Err(ConfigError::new(message).into());
        }
        (_, Some(names)) => names,
        (Some(count), None) => numbered(count),
        (None, None) => numbered(available_cores()),
    };
    if names.is_empty() {
        return Err(
            ConfigError::new("the cluster has no workers; `count` has to be at least 1").into(),
        );
    }
    let mut seen = HashSet::new();
    for name in &names {
        check_name(name)?;
        if !seen.insert(name.as_str()) {
            return Err(ConfigError::new(format!("two workers are named `{name}`")).into());
        }
    }
    Ok(names)
}

/// Refuses names that would not read well in a path, a log or `ps`.
pub(crate) fn check_name(name: &str) -> Result<()> {
    let problem = if name.is_empty() {
        "it is empty"
    } else if name.len() > MAX_LEN {
        "it is longer than 64 bytes"
    } else if name.contains(|c: char| c.is_control() || c.is_whitespace()) {
        "it contains white space or control characters"
    } else if name.contains(['.', '[', ']', '/']) {
        "it contains one of `.`, `[`, `]`, `/`"
    } else {
        return Ok(());
    };
    let message = format!("`{}` cannot name an actor: {problem}", name.escape_debug());
    Err(ConfigError::new(message).into())
}

/// The name of an actor that is there for one call of the function with this path.
pub(super) fn name_after(path: &str) -> &str {
    let function = path.rsplit("::").next().unwrap_or(path);
    &function[..function.floor_char_boundary(MAX_LEN)]
}

fn numbered(count: usize) -> Vec<String> {
    (0..count).map(|i| format!("worker_{i}")).collect()
}

/// The cores this process may use: affinity and cgroup quota are respected.
fn available_cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Option<Vec<String>> {
        Some(names.iter().map(|name| (*name).to_owned()).collect())
    }

    fn message(count: Option<usize>, given: Option<Vec<String>>) -> String {
        worker_names(count, given).expect_err("refused").to_string()
    }

    #[test]
    fn count_alone_numbers_the_workers() {
        assert_eq!(
            worker_names(Some(2), None).ok(),
            names(&["worker_0", "worker_1"])
        );
    }

    #[test]
    fn names_alone_give_the_count() {
        assert_eq!(
            worker_names(None, names(&["a", "b"])).ok(),
            names(&["a", "b"])
        );
    }

    #[test]
    fn neither_gives_one_worker_per_core() {
        assert_eq!(
            worker_names(None, None).map(|names| names.len()).ok(),
            Some(available_cores())
        );
    }

    #[test]
    fn mismatch_and_zero_are_refused() {
        assert!(message(Some(3), names(&["a"])).contains("`count: 3` but 1 names"));
        assert!(message(Some(0), None).contains("at least 1"));
        assert!(message(None, names(&[])).contains("at least 1"));
    }

    #[test]
    fn name_of_a_function_can_be_that_of_an_actor() {
        assert_eq!(name_after("app::workers::crunch"), "crunch");
        let long = format!("app::x{}", "ö".repeat(40));
        let name = name_after(&long);
        assert_eq!(name.len(), 63);
        assert!(check_name(name).is_ok());
    }

    #[test]
    fn bad_names_are_refused_with_the_reason() {
        assert!(message(None, names(&["a", "a"])).contains("two workers are named `a`"));
        assert!(message(None, names(&[""])).contains("empty"));
        assert!(message(None, names(&["a.b"])).contains("contains one of"));
        assert!(message(None, names(&["a\nb"])).contains("white space"));
        assert!(message(None, names(&["x".repeat(65).as_str()])).contains("64 bytes"));
    }
}
