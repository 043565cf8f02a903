//! A cluster, as data.

use proc_macro2::TokenStream;
use syn::{Expr, Ident};

use crate::krate::Krate;
use crate::settings::Setting;

/// A cluster as it was written, without what could not be understood.
pub(super) struct Cluster {
    pub(super) krate: Krate,
    /// What stands between the brackets of `modules: [..]`.
    pub(super) modules: Option<TokenStream>,
    pub(super) count: Option<Keyed>,
    pub(super) names: Option<Keyed>,
    pub(super) hard_kill: Option<Keyed>,
    pub(super) restart: Option<Keyed>,
    /// What else is said about restarts.
    pub(super) restarts: Vec<Keyed>,
    /// The settings of the actors.
    pub(super) config: Vec<Setting>,
}

/// A value with its key.
pub(super) struct Keyed {
    pub(super) key: Ident,
    pub(super) value: Expr,
}
