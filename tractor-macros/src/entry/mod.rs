//! `#[main]` and `#[test]`: the ways into the runtime.

mod check;
mod expand;
mod model;
mod parse;

use proc_macro2::TokenStream;

use self::model::Kind;
use crate::errors::Errors;
use crate::function::{Function, not_a_function};

pub(crate) fn main(args: TokenStream, item: &TokenStream) -> TokenStream {
    entry(Kind::Main, args, item)
}

pub(crate) fn test(args: TokenStream, item: &TokenStream) -> TokenStream {
    entry(Kind::Test, args, item)
}

fn entry(kind: Kind, args: TokenStream, item: &TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let settings = parse::settings(kind, args, &mut errors);
    let function = match syn::parse2::<Function>(item.clone()) {
        Ok(function) => function,
        Err(error) => {
            errors.extend(not_a_function(kind.written(), item, error));
            let errors = errors.into_tokens();
            return quote::quote!(#errors #item);
        }
    };
    let sound = check::function(kind, &function, &mut errors);
    let errors = errors.into_tokens();
    let entry = if sound {
        expand::entry(kind, &settings, function)
    } else {
        expand::stand_in(&function)
    };
    quote::quote!(#errors #entry)
}
