//! The path under which generated code finds the `tractor` crate.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Path;

/// The path of the `tractor` crate: `::tractor` unless the setting `crate` says otherwise.
pub(crate) struct Krate {
    path: Path,
}

impl Default for Krate {
    fn default() -> Self {
        Self::at(syn::parse_quote!(::tractor))
    }
}

impl Krate {
    /// The crate found at `path`.
    pub(crate) fn at(path: Path) -> Self {
        Self { path }
    }

    /// The path of the crate's module for generated code.
    pub(crate) fn private(&self) -> TokenStream {
        let path = &self.path;
        quote!(#path::__private)
    }
}
