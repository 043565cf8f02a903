//! A list of modules, as data.

use proc_macro2::TokenStream;
use syn::Path;

/// One module of a list.
pub(super) struct Module {
    /// The path, as it was written and without spaces.
    pub(super) written: String,
    /// The path, with its spans.
    pub(super) tokens: TokenStream,
    pub(super) place: Place,
}

/// Which module a path means.
pub(super) enum Place {
    /// `self`, `super::..` or both: up so many modules from here, and down this path.
    Here { up: usize, rest: String },
    /// `crate::..`: down this path from the crate's root.
    Root { rest: String },
    /// A path that begins with a name: of a child of this module, or of another crate.
    ChildOrCrate { path: String },
    /// `::..`: in another crate.
    Crate { path: String },
    /// `module_of(path)`: the one in which the function at this path is written.
    Of { function: Path },
}

impl Place {
    /// False when the module is there without any doubt, as far as its path tells.
    pub(super) fn needs_proof(&self) -> bool {
        match self {
            Self::Here { up, rest } => *up > 0 || !rest.is_empty(),
            Self::Root { rest } => !rest.is_empty(),
            Self::ChildOrCrate { .. } | Self::Crate { .. } => true,
            Self::Of { .. } => false,
        }
    }

    /// How many modules it can be.
    pub(super) fn candidates(&self) -> usize {
        match self {
            Self::ChildOrCrate { .. } => 2,
            _ => 1,
        }
    }
}
