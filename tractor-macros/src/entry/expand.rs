//! From a function to one that enters the runtime.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::ReturnType;
use syn::ext::IdentExt;

use super::model::{Kind, Settings};
use crate::function::Function;
use crate::settings;
use crate::spans;

/// The function that runs the body as the root of a tree of actors.
pub(super) fn entry(kind: Kind, settings: &Settings, function: Function) -> TokenStream {
    let private = settings.krate.private();
    let config = settings::config(&private, &settings.config);
    let Function {
        attrs,
        vis,
        mut sig,
        body,
    } = function;
    sig.asyncness = None;
    let (name, output) = (sig.ident.unraw().to_string(), &sig.output);
    // The runtime asks something of the return type. What rustc blames when it is refused is the
    // argument: a variable, so that it can stand where the type does.
    let (asked, _) = spans::ends(&match output {
        ReturnType::Default => TokenStream::new(),
        ReturnType::Type(_, ty) => ty.to_token_stream(),
    });
    let root = Ident::new("root", asked);
    match kind {
        Kind::Main => quote! {
            #(#attrs)*
            #vis #sig {
                let #root = async || #output #body;
                #private::main(#config, #root)
            }
        },
        Kind::Test => quote! {
            #[::core::prelude::v1::test]
            #(#attrs)*
            #vis #sig {
                let #root = async || #output #body;
                #private::test(
                    #config,
                    ::core::concat!(::core::module_path!(), "::", #name),
                    #root
                )
            }
        },
    }
}

/// A function of the same name for one with mistakes, so that nobody misses it; the function itself
/// is kept inside, so that its body is checked all the same.
pub(super) fn stand_in(function: Function) -> TokenStream {
    let (vis, name) = (&function.vis, &function.sig.ident);
    quote! {
        #vis fn #name() {
            #[allow(unused)]
            #function
        }
    }
}
