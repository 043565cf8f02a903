//! Whether a type owns its data, as far as its tokens tell, and what to write if not.

use proc_macro2::{Spacing, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{Type, TypeReference};

/// What keeps a type from being sent.
pub(super) enum Borrow {
    /// `&T`, anywhere in it.
    Reference,
    /// `'a`, anywhere in it, other than `'static`.
    Lifetime,
    /// `impl Trait`, anywhere in it.
    ImplTrait,
}

/// Finds the first part of `ty` that cannot be sent, with its tokens.
pub(super) fn borrow(ty: &Type) -> Option<(Borrow, TokenStream)> {
    if let Type::Reference(_) = peeled(ty) {
        return Some((Borrow::Reference, ty.to_token_stream()));
    }
    if let Type::ImplTrait(_) = peeled(ty) {
        return Some((Borrow::ImplTrait, ty.to_token_stream()));
    }
    borrow_in(ty.to_token_stream())
}

fn borrow_in(tokens: TokenStream) -> Option<(Borrow, TokenStream)> {
    let mut tokens = tokens.into_iter().peekable();
    while let Some(tree) = tokens.next() {
        let found = match &tree {
            TokenTree::Punct(punct) if punct.as_char() == '&' => {
                return Some((Borrow::Reference, tree.into_token_stream()));
            }
            TokenTree::Punct(punct)
                if punct.as_char() == '\'' && punct.spacing() == Spacing::Joint =>
            {
                match tokens.next() {
                    Some(TokenTree::Ident(name)) if name != "static" => {
                        Some((Borrow::Lifetime, quote!(#tree #name)))
                    }
                    _ => None,
                }
            }
            TokenTree::Ident(word) if word == "impl" => {
                Some((Borrow::ImplTrait, tree.to_token_stream()))
            }
            TokenTree::Group(group) => borrow_in(group.stream()),
            _ => None,
        };
        if found.is_some() {
            return found;
        }
    }
    None
}

/// The type without parentheses and the invisible ones of macros.
pub(super) fn peeled(mut ty: &Type) -> &Type {
    loop {
        ty = match ty {
            Type::Paren(paren) => &paren.elem,
            Type::Group(group) => &group.elem,
            other => return other,
        };
    }
}

/// The owned counterpart of `ty`, as text.
pub(super) fn counterpart(ty: &Type) -> Option<String> {
    let Type::Reference(TypeReference { elem, .. }) = peeled(ty) else {
        return None;
    };
    let owned = match peeled(elem) {
        Type::Slice(slice) => format!("Vec<{}>", text(&slice.elem)),
        Type::Path(path) => match path.path.segments.last() {
            Some(last) if last.ident == "str" => "String".to_owned(),
            Some(last) if last.ident == "Path" => "PathBuf".to_owned(),
            Some(last) if last.ident == "OsStr" => "OsString".to_owned(),
            _ => text(elem),
        },
        Type::TraitObject(_) | Type::ImplTrait(_) => return None,
        other => text(other),
    };
    Some(owned)
}

/// The type as a person writes it.
pub(super) fn text(ty: &Type) -> String {
    let mut text = ty.to_token_stream().to_string();
    for (spaced, tight) in [
        (" :: ", "::"),
        (":: ", "::"),
        (" < ", "<"),
        ("< ", "<"),
        (" >", ">"),
        ("& ", "&"),
        (" ,", ","),
        ("' ", "'"),
    ] {
        text = text.replace(spaced, tight);
    }
    text
}
