//! From a cluster to an expression.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::model::{Cluster, Keyed};
use crate::errors::Errors;
use crate::modules;
use crate::settings;

/// The builder of the cluster, with the mistakes in front of it.
pub(super) fn cluster(cluster: &Cluster, errors: Errors) -> TokenStream {
    let private = cluster.krate.private();
    let modules = match &cluster.modules {
        Some(list) => modules::nested(list.clone(), &cluster.krate),
        None => quote!(#private::modules_in_error()),
    };
    let count = cluster.count.as_ref().map(setter);
    let names = cluster.names.as_ref().map(setter);
    let hard_kill = cluster.hard_kill.as_ref().map(hard_kill);
    let restart = cluster.restart.iter().chain(&cluster.restarts).map(setter);
    let config = (!cluster.config.is_empty()).then(|| {
        let config = settings::config(&private, &cluster.config);
        quote!(.config(#config))
    });
    let builder = quote!(#private::cluster(#modules) #count #names #hard_kill #(#restart)* #config);
    if errors.len() == 0 {
        return builder;
    }
    let errors = errors.into_tokens();
    quote!({ #errors #builder })
}

fn setter(Keyed { key, value }: &Keyed) -> TokenStream {
    quote!(.#key(#value))
}

fn hard_kill(Keyed { key, value }: &Keyed) -> TokenStream {
    // The method of the key's own name takes no argument: `builder.hard_kill()`.
    let method = Ident::new("hard_kill_if", key.span());
    quote!(.#method(#value))
}
