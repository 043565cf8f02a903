//! Where tokens stand.

use proc_macro2::{Group, Span, TokenStream, TokenTree};

/// The spans of the first and of the last token.
///
/// What is generated between two tokens with these spans is underlined as a whole: the spans
/// themselves cannot be joined in a stable compiler.
pub(crate) fn ends(tokens: &TokenStream) -> (Span, Span) {
    let mut tokens = tokens.clone().into_iter();
    let Some(first) = tokens.next() else {
        return (Span::call_site(), Span::call_site());
    };
    let last = tokens.last().unwrap_or_else(|| first.clone());
    (open(&first), close(&last))
}

fn open(tree: &TokenTree) -> Span {
    match tree {
        TokenTree::Group(group) => group.span_open(),
        other => other.span(),
    }
}

fn close(tree: &TokenTree) -> Span {
    match tree {
        TokenTree::Group(group) => group.span_close(),
        other => other.span(),
    }
}

/// The tokens, all at `span`.
pub(crate) fn at(span: Span, tokens: TokenStream) -> TokenStream {
    let respan = |mut tree: TokenTree| {
        if let TokenTree::Group(group) = &tree {
            tree = TokenTree::Group(Group::new(group.delimiter(), at(span, group.stream())));
        }
        tree.set_span(span);
        tree
    };
    tokens.into_iter().map(respan).collect()
}
