//! `#[rpc]`: a function that can be called in another process.

mod attrs;
mod check;
mod expand;
mod model;
mod owned;
mod parse;
mod stand_in;

use proc_macro2::TokenStream;
use quote::quote;

use crate::errors::Errors;
use crate::function::{Function, not_a_function};

pub(crate) fn rpc(args: TokenStream, item: &TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let krate = parse::args(args, &mut errors);
    let function = match syn::parse2::<Function>(item.clone()) {
        Ok(function) => function,
        Err(error) => {
            errors.extend(not_a_function("tractor::rpc", item, error));
            let errors = errors.into_tokens();
            return quote!(#errors #item);
        }
    };
    let expanded = match check::function(&function, &mut errors) {
        check::Verdict::Sound => expand::function(&krate, &model::Rpc::of(function)),
        check::Verdict::Unsound => stand_in::function(&krate, function),
        check::Verdict::Method => item.clone(),
    };
    let errors = errors.into_tokens();
    quote!(#errors #expanded)
}
