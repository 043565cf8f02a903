//! From a function to one that enters the runtime.

use proc_macro2::{Delimiter, Group, TokenStream};
use quote::{ToTokens, quote};
use syn::ReturnType;
use syn::ext::IdentExt;

use super::model::{Kind, Settings};
use crate::function::Function;
use crate::settings;
use crate::spans;

/// The function that runs the body as the root of a tree of actors.
///
/// The body goes into an inner function of the same name. An async closure would do as well, but
/// what rustc says of a wrong type in one is hard to read.
pub(super) fn entry(kind: Kind, settings: &Settings, function: Function) -> TokenStream {
    let private = settings.krate.private();
    let config = settings::config(&private, &settings.config);
    let Function {
        attrs,
        vis,
        mut sig,
        body,
    } = function;
    let name = sig.ident.unraw().to_string();
    let inner = quote!(#sig #body);
    sig.asyncness = None;

    // The runtime asks something of the return type: that is where to look when it is refused.
    let (asked, _) = spans::ends(&match &sig.output {
        ReturnType::Default => TokenStream::new(),
        ReturnType::Type(_, ty) => ty.to_token_stream(),
    });
    let ident = &sig.ident;
    let (enter, path) = match kind {
        Kind::Main => (quote!(#private::main), None),
        Kind::Test => {
            let path = quote!(::core::concat!(::core::module_path!(), "::", #name),);
            (quote!(#private::test), Some(path))
        }
    };
    let enter = spans::at(asked, enter);
    let mut arguments = Group::new(Delimiter::Parenthesis, quote!(#config, #path #ident));
    arguments.set_span(asked);
    let test = (kind == Kind::Test).then(|| quote!(#[::core::prelude::v1::test]));
    quote! {
        #test
        #(#attrs)*
        #vis #sig {
            #inner
            #enter #arguments
        }
    }
}

/// A function of the same name for one with mistakes, so that nobody misses it; the function itself
/// is kept inside, so that its body is checked all the same.
pub(super) fn stand_in(function: &Function) -> TokenStream {
    let (vis, name) = (&function.vis, &function.sig.ident);
    quote! {
        #vis fn #name() {
            #[allow(unused)]
            #function
        }
    }
}
