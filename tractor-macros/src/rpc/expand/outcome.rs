//! What comes of the value that a function returned.

use proc_macro2::{Delimiter, Group, Ident, TokenStream};
use quote::quote;

use crate::rpc::model::{Output, Sides};
use crate::spans;

/// The types of the outcome, and the method that settles a returned value.
pub(super) fn outcome(private: &TokenStream, output: &Output) -> TokenStream {
    match &output.result {
        None => infallible(private, &output.ty),
        Some(sides) => fallible(private, &output.ty, sides),
    }
}

fn infallible(private: &TokenStream, returned: &TokenStream) -> TokenStream {
    let settle = signature(private);
    quote! {
        type Return = #returned;
        type Output = #returned;
        #settle {
            ::core::result::Result::Ok(returned)
        }
    }
}

/// What rustc has to say of the type in either case, it says at the tokens of that case: when it
/// cannot be sent, when it is no `Result` (of the type and of the method: at one place, so once),
/// or when the error cannot be read.
fn fallible(private: &TokenStream, returned: &TokenStream, sides: &Sides) -> TokenStream {
    let (first, last) = spans::ends(&sides.success);
    let open = spans::at(first, quote!(<));
    let close = spans::at(last, quote!(as #private::Fallible>::Success));
    let settle = spans::at(first, signature(private));
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
    quote! {
        type Return = #returned;
        type Output = #open #returned #close;
        #settle #body
    }
}

fn signature(private: &TokenStream) -> TokenStream {
    quote! {
        fn settle(
            returned: Self::Return,
        ) -> ::core::result::Result<Self::Output, #private::Raised>
    }
}
