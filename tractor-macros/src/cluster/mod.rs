//! `cluster!`: a flat fleet of actors.

mod check;
mod expand;
mod model;
mod parse;

use proc_macro2::TokenStream;

use crate::errors::Errors;

pub(crate) fn cluster(input: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let cluster = parse::cluster(input, &mut errors);
    check::cluster(&cluster, &mut errors);
    expand::cluster(&cluster, errors)
}
