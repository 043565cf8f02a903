//! What comes of the value that a function returned.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::quote;

use crate::rpc::model::{Output, Sides};
use crate::spans;

/// What the types and the method are called.
#[derive(Clone, Copy)]
pub(super) struct Names {
    /// The type of the value.
    pub(super) value: &'static str,
    /// What comes of it.
    pub(super) success: &'static str,
    pub(super) settle: &'static str,
}

/// Of the value that a function returns.
pub(super) const RETURN: Names = Names {
    value: "Return",
    success: "Output",
    settle: "settle",
};

/// Of an item of a stream.
pub(super) const ITEM: Names = Names {
    value: "Item",
    success: "Yield",
    settle: "settle_item",
};

/// The types of the outcome, and the method that settles a value.
pub(super) fn outcome(private: &TokenStream, output: &Output, names: Names) -> TokenStream {
    match &output.result {
        None => infallible(private, &output.ty, names),
        Some(sides) => fallible(private, &output.ty, sides, names),
    }
}

fn infallible(private: &TokenStream, returned: &TokenStream, names: Names) -> TokenStream {
    let settle = signature(private, names);
    let (value, success) = (ident(names.value), ident(names.success));
    quote! {
        type #value = #returned;
        type #success = #returned;
        #settle {
            ::core::result::Result::Ok(returned)
        }
    }
}

/// What rustc has to say of the type in either case, it says at the tokens of that case: when it
/// cannot be sent, when it is no `Result` (of the type and of the method: at one place, so once),
/// or when the error cannot be read.
fn fallible(
    private: &TokenStream,
    returned: &TokenStream,
    sides: &Sides,
    names: Names,
) -> TokenStream {
    let (first, last) = spans::ends(&sides.success);
    let open = spans::at(first, quote!(<));
    let close = spans::at(last, quote!(as #private::Fallible>::Success));
    let settle = spans::at(first, signature(private, names));
    let split = spans::at(first, quote!(#private::Fallible::split(returned)));

    let (start, end) = spans::ends(&sides.failure);
    let error = Ident::new("error", end);
    let reference = spans::at(start, quote!(&));
    let mut body = Group::new(
        Delimiter::Brace,
        quote! {
            use #private::{
                BoxedRoot as _, ErrorRoot as _, NoPayload as _, NoRoot as _,
                SerializablePayload as _,
            };
            match #split {
                ::core::result::Result::Ok(value) => ::core::result::Result::Ok(value),
                ::core::result::Result::Err(#error) => {
                    let probe = #private::Probe(&#error);
                    let (payload, root) = ((&probe).payload(), (&&probe).root());
                    ::core::result::Result::Err(
                        #private::capture(#reference #error, payload, root),
                    )
                }
            }
        },
    );
    body.set_span(first);
    let (value, success) = (ident(names.value), ident(names.success));
    quote! {
        type #value = #returned;
        type #success = #open #returned #close;
        #settle #body
    }
}

fn signature(private: &TokenStream, names: Names) -> TokenStream {
    let Names {
        value,
        success,
        settle,
    } = names;
    let (value, success, settle) = (ident(value), ident(success), ident(settle));
    quote! {
        fn #settle(
            returned: Self::#value,
        ) -> ::core::result::Result<Self::#success, #private::Raised>
    }
}

fn ident(name: &str) -> Ident {
    Ident::new(name, Span::call_site())
}
