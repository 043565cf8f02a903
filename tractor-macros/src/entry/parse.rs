//! From the attribute's tokens to settings.
//!
//! ```text
//! settings = { key "=" expression "," }
//! ```

use proc_macro2::TokenStream;
use syn::Token;
use syn::parse::{ParseStream, Parser};

use super::model::{Kind, Settings};
use crate::errors::Errors;
use crate::settings::{self, CONFIG_KEYS, Known};

/// Parses what stands between the parentheses of the attribute.
pub(super) fn settings(kind: Kind, args: TokenStream, errors: &mut Errors) -> Settings {
    let known = Known {
        of: &format!("`#[{}]`", kind.written()),
        keys: &[kind.own_keys(), CONFIG_KEYS, &["crate"]].concat(),
    };
    let parser = |input: ParseStream<'_>| Ok(settings::parse::<Token![=]>(input, &known, errors));
    let mut config = parser.parse2(args).unwrap_or_default();
    settings::known(&mut config, &known, errors);
    settings::unique(&mut config, errors);
    let krate = settings::take_crate(&mut config, errors);
    Settings { krate, config }
}
