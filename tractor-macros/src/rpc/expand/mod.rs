//! From a function to what is left in its place.
//!
//! ```text
//! pub enum is_prime {}                                  the stub
//! pub fn is_prime(n: u64) -> Call<is_prime> { .. }      builds a call
//! const _: () = {
//!     impl is_prime { async fn is_prime(n: u64) -> bool { body } }
//!     impl Rpc for is_prime { .. }
//!     inventory::submit! { .. }
//! };
//! ```
//!
//! The body is an associated function, so that it keeps its name in backtraces and yet does not
//! hide the function outside: a body that calls itself makes a call like everybody else.

mod args;
mod outcome;
mod shape;

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::Index;
use syn::ext::IdentExt;

use super::model::{Param, Rpc, Shape};
use crate::krate::Krate;
use crate::spans;

/// The items that are left in place of the function.
pub(super) fn function(krate: &Krate, rpc: &Rpc) -> TokenStream {
    let private = krate.private();
    let stub = stub(rpc);
    let constructor = constructor(&private, rpc);
    let body = body(rpc);
    let implementation = implementation(&private, rpc);
    let shape = shape::implementation(&private, rpc);
    let registration = registration(&private, rpc);
    let cfg = &rpc.attrs.cfg;
    quote! {
        #stub
        #constructor
        #(#cfg)*
        const _: () = {
            #body
            #implementation
            #shape
            #registration
        };
    }
}

/// The type that stands for the function.
fn stub(rpc: &Rpc) -> TokenStream {
    let Rpc { vis, ident, .. } = rpc;
    let cfg = &rpc.attrs.cfg;
    let name = ident.unraw();
    // A name that is taken is reported at the name.
    let item = quote_spanned!(ident.span()=> enum #ident {});
    let doc = format!("The remote function [`{name}`]({name}()), as a type.");
    quote! {
        #(#cfg)*
        #[doc = #doc]
        #[allow(
            dead_code,
            missing_copy_implementations,
            missing_debug_implementations,
            non_camel_case_types,
            unreachable_pub,
        )]
        #vis #item
    }
}

/// The function that builds a call.
fn constructor(private: &TokenStream, rpc: &Rpc) -> TokenStream {
    let Rpc {
        attrs,
        vis,
        fn_token,
        ident,
        params,
        ..
    } = rpc;
    let (cfg, attrs) = (&attrs.cfg, &attrs.outer);
    let (call, build) = shape::call_type(rpc);
    let arguments = params.iter().map(|Param { ident, .. }| ident);
    let params = params.iter().map(
        |Param {
             outer, ident, ty, ..
         }| quote!(#(#outer)* #ident: #ty),
    );
    quote! {
        #(#cfg)*
        #(#attrs)*
        // It is registered, so it is used, even when this program does not call it.
        #[allow(dead_code)]
        #vis #fn_token #ident(#(#params),*) -> #private::#call<#ident> {
            #private::#build((#(#arguments,)*))
        }
    }
}

/// The function as it was written, inside the stub.
fn body(rpc: &Rpc) -> TokenStream {
    let Rpc {
        asyncness,
        fn_token,
        ident,
        body,
        ..
    } = rpc;
    let attrs = &rpc.attrs.body;
    let output = &rpc.output.written;
    let context = match &rpc.shape {
        Shape::Context(param) => Some(&**param),
        Shape::Call | Shape::Stream(_) => None,
    };
    let params = context.into_iter().chain(&rpc.params).map(
        |Param {
             body,
             mutability,
             ident,
             ty,
             ..
         }| quote!(#(#body)* #mutability #ident: #ty),
    );
    quote! {
        impl #ident {
            #(#attrs)*
            #asyncness #fn_token #ident(#(#params),*) #output #body
        }
    }
}

/// The implementation of `Rpc` for the stub.
fn implementation(private: &TokenStream, rpc: &Rpc) -> TokenStream {
    let ident = &rpc.ident;
    let name = ident.to_string();
    let args = args::tuple(private, &rpc.params);
    let call = call(private, rpc);
    let outcome = match &rpc.shape {
        Shape::Stream(_) => shape::stream_outcome(private),
        Shape::Call | Shape::Context(_) => outcome::outcome(private, &rpc.output, outcome::RETURN),
    };
    let streams = !matches!(rpc.shape, Shape::Call);
    let blocking = rpc.asyncness.is_none() && !matches!(rpc.shape, Shape::Stream(_));
    quote! {
        impl #private::Rpc for #ident {
            type Args = #args;
            type Module = #private::ModuleId<{ #private::module_hash(::core::module_path!()) }>;
            const PATH: &'static ::core::primitive::str =
                ::core::concat!(::core::module_path!(), "::", #name);
            const MODULE: &'static ::core::primitive::str = ::core::module_path!();
            const BLOCKING: ::core::primitive::bool = #blocking;
            const STREAMS: ::core::primitive::bool = #streams;
            #outcome
            #call
            fn entry() -> &'static #private::Entry {
                &ENTRY
            }
        }
    }
}

/// The method that runs the body.
fn call(private: &TokenStream, rpc: &Rpc) -> TokenStream {
    let ident = &rpc.ident;
    let names = arg_names(rpc);
    let output = match &rpc.shape {
        Shape::Stream(_) => quote!(Self::Return),
        Shape::Call | Shape::Context(_) => rpc.output.ty.clone(),
    };
    let run = match (&rpc.shape, rpc.asyncness) {
        (Shape::Stream(_), _) => quote!(#private::pump::<Self>((#(#names,)*))),
        // There is a context only once the call is being answered: at the first poll.
        (Shape::Context(param), _) => {
            let context = shape::context_of_call(private, param);
            quote!(async move { Self::#ident(#context, #(#names),*).await })
        }
        (Shape::Call, Some(_)) => quote!(Self::#ident(#(#names),*)),
        (Shape::Call, None) => quote!(#private::blocking(move || Self::#ident(#(#names),*))),
    };
    // A body that cannot move between threads is reported at the function's name.
    let send = quote_spanned!(ident.span()=> ::core::marker::Send + 'static);
    let future = spans::at(ident.span(), quote!(impl ::core::future::Future));
    quote! {
        fn call((#(#names,)*): Self::Args) -> #future<Output = #output> + #send {
            #run
        }
    }
}

/// Names for the arguments, which cannot meet those of the function.
fn arg_names(rpc: &Rpc) -> Vec<Ident> {
    (0..rpc.params.len())
        .map(|at| format_ident!("arg{at}"))
        .collect()
}

/// The entry that makes the function callable by its path.
fn registration(private: &TokenStream, rpc: &Rpc) -> TokenStream {
    let ident = &rpc.ident;
    let name = ident.to_string();
    let params = rpc.params.iter().enumerate().map(|(at, param)| {
        let (name, index) = (param.ident.unraw().to_string(), Index::from(at));
        quote!(#name = #index)
    });
    quote! {
        static ENTRY: #private::Entry = #private::viewed! {
            #ident,
            #private::Entry::new::<#ident>(::core::module_path!(), #name),
            #(#params),*
        };
        #private::inventory::submit! { #private::Registration(&ENTRY) }
    }
}
