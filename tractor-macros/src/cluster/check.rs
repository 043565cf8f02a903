//! What a cluster must not say, as far as its literals tell.

use syn::{Expr, ExprArray, ExprLit, Lit, LitInt, LitStr};

use super::model::{Cluster, Keyed};
use crate::errors::Errors;

/// Notes every mistake in `cluster`.
pub(super) fn cluster(cluster: &Cluster, errors: &mut Errors) {
    some_workers(cluster, errors);
    distinct_names(cluster, errors);
    as_many_names_as_workers(cluster, errors);
}

fn some_workers(cluster: &Cluster, errors: &mut Errors) {
    let help = "leave it out to get one worker a core";
    if let Some((literal, 0)) = literal_count(cluster) {
        errors.add(literal, "cluster of no workers", help);
    }
    if let Some(names) = literal_names(cluster)
        && names.elems.is_empty()
    {
        errors.add(names, "cluster of no workers", help);
    }
}

fn distinct_names(cluster: &Cluster, errors: &mut Errors) {
    let mut seen = Vec::new();
    for name in literal_names(cluster).iter().flat_map(|names| &names.elems) {
        let Some(literal) = literal_str(name) else {
            continue;
        };
        let text = literal.value();
        if seen.contains(&text) {
            let mistake = format!("two workers are named `{text}`");
            errors.add(literal, mistake, "give each worker a name of its own");
        }
        seen.push(text);
    }
}

fn as_many_names_as_workers(cluster: &Cluster, errors: &mut Errors) {
    let (Some((literal, count)), Some(names)) = (literal_count(cluster), literal_names(cluster))
    else {
        return;
    };
    let named = names.elems.len();
    // Either of them being 0 is a mistake that has been noted.
    if named != count && named != 0 && count != 0 {
        let mistake = format!("`count` is {count}, but `names` has {named}");
        let help = "leave out `count`: it is the number of names";
        errors.add(literal, mistake, help);
    }
}

fn literal_count(cluster: &Cluster) -> Option<(&LitInt, usize)> {
    let Some(Keyed {
        value: Expr::Lit(ExprLit {
            lit: Lit::Int(literal),
            ..
        }),
        ..
    }) = &cluster.count
    else {
        return None;
    };
    Some((literal, literal.base10_parse().ok()?))
}

fn literal_names(cluster: &Cluster) -> Option<&ExprArray> {
    match &cluster.names {
        Some(Keyed {
            value: Expr::Array(names),
            ..
        }) => Some(names),
        _ => None,
    }
}

fn literal_str(name: &Expr) -> Option<&LitStr> {
    match name {
        Expr::Lit(ExprLit {
            lit: Lit::Str(literal),
            ..
        }) => Some(literal),
        _ => None,
    }
}
