//! From tokens to a cluster.
//!
//! ```text
//! cluster = { setting "," }
//! setting = "modules" ":" "[" list of modules "]"
//!         | key ":" expression
//! ```

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::parse::{ParseStream, Parser};
use syn::{Expr, Token, parse_quote};

use super::model::{Cluster, Keyed};
use crate::errors::Errors;
use crate::krate::Krate;
use crate::nearest::nearest;
use crate::settings::{self, CONFIG_KEYS, Known, Setting};

/// The keys that only a cluster has.
const CLUSTER_KEYS: &[&str] = &["modules", "count", "names", "hard_kill", "restart"];

/// The keys that say more about `restart`.
const RESTART_KEYS: &[&str] = &[
    "restart_type",
    "max_restarts",
    "restart_window",
    "restart_backoff",
];

/// The strategies that can be written by their bare names.
const STRATEGIES: &[&str] = &["Never", "OneForOne", "OneForAll", "RestForOne"];

/// Parses what stands between the braces of `cluster! { .. }`.
pub(super) fn cluster(input: TokenStream, errors: &mut Errors) -> Cluster {
    let known = Known {
        of: "a cluster",
        keys: &[CLUSTER_KEYS, RESTART_KEYS, CONFIG_KEYS, &["crate"]].concat(),
    };
    let parser = |input: ParseStream<'_>| Ok(settings::parse::<Token![:]>(input, &known, errors));
    let mut settings = parser.parse2(input).unwrap_or_default();
    let broken = errors.len() > 0;

    let suggested = settings::known(&mut settings, &known, errors);
    settings::unique(&mut settings, errors);
    let krate = settings::take_crate(&mut settings, errors);

    let modules = take(&mut settings, "modules");
    if modules.is_none() && !broken && !suggested.contains(&"modules") {
        errors.add_at(
            Span::call_site(),
            "cluster has no `modules`",
            "say which functions its actors answer, for example `modules: [self]`",
        );
    }
    Cluster {
        modules: modules.and_then(|modules| module_list(modules.value, errors)),
        count: take(&mut settings, "count"),
        names: take(&mut settings, "names"),
        hard_kill: take(&mut settings, "hard_kill"),
        restart: take(&mut settings, "restart").map(|keyed| Keyed {
            value: strategy(keyed.value, &krate, errors),
            ..keyed
        }),
        restarts: RESTART_KEYS
            .iter()
            .filter_map(|key| take(&mut settings, key))
            .collect(),
        config: settings,
        krate,
    }
}

fn take(settings: &mut Vec<Setting>, key: &str) -> Option<Keyed> {
    let at = settings.iter().position(|setting| setting.key == key)?;
    let Setting { key, value } = settings.remove(at);
    Some(Keyed { key, value })
}

fn module_list(value: Expr, errors: &mut Errors) -> Option<TokenStream> {
    if let Expr::Array(array) = value {
        return Some(array.elems.into_token_stream());
    }
    let help = "write for example `modules: [self, crate::workers]`";
    errors.add(value, "`modules` is not a list of paths", help);
    None
}

/// A strategy by its bare name stands for the variant; anything else is an expression.
fn strategy(value: Expr, krate: &Krate, errors: &mut Errors) -> Expr {
    let Expr::Path(path) = &value else {
        return value;
    };
    let Some(name) = path.path.get_ident() else {
        return value;
    };
    let written = name.to_string();
    if STRATEGIES.contains(&written.as_str()) {
        let private = krate.private();
        return parse_quote!(#private::Restart::#name);
    }
    // A variable, unless it is written like a variant.
    if written.starts_with(char::is_uppercase)
        && let Some(nearest) = nearest(&written, STRATEGIES)
    {
        let mistake = format!("there is no restart strategy `{written}`");
        errors.add(name, mistake, format!("did you mean `{nearest}`?"));
        let private = krate.private();
        return parse_quote!(#private::Restart::Never);
    }
    value
}
