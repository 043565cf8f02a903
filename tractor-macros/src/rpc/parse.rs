//! From the attribute's tokens to settings.
//!
//! ```text
//! settings = { "crate" "=" path "," }
//! ```

use proc_macro2::TokenStream;
use syn::Token;
use syn::parse::{ParseStream, Parser};

use super::Attribute;
use crate::errors::Errors;
use crate::krate::Krate;
use crate::settings::{self, Known};

/// Parses what stands between the parentheses of the attribute.
pub(super) fn args(attribute: Attribute, args: TokenStream, errors: &mut Errors) -> Krate {
    let known = Known {
        of: &format!("`#[{}]`", attribute.path()),
        keys: &["crate"],
    };
    let parser = |input: ParseStream<'_>| Ok(settings::parse::<Token![=]>(input, &known, errors));
    let mut settings = parser.parse2(args).unwrap_or_default();
    settings::known(&mut settings, &known, errors);
    settings::unique(&mut settings, errors);
    settings::take_crate(&mut settings, errors)
}
