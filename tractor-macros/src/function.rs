//! A function as it was written, with its body left as tokens.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::{ToTokens, TokenStreamExt, quote};
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Item, Signature, Visibility, braced};

/// A function as it was written.
///
/// Its body is not parsed: no macro here looks into it, and a body that is being typed must not
/// keep the function's name from everything that uses it.
pub(crate) struct Function {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) sig: Signature,
    pub(crate) body: Group,
}

impl Parse for Function {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attrs = input.call(Attribute::parse_outer)?;
        let vis = input.parse()?;
        let sig: Signature = input.parse()?;
        if input.peek(syn::Token![;]) {
            let message = format!(
                "function `{}` has no body\nhelp: put the attribute on a function that has one",
                sig.ident
            );
            return Err(syn::Error::new_spanned(&sig.ident, message));
        }
        let content;
        let braces = braced!(content in input);
        let mut body = Group::new(Delimiter::Brace, content.parse()?);
        body.set_span(braces.span.join());
        Ok(Self {
            attrs,
            vis,
            sig,
            body,
        })
    }
}

impl ToTokens for Function {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Self {
            attrs,
            vis,
            sig,
            body,
        } = self;
        tokens.append_all(quote!(#(#attrs)* #vis #sig #body));
    }
}

/// Says that `#[macro_name]` was put on something that is no function.
pub(crate) fn not_a_function(
    macro_name: &str,
    item: &TokenStream,
    error: syn::Error,
) -> Option<syn::Error> {
    let Ok(parsed) = syn::parse2::<Item>(item.clone()) else {
        // Of an expression rustc says itself that it cannot have the attribute.
        return has_fn(item).then_some(error);
    };
    let (kind, keyword) = match &parsed {
        Item::Fn(_) | Item::Verbatim(_) => return Some(error),
        Item::Struct(item) => ("a struct", item.struct_token.to_token_stream()),
        Item::Enum(item) => ("an enum", item.enum_token.to_token_stream()),
        Item::Union(item) => ("a union", item.union_token.to_token_stream()),
        Item::Trait(item) => ("a trait", item.trait_token.to_token_stream()),
        Item::Impl(item) => ("an impl", item.impl_token.to_token_stream()),
        Item::Mod(item) => ("a module", item.mod_token.to_token_stream()),
        Item::Const(item) => ("a constant", item.const_token.to_token_stream()),
        Item::Static(item) => ("a static", item.static_token.to_token_stream()),
        Item::Type(item) => ("a type alias", item.type_token.to_token_stream()),
        _ => ("this item", parsed.to_token_stream()),
    };
    let message = format!(
        "`#[{macro_name}]` does not apply to {kind}\nhelp: put it on a function outside of any impl"
    );
    Some(syn::Error::new_spanned(keyword, message))
}

/// True when somebody seems to have meant a function.
fn has_fn(item: &TokenStream) -> bool {
    item.clone()
        .into_iter()
        .any(|tree| matches!(tree, TokenTree::Ident(word) if word == "fn"))
}
