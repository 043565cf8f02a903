//! What is left in place of a function with mistakes.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::PatType;

use super::model::Output;
use super::{attrs, check, owned};
use crate::function::Function;
use crate::krate::Krate;

/// A function of the same name and with the same parameters, and a stub, for a function with
/// mistakes, so that neither its callers nor its imports are mistakes of their own. The function
/// itself is kept inside, so that its body is checked all the same.
pub(super) fn function(krate: &Krate, function: Function) -> TokenStream {
    let private = krate.private();
    let Function {
        attrs,
        vis,
        mut sig,
        body,
    } = function;
    let attrs = attrs::sort(&attrs);
    let (cfg, body_attrs) = (&attrs.cfg, &attrs.body);
    let ident = &sig.ident.clone();
    let (generics, clause) = (&sig.generics.clone(), &sig.generics.where_clause.clone());
    let params: Vec<_> = check::parameters(&sig).enumerate().map(plain).collect();

    let output = match &sig.output {
        syn::ReturnType::Type(_, ty) if !owned_by_rule(ty) => syn::ReturnType::Default,
        other => other.clone(),
    };
    let Output {
        ty: returned,
        result,
        ..
    } = Output::of(&output);
    let success = match result {
        Some(_) => quote!(<#returned as #private::Fallible>::Success),
        None => returned.clone(),
    };

    // rustc has its own words for both, and they were said already.
    sig.constness = None;
    let body = sig.variadic.is_none().then(|| {
        quote! {
            impl #ident {
                #(#body_attrs)*
                #[allow(unused)]
                #sig #body
            }
        }
    });
    quote! {
        #(#cfg)*
        #[allow(dead_code, missing_docs, non_camel_case_types, unreachable_pub)]
        #vis enum #ident {}
        #(#cfg)*
        #[allow(missing_docs, unused)]
        #vis fn #ident #generics(#(#params),*) -> #private::Call<#ident> #clause {
            ::core::unreachable!()
        }
        #(#cfg)*
        const _: () = {
            #body
            impl #private::Rpc for #ident {
                type Args = ();
                type Return = #returned;
                type Output = #success;
                type Module = #private::ModuleId<{ #private::module_hash(::core::module_path!()) }>;
                const PATH: &'static ::core::primitive::str = "";
                const MODULE: &'static ::core::primitive::str = ::core::module_path!();
                async fn call(_: ()) -> #returned {
                    ::core::unreachable!()
                }
                fn settle(
                    _: #returned,
                ) -> ::core::result::Result<Self::Output, #private::Raised> {
                    ::core::unreachable!()
                }
                fn entry() -> &'static #private::Entry {
                    ::core::unreachable!()
                }
            }
        };
    }
}

fn owned_by_rule(ty: &syn::Type) -> bool {
    owned::borrow(ty).is_none() && !matches!(owned::peeled(ty), syn::Type::Never(_))
}

/// The `at`th parameter under a plain name.
fn plain((at, PatType { ty, .. }): (usize, &PatType)) -> TokenStream {
    let name = format_ident!("arg{at}");
    quote!(#name: #ty)
}
