//! A function that can be called from another process, as data.

use proc_macro2::{Group, TokenStream};
use quote::{ToTokens, quote};
use syn::{
    Attribute, GenericArgument, Ident, Pat, PathArguments, ReturnType, Token, Type, Visibility,
};

use super::attrs::{self, Attrs};
use super::{check, owned};
use crate::function::Function;

/// A function that can be called from another process.
pub(super) struct Rpc {
    pub(super) attrs: Attrs,
    pub(super) vis: Visibility,
    pub(super) asyncness: Option<Token![async]>,
    pub(super) fn_token: Token![fn],
    pub(super) ident: Ident,
    pub(super) params: Vec<Param>,
    pub(super) output: Output,
    pub(super) body: Group,
}

/// A parameter.
pub(super) struct Param {
    /// The attributes for the function that builds the call.
    pub(super) outer: Vec<Attribute>,
    /// The attributes for the function with the body.
    pub(super) body: Vec<Attribute>,
    pub(super) mutability: Option<Token![mut]>,
    pub(super) ident: Ident,
    pub(super) ty: Type,
}

/// What the function returns.
pub(super) struct Output {
    /// As it is written, with its arrow.
    pub(super) written: ReturnType,
    /// The type.
    pub(super) ty: TokenStream,
    /// When the type is called `Result`: the tokens that say what it is in either case.
    pub(super) result: Option<Sides>,
}

/// Where a `Result` says what it is in either case; used for the spans.
pub(super) struct Sides {
    pub(super) success: TokenStream,
    pub(super) failure: TokenStream,
}

impl Rpc {
    /// The model of a function that has passed the checks.
    pub(super) fn of(function: Function) -> Self {
        let params = check::parameters(&function.sig).filter_map(|parameter| {
            let Pat::Ident(pat) = &*parameter.pat else {
                return None;
            };
            let attrs = attrs::sort(&parameter.attrs);
            Some(Param {
                outer: attrs.outer,
                body: attrs.body,
                mutability: pat.mutability,
                ident: pat.ident.clone(),
                ty: (*parameter.ty).clone(),
            })
        });
        Self {
            attrs: attrs::sort(&function.attrs),
            params: params.collect(),
            output: Output::of(&function.sig.output),
            vis: function.vis,
            asyncness: function.sig.asyncness,
            fn_token: function.sig.fn_token,
            ident: function.sig.ident,
            body: function.body,
        }
    }
}

impl Output {
    /// The model of a written return type.
    pub(super) fn of(written: &ReturnType) -> Self {
        let (ty, result) = match written {
            ReturnType::Default => (quote!(()), None),
            ReturnType::Type(_, ty) => (ty.to_token_stream(), sides(ty)),
        };
        Self {
            written: written.clone(),
            ty,
            result,
        }
    }
}

fn sides(ty: &Type) -> Option<Sides> {
    let Type::Path(path) = owned::peeled(ty) else {
        return None;
    };
    let last = path.path.segments.last()?;
    if last.ident != "Result" {
        return None;
    }
    let mut written = match &last.arguments {
        PathArguments::AngleBracketed(arguments) => arguments
            .args
            .iter()
            .filter(|argument| matches!(argument, GenericArgument::Type(_)))
            .map(ToTokens::to_token_stream)
            .collect(),
        _ => Vec::new(),
    }
    .into_iter();
    let mut side = || written.next().unwrap_or_else(|| ty.to_token_stream());
    Some(Sides {
        success: side(),
        failure: side(),
    })
}
