//! From a list of modules to an expression.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::model::{Module, Place};
use crate::errors::Errors;
use crate::krate::Krate;
use crate::spans;

/// The expression of the list's value; of one that exposes everything when there are mistakes, so
/// that no call is a mistake of its own.
pub(super) fn list(krate: &Krate, list: &[Module], errors: Errors) -> TokenStream {
    let private = krate.private();
    if errors.len() > 0 {
        let errors = errors.into_tokens();
        return quote!({ #errors #private::modules_in_error() });
    }
    let proofs = list.iter().filter_map(proof);
    let listed = list.iter().map(|module| listed(&private, module));
    let types = types(&private, list);
    quote!({
        #(#proofs)*
        const LISTED: &[#private::Listed] = &[#(#listed),*];
        #private::Modules::<#types>::new(LISTED)
    })
}

/// An import that rustc refuses when the module does not exist.
fn proof(module: &Module) -> Option<TokenStream> {
    let path = &module.tokens;
    let (_, last) = spans::ends(path);
    let itself = spans::at(last, quote!({ self as _ }));
    module.place.needs_proof().then(|| {
        quote! {
            #[allow(unused_imports)]
            use #path::#itself;
        }
    })
}

/// The module, for run time.
fn listed(private: &TokenStream, Module { written, place, .. }: &Module) -> TokenStream {
    let here = quote!(::core::module_path!());
    let path = quote!(#private::ModulePath);
    let candidates = match place {
        Place::Here { up: 0, rest } => quote!(#path::below(#here, #rest)),
        Place::Here { up, rest } => quote!(#path::below_parent(#here, #up, #rest)),
        Place::Root { rest } => quote!(#path::below_root(#here, #rest)),
        Place::ChildOrCrate { path: name } => {
            quote!(#path::below(#here, #name), #path::absolute(#name))
        }
        Place::Crate { path: name } => quote!(#path::absolute(#name)),
        Place::Of { function } => quote!(#path::absolute(<#function as #private::Rpc>::MODULE)),
    };
    quote!(#private::Listed::new(#written, &[#candidates]))
}

/// The list, as a type.
fn types(private: &TokenStream, list: &[Module]) -> TokenStream {
    let mut types = quote!(#private::Nil);
    for (at, module) in list.iter().enumerate().rev() {
        for candidate in (0..module.place.candidates()).rev() {
            let id = id(private, module, at, candidate);
            types = quote!(#private::Cons<#private::ModuleId<{ #id }>, #types>);
        }
    }
    types
}

/// The constant that is the module's id, or the mistake of having listed it before by another path.
fn id(private: &TokenStream, module: &Module, at: usize, candidate: usize) -> TokenStream {
    let (first, last) = spans::ends(&module.tokens);
    let function = spans::at(first, quote!(#private::id));
    let (at, candidate) = (
        Literal::usize_suffixed(at),
        Literal::usize_suffixed(candidate),
    );
    let twice = format!("module `{}` is listed twice", module.written);
    let arguments = spans::at(last, quote!((LISTED, #at, #candidate, #twice)));
    quote!(#function #arguments)
}
