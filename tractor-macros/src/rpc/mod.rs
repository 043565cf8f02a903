//! `#[rpc]` and `#[context]`: functions that can be called in another process.

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
    expand(Attribute::Rpc, args, item)
}

pub(crate) fn context(args: TokenStream, item: &TokenStream) -> TokenStream {
    expand(Attribute::Context, args, item)
}

/// Which of the attributes stands on a function.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Attribute {
    Rpc,
    Context,
}

impl Attribute {
    /// The attribute, as it is written.
    fn path(self) -> &'static str {
        match self {
            Self::Rpc => "tractor::rpc",
            Self::Context => "tractor::context",
        }
    }

    /// What it makes of a function.
    fn noun(self) -> &'static str {
        match self {
            Self::Rpc => "rpc function",
            Self::Context => "context function",
        }
    }
}

fn expand(attribute: Attribute, args: TokenStream, item: &TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let krate = parse::args(attribute, args, &mut errors);
    let function = match syn::parse2::<Function>(item.clone()) {
        Ok(function) => function,
        Err(error) => {
            errors.extend(not_a_function(attribute.path(), item, error));
            let errors = errors.into_tokens();
            return quote!(#errors #item);
        }
    };
    let expanded = match check::function(attribute, &function, &mut errors) {
        check::Verdict::Sound => expand::function(&krate, &model::Rpc::of(attribute, function)),
        check::Verdict::Unsound => stand_in::function(&krate, attribute, function),
        check::Verdict::Method => item.clone(),
    };
    let errors = errors.into_tokens();
    quote!(#errors #expanded)
}
