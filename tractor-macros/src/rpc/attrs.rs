//! Which attribute of a function goes to which of the items that are made of it.

use syn::punctuated::Punctuated;
use syn::{Attribute, Meta, Token, parse_quote};

/// The attributes of a function, for each of the items that are made of it.
#[derive(Default)]
pub(super) struct Attrs {
    /// Those that decide whether the function is there at all: for every item.
    pub(super) cfg: Vec<Attribute>,
    /// For the function that builds the call: what callers see.
    pub(super) outer: Vec<Attribute>,
    /// For the function with the body: what concerns the code.
    pub(super) body: Vec<Attribute>,
}

/// Sorts the attributes of a function, or of one of its parameters.
pub(super) fn sort(attrs: &[Attribute]) -> Attrs {
    let mut sorted = Attrs::default();
    for attr in attrs {
        if attr.path().is_ident("cfg_attr") {
            sort_conditional(attr, &mut sorted);
        } else {
            sort_one(attr, &mut sorted);
        }
    }
    sorted
}

fn sort_one(attr: &Attribute, sorted: &mut Attrs) {
    let name = attr.path().get_ident().map(ToString::to_string);
    match name.as_deref() {
        Some("cfg") => sorted.cfg.push(attr.clone()),
        Some("doc" | "deprecated") => sorted.outer.push(attr.clone()),
        // Without a message it says no more than `Call` does itself.
        Some("must_use") if matches!(attr.meta, Meta::Path(_)) => {}
        Some("must_use") => sorted.outer.push(attr.clone()),
        Some("allow" | "warn" | "deny" | "forbid") => {
            sorted.outer.push(attr.clone());
            sorted.body.push(attr.clone());
        }
        // The lint is expected once, and only the body is sure to have it.
        Some("expect") => {
            sorted.outer.extend(allowing(attr));
            sorted.body.push(attr.clone());
        }
        _ => sorted.body.push(attr.clone()),
    }
}

/// `#[allow(lint)]` of `#[expect(lint)]`.
fn allowing(expect: &Attribute) -> Option<Attribute> {
    let list = expect.meta.require_list().ok()?;
    let lints = &list.tokens;
    Some(parse_quote!(#[allow(#lints)]))
}

/// Sorts what a `#[cfg_attr(condition, attribute, ..)]` holds, each under its condition.
fn sort_conditional(attr: &Attribute, sorted: &mut Attrs) {
    let parser = Punctuated::<Meta, Token![,]>::parse_terminated;
    let Ok(metas) = attr.parse_args_with(parser) else {
        // The compiler says what is wrong with it.
        return sorted.body.push(attr.clone());
    };
    let mut metas = metas.into_iter();
    let Some(condition) = metas.next() else {
        return;
    };
    for meta in metas {
        let inner = sort(&[parse_quote!(#[#meta])]);
        let under = |attrs: Vec<Attribute>| {
            attrs
                .into_iter()
                .map(|Attribute { meta, .. }| -> Attribute {
                    parse_quote!(#[cfg_attr(#condition, #meta)])
                })
                .collect::<Vec<_>>()
        };
        sorted.cfg.extend(under(inner.cfg));
        sorted.outer.extend(under(inner.outer));
        sorted.body.extend(under(inner.body));
    }
}
