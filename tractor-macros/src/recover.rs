//! Going on after a mistake in a list.

use proc_macro2::TokenTree;
use syn::Token;
use syn::parse::ParseStream;

/// Goes behind the next comma, or to the end.
pub(crate) fn skip_to_comma(input: ParseStream<'_>) {
    while !input.is_empty() {
        if let Ok(Some(_)) = input.parse::<Option<Token![,]>>() {
            return;
        }
        // Where the input has not ended there is a token tree to read.
        let _ = input.parse::<TokenTree>();
    }
}
