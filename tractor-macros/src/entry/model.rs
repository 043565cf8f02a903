//! A way into the runtime, as data.

use crate::krate::Krate;
use crate::settings::Setting;

/// Which of the two attributes it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// `#[main]`
    Main,
    /// `#[test]`
    Test,
}

impl Kind {
    /// The attribute as the user knows it.
    pub(super) fn written(self) -> &'static str {
        match self {
            Self::Main => "tractor::main",
            Self::Test => "tractor::test",
        }
    }

    /// The settings that no children have.
    pub(super) fn own_keys(self) -> &'static [&'static str] {
        match self {
            Self::Main => &["name", "inspect"],
            // One process runs many tests: nobody looks into one of them.
            Self::Test => &["name"],
        }
    }

    /// What the function is.
    pub(super) fn noun(self) -> &'static str {
        match self {
            Self::Main => "main function",
            Self::Test => "test",
        }
    }
}

/// What the attribute says.
pub(super) struct Settings {
    pub(super) krate: Krate,
    pub(super) config: Vec<Setting>,
}
