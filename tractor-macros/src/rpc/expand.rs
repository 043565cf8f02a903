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

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt;

use super::model::{Output, Param, Rpc};
use crate::krate::Krate;
use crate::spans;

/// The items that are left in place of the function.
pub(super) fn function(krate: &Krate, rpc: &Rpc) -> TokenStream {
    let private = krate.private();
    let stub = stub(rpc);
    let constructor = constructor(&private, rpc);
    let body = body(rpc);
    let implementation = implementation(&private, rpc);
    let registration = registration(&private, rpc);
    let cfg = &rpc.attrs.cfg;
    quote! {
        #stub
        #constructor
        #(#cfg)*
        const _: () = {
            #body
            #implementation
            #registration
        };
    }
}

/// The type that stands for the function.
fn stub(rpc: &Rpc) -> TokenStream {
    let Rpc { vis, ident, .. } = rpc;
    let cfg = &rpc.attrs.cfg;
    let name = ident.unraw();
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
        #vis enum #ident {}
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
        #vis #fn_token #ident(#(#params),*) -> #private::Call<#ident> {
            #private::call((#(#arguments,)*))
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
    let params = rpc.params.iter().map(
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
    let args = args(private, &rpc.params);
    let call = call(private, rpc);
    let outcome = outcome(private, &rpc.output);
    let blocking = rpc.asyncness.is_none();
    quote! {
        impl #private::Rpc for #ident {
            type Args = #args;
            type Module = #private::ModuleId<{ #private::module_hash(::core::module_path!()) }>;
            const PATH: &'static ::core::primitive::str =
                ::core::concat!(::core::module_path!(), "::", #name);
            const MODULE: &'static ::core::primitive::str = ::core::module_path!();
            const BLOCKING: ::core::primitive::bool = #blocking;
            #outcome
            #call
            fn entry() -> &'static #private::Entry {
                &ENTRY
            }
        }
    }
}

/// The tuple of the parameters' types.
///
/// When one of them cannot be sent, rustc names it and underlines the tuple. So the tuple is an
/// alias that begins and ends where the types do that are not surely sendable.
fn args(private: &TokenStream, params: &[Param]) -> TokenStream {
    let types = params.iter().map(|param| &param.ty);
    let doubtful: Vec<_> = params
        .iter()
        .filter(|param| !surely_sendable(&param.ty))
        .collect();
    let ends_of = |param: &Param| {
        let ty = &param.ty;
        spans::ends(&quote!(#ty))
    };
    let first = doubtful
        .first()
        .map_or_else(Span::call_site, |param| ends_of(param).0);
    let last = doubtful
        .last()
        .map_or_else(Span::call_site, |param| ends_of(param).1);
    let alias = format_ident!("Tuple{}", params.len());
    let head = spans::at(first, quote!(#private::#alias <));
    let tail = spans::at(last, quote!(>));
    quote!(#head #(#types),* #tail)
}

/// True of the types that everybody uses and that can be sent.
fn surely_sendable(ty: &syn::Type) -> bool {
    const SENDABLE: &[&str] = &[
        "bool",
        "char",
        "String",
        "u8",
        "u16",
        "u32",
        "u64",
        "u128",
        "usize",
        "i8",
        "i16",
        "i32",
        "i64",
        "i128",
        "isize",
        "f32",
        "f64",
        "Duration",
        "SystemTime",
        "PathBuf",
    ];
    match super::owned::peeled(ty) {
        syn::Type::Path(path) => path
            .path
            .get_ident()
            .is_some_and(|name| SENDABLE.iter().any(|sendable| name == sendable)),
        _ => false,
    }
}

/// The method that runs the body.
fn call(private: &TokenStream, rpc: &Rpc) -> TokenStream {
    let ident = &rpc.ident;
    let output = &rpc.output.ty;
    let names: Vec<Ident> = (0..rpc.params.len())
        .map(|at| format_ident!("arg{at}"))
        .collect();
    let run = quote!(Self::#ident(#(#names),*));
    let run = match rpc.asyncness {
        Some(_) => run,
        None => quote!(#private::blocking(move || #run)),
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

/// What comes of the returned value: the types, and the method that settles it.
fn outcome(private: &TokenStream, output: &Output) -> TokenStream {
    let returned = &output.ty;
    let Some(sides) = &output.result else {
        return quote! {
            type Return = #returned;
            type Output = #returned;
            fn settle(
                returned: Self::Return,
            ) -> ::core::result::Result<Self::Output, #private::Raised> {
                ::core::result::Result::Ok(returned)
            }
        };
    };
    let (first, last) = spans::ends(&sides.success);
    let open = spans::at(first, quote!(<));
    let success = spans::at(last, quote!(as #private::Fallible>::Success));
    let (first, last) = spans::ends(&sides.failure);
    let error = Ident::new("error", last);
    let reference = spans::at(first, quote!(&));
    quote! {
        type Return = #returned;
        type Output = #open #returned #success;
        fn settle(
            returned: Self::Return,
        ) -> ::core::result::Result<Self::Output, #private::Raised> {
            use #private::{
                BoxedRoot as _, ErrorRoot as _, NoPayload as _, NoRoot as _,
                SerializablePayload as _,
            };
            match returned {
                ::core::result::Result::Ok(value) => ::core::result::Result::Ok(value),
                ::core::result::Result::Err(#error) => {
                    let probe = #private::Probe(&#error);
                    let (payload, root) = ((&probe).payload(), (&&probe).root());
                    ::core::result::Result::Err(
                        #private::capture(#reference #error, payload, root),
                    )
                }
            }
        }
    }
}

/// The entry that makes the function callable by its path.
fn registration(private: &TokenStream, rpc: &Rpc) -> TokenStream {
    let ident = &rpc.ident;
    let name = ident.to_string();
    quote! {
        static ENTRY: #private::Entry =
            #private::Entry::new::<#ident>(::core::module_path!(), #name);
        #private::inventory::submit! { #private::Registration(&ENTRY) }
    }
}
