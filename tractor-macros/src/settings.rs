//! Lists of named settings: `key = value` in an attribute, `key: value` in braces.
//!
//! ```text
//! settings = { key separator value "," }
//! key      = identifier | "crate"
//! value    = expression
//! ```

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::{Expr, Ident, Token};

use crate::errors::Errors;
use crate::krate::Krate;
use crate::nearest::nearest;
use crate::recover::skip_to_comma;

/// One setting.
pub(crate) struct Setting {
    pub(crate) key: Ident,
    pub(crate) value: Expr,
}

/// What stands between a key and its value.
pub(crate) trait Separator: Parse {
    /// As it is written behind a key.
    const WRITTEN: &'static str;
}

impl Separator for Token![=] {
    const WRITTEN: &'static str = " =";
}

impl Separator for Token![:] {
    const WRITTEN: &'static str = ":";
}

/// The settings that there are.
pub(crate) struct Known<'k> {
    /// What has them.
    pub(crate) of: &'k str,
    pub(crate) keys: &'k [&'k str],
}

/// Parses settings; what cannot be parsed is noted, and parsing goes on after the next comma.
pub(crate) fn parse<S: Separator>(
    input: ParseStream<'_>,
    known: &Known<'_>,
    errors: &mut Errors,
) -> Vec<Setting> {
    let mut settings = Vec::new();
    while !input.is_empty() {
        let setting = parse_one::<S>(input, known).and_then(|setting| {
            expect_comma(input)?;
            Ok(setting)
        });
        match errors.take(setting) {
            Some(setting) => settings.push(setting),
            None => skip_to_comma(input),
        }
    }
    settings
}

fn parse_one<S: Separator>(input: ParseStream<'_>, known: &Known<'_>) -> syn::Result<Setting> {
    let separator = S::WRITTEN;
    let Ok(key) = input.call(Ident::parse_any) else {
        let message = format!("expected a setting\nhelp: write `key{separator} value`");
        return Err(input.error(message));
    };
    if input.parse::<S>().is_err() {
        if !known.has(&key) {
            return Err(known.lacks(&key));
        }
        let message = format!("setting `{key}` has no value\nhelp: write `{key}{separator} value`");
        return Err(syn::Error::new(key.span(), message));
    }
    let value = input.parse()?;
    Ok(Setting { key, value })
}

fn expect_comma(input: ParseStream<'_>) -> syn::Result<()> {
    if input.is_empty() || input.parse::<Option<Token![,]>>()?.is_some() {
        return Ok(());
    }
    Err(input.error("expected `,` between settings"))
}

/// Notes every key that is not `known`, and drops it. Gives the keys that were suggested.
pub(crate) fn known<'k>(
    settings: &mut Vec<Setting>,
    known: &Known<'k>,
    errors: &mut Errors,
) -> Vec<&'k str> {
    let mut suggested = Vec::new();
    settings.retain(|Setting { key, .. }| {
        let has = known.has(key);
        if !has {
            errors.push(known.lacks(key));
            suggested.extend(known.nearest(key));
        }
        has
    });
    suggested
}

impl<'k> Known<'k> {
    fn has(&self, key: &Ident) -> bool {
        self.keys.iter().any(|known| key == known)
    }

    /// The one that was perhaps meant.
    fn nearest(&self, key: &Ident) -> Option<&'k str> {
        nearest(&key.to_string(), self.keys)
    }

    /// Says that `key` is none of them.
    fn lacks(&self, key: &Ident) -> syn::Error {
        let quoted: Vec<_> = self.keys.iter().map(|key| format!("`{key}`")).collect();
        let all = match quoted.as_slice() {
            [only] => format!("there is only {only}"),
            _ => format!("there are {}", quoted.join(", ")),
        };
        let help = match self.nearest(key) {
            Some(key) => format!("did you mean `{key}`? ({all})"),
            None => all,
        };
        let message = format!("{} has no setting `{key}`\nhelp: {help}", self.of);
        syn::Error::new(key.span(), message)
    }
}

/// Notes every key that is given a second time, and drops it.
pub(crate) fn unique(settings: &mut Vec<Setting>, errors: &mut Errors) {
    let mut seen = Vec::new();
    settings.retain(|Setting { key, .. }| {
        let first = !seen.contains(key);
        if first {
            seen.push(key.clone());
        } else {
            errors.add(
                key,
                format!("setting `{key}` is given twice"),
                "keep one of them",
            );
        }
        first
    });
}

/// Takes the setting `key` out of the list.
pub(crate) fn take(settings: &mut Vec<Setting>, key: &str) -> Option<Expr> {
    let at = settings.iter().position(|setting| setting.key == key)?;
    Some(settings.remove(at).value)
}

/// Takes the setting `crate` out of the list.
pub(crate) fn take_crate(settings: &mut Vec<Setting>, errors: &mut Errors) -> Krate {
    match take(settings, "crate") {
        None => Krate::default(),
        Some(Expr::Path(path)) if path.qself.is_none() => Krate::at(path.path),
        Some(other) => {
            let help = "write the path under which you import `tractor`";
            errors.add(other, "setting `crate` is not a path", help);
            Krate::default()
        }
    }
}

/// The settings that become those of a `Config`, in the order of their methods.
pub(crate) const CONFIG_KEYS: &[&str] = &[
    "log_level",
    "log_to",
    "worker_threads",
    "env",
    "cancel_timeout",
    "kill_timeout",
    "max_in_flight",
    "max_frame",
    "stream_window",
    "transport",
    "debug_mode",
    "debug_hold",
    "debug_ignore",
];

/// The expression of a `Config` with `settings`, which are all known to be some.
pub(crate) fn config(private: &TokenStream, settings: &[Setting]) -> TokenStream {
    let setters = settings.iter().map(|Setting { key, value }| {
        if key == "env" {
            // The method of this name takes one variable.
            let method = Ident::new("env_all", key.span());
            quote!(.#method(#value))
        } else {
            quote!(.#key(#value))
        }
    });
    quote!(#private::Config::new() #(#setters)*)
}
