//! From a function to one that enters the runtime.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
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
    let root = quote!(async || #output #body);
    // Of the return type the runtime asks something; if it is not so, that is where to look.
    let (asked, _) = spans::ends(&quote!(#output));
    let enter = |name: &str| {
        let function = Ident::new(name, asked);
        spans::at(asked, quote!(#private::#function))
    };
    match kind {
        Kind::Main => {
            let enter = enter("main");
            quote! {
                #(#attrs)*
                #vis #sig {
                    #enter(#config, #root)
                }
            }
        }
        Kind::Test => {
            let enter = enter("test");
            quote! {
                #[::core::prelude::v1::test]
                #(#attrs)*
                #vis #sig {
                    #enter(
                        #config,
                        ::core::concat!(::core::module_path!(), "::", #name),
                        #root
                    )
                }
            }
        }
    }
}

/// A function of the same name for one with mistakes, so that nobody misses it; the function itself
/// is kept inside, so that its body is checked all the same.
pub(super) fn stand_in(function: Function) -> TokenStream {
    let (vis, name) = (&function.vis, &function.sig.ident);
    quote! {
        #vis fn #name() {
            #[allow(dead_code)]
            #function
        }
    }
}
