//! What a stream and a context have beside a plain call.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Type;

use super::arg_names;
use super::outcome::{self, ITEM};
use crate::rpc::model::{Output, Param, Rpc, Shape, dialog};
use crate::spans;

/// The type of the function's calls, and the function that builds one.
pub(super) fn call_type(rpc: &Rpc) -> (Ident, Ident) {
    let (ty, build) = match &rpc.shape {
        Shape::Call => ("Call", "call"),
        Shape::Stream(_) => ("StreamCall", "stream_call"),
        Shape::Context(_) => ("ContextCall", "context_call"),
    };
    let ident = |name| Ident::new(name, Span::call_site());
    (ident(ty), ident(build))
}

/// What the call of a stream returns, as a call: nothing, when the stream is over.
pub(super) fn stream_outcome(private: &TokenStream) -> TokenStream {
    quote! {
        type Return = #private::TractorResult<()>;
        type Output = ();
        fn settle(
            returned: Self::Return,
        ) -> ::core::result::Result<Self::Output, #private::Raised> {
            #private::settle_pump(returned)
        }
    }
}

/// The implementation of the trait that a stream or a context has beside `Rpc`.
pub(super) fn implementation(private: &TokenStream, rpc: &Rpc) -> Option<TokenStream> {
    match &rpc.shape {
        Shape::Call => None,
        Shape::Stream(item) => Some(stream(private, rpc, item)),
        Shape::Context(param) => Some(context(private, rpc, param)),
    }
}

fn stream(private: &TokenStream, rpc: &Rpc, item: &Output) -> TokenStream {
    let ident = &rpc.ident;
    let names = arg_names(rpc);
    let outcome = outcome::outcome(private, item, ITEM);
    let fallible = item.result.is_some();
    let run = quote!(Self::#ident(#(#names),*));
    let run = match rpc.asyncness {
        Some(_) => quote!(#private::flatten(#run)),
        None => run,
    };
    // A stream that cannot move between threads is reported at the function's name.
    let send = quote_spanned!(ident.span()=> ::core::marker::Send + 'static);
    let stream = spans::at(ident.span(), quote!(impl #private::Stream));
    quote! {
        impl #private::StreamFn for #ident {
            #outcome
            const FALLIBLE: ::core::primitive::bool = #fallible;
            fn stream((#(#names,)*): Self::Args) -> #stream<Item = Self::Item> + #send {
                #run
            }
        }
    }
}

/// The context of the call that is being answered. If its type is none, that is said where it is
/// said of the dialog's types, and so only once.
pub(super) fn context_of_call(private: &TokenStream, param: &Param) -> TokenStream {
    let Param { ty, .. } = param;
    let (start, end) = spans::ends(&quote!(#ty));
    let open = spans::at(start, quote!(<));
    let close = spans::at(end, quote!(as #private::Dialog>::of_current_call()));
    quote!(#open #ty #close)
}

/// The types of the dialog are those of the first parameter, whatever it is called there: what is
/// wrong with one of them, rustc says where it is written.
fn context(private: &TokenStream, rpc: &Rpc, param: &Param) -> TokenStream {
    let Param { ty, .. } = param;
    let ident = &rpc.ident;
    let part = |name: &str, written: &Type| {
        let (start, end) = spans::ends(&quote!(#written));
        let name = Ident::new(name, end);
        let open = spans::at(start, quote!(<));
        let close = spans::at(end, quote!(as #private::Dialog>::#name));
        quote!(#open #ty #close)
    };
    let [first, tx, rx] = dialog(ty).unwrap_or([ty; 3]);
    let (first, tx, rx) = (part("First", first), part("Tx", tx), part("Rx", rx));
    quote! {
        impl #private::ContextFn for #ident {
            type First = #first;
            type Tx = #tx;
            type Rx = #rx;
        }
    }
}
