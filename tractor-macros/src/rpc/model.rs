//! A function that can be called from another process, as data.

use proc_macro2::{Group, TokenStream};
use quote::{ToTokens, quote};
use syn::{
    GenericArgument, Ident, Pat, PathArguments, ReturnType, Token, Type, TypeParamBound, Visibility,
};

use super::attrs::{self, Attrs};
use super::{Attribute, check, owned};
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
    pub(super) shape: Shape,
    pub(super) body: Group,
}

/// What is made of a function.
pub(super) enum Shape {
    /// A call with one result.
    Call,
    /// A stream of items.
    Stream(Output),
    /// A dialog, with this parameter for its context.
    Context(Box<Param>),
}

/// A parameter.
pub(super) struct Param {
    /// The attributes for the function that builds the call.
    pub(super) outer: Vec<syn::Attribute>,
    /// The attributes for the function with the body.
    pub(super) body: Vec<syn::Attribute>,
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
    pub(super) fn of(attribute: Attribute, function: Function) -> Self {
        let mut params = check::parameters(&function.sig).filter_map(|parameter| {
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
        let shape = match attribute {
            Attribute::Context => params.next().map(Box::new).map(Shape::Context),
            Attribute::Rpc => stream_item(&function.sig.output)
                .flatten()
                .map(|item| Shape::Stream(Output::of_type(item))),
        };
        Self {
            shape: shape.unwrap_or(Shape::Call),
            params: params.collect(),
            attrs: attrs::sort(&function.attrs),
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
        match written {
            ReturnType::Default => Self {
                written: ReturnType::Default,
                ty: quote!(()),
                result: None,
            },
            ReturnType::Type(_, ty) => Self {
                written: written.clone(),
                ..Self::of_type(ty)
            },
        }
    }

    /// The model of a type that is yielded, and nowhere written as a return type.
    fn of_type(ty: &Type) -> Self {
        Self {
            written: ReturnType::Default,
            ty: ty.to_token_stream(),
            result: sides(ty),
        }
    }
}

/// The type of the items, if a function returns `impl Stream`: `None` when that does not say it.
pub(super) fn stream_item(output: &ReturnType) -> Option<Option<&Type>> {
    let ReturnType::Type(_, ty) = output else {
        return None;
    };
    item_of("Stream", ty)
}

/// The type of the items, if `ty` is an `impl` of the trait `name`: `None` when that does not say it.
pub(super) fn item_of<'t>(name: &str, ty: &'t Type) -> Option<Option<&'t Type>> {
    let Type::ImplTrait(written) = owned::peeled(ty) else {
        return None;
    };
    let last = written.bounds.iter().find_map(|bound| match bound {
        TypeParamBound::Trait(bound) => {
            let last = bound.path.segments.last()?;
            (last.ident == name).then_some(last)
        }
        _ => None,
    })?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return Some(None);
    };
    Some(arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::AssocType(assoc) if assoc.ident == "Item" => Some(&assoc.ty),
        _ => None,
    }))
}

fn sides(ty: &Type) -> Option<Sides> {
    let mut written = arguments_of("Result", ty)?.into_iter();
    let mut side = || written.next().unwrap_or(ty).to_token_stream();
    Some(Sides {
        success: side(),
        failure: side(),
    })
}

/// What a context function starts with, sends and receives, if `ty` is a context that is written out.
pub(super) fn dialog(ty: &Type) -> Option<[&Type; 3]> {
    arguments_of("Context", ty)?.try_into().ok()
}

/// The types between the angle brackets of `ty`, if it is called `name`.
fn arguments_of<'t>(name: &str, ty: &'t Type) -> Option<Vec<&'t Type>> {
    let Type::Path(path) = owned::peeled(ty) else {
        return None;
    };
    let last = path.path.segments.last()?;
    if last.ident != name {
        return None;
    }
    let PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return Some(Vec::new());
    };
    let types = arguments.args.iter().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    });
    Some(types.collect())
}
