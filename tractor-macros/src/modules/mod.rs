//! `modules!`: the modules whose functions an actor answers.

mod expand;
mod model;
mod parse;

use proc_macro2::TokenStream;

use crate::errors::Errors;
use crate::krate::Krate;

pub(crate) fn modules(input: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let (krate, list) = parse::invocation(input, &mut errors);
    expand::list(&krate, &list, errors)
}

/// The list `modules`, as the macro of another name has found it among its own settings.
pub(crate) fn nested(modules: TokenStream, krate: &Krate) -> TokenStream {
    let mut errors = Errors::default();
    let list = parse::list(modules, &mut errors);
    expand::list(krate, &list, errors)
}
