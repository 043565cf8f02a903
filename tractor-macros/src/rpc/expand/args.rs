//! The tuple of a function's parameters.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};
use syn::Type;

use crate::rpc::model::Param;
use crate::rpc::owned;
use crate::spans;

/// The tuple of the parameters' types.
///
/// When one of them cannot be sent, rustc names it and underlines the tuple. So the tuple is an
/// alias that begins and ends where the types do that are not surely sendable.
pub(super) fn tuple(private: &TokenStream, params: &[Param]) -> TokenStream {
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
fn surely_sendable(ty: &Type) -> bool {
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
    match owned::peeled(ty) {
        Type::Path(path) => path
            .path
            .get_ident()
            .is_some_and(|name| SENDABLE.iter().any(|sendable| name == sendable)),
        _ => false,
    }
}
