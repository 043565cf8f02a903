//! The way to the terminal of the tree, for a child in debug mode.

use super::introspect::terminal;
use crate::base::Actor;
use crate::process::{know_terminal, open_terminal};
use crate::rpc::{Run, parent_link};
use crate::session::Route;

/// The name under which the children of `actor` find the terminal of the tree; its root hands it out from now
/// on. `None` where there is no way to it.
///
/// Actors that are started while nobody is in debug mode are not told, and so those above are asked.
///
/// # Cancel safety
///
/// Dropping it changes nothing.
pub(super) async fn way_to_terminal(actor: &Actor) -> Option<String> {
    if let Some(name) = open_terminal(actor.aid()) {
        return Some(name);
    }
    let (parent, _) = parent_link()?;
    let asked = Run::new(Route::Only(parent.clone()), terminal());
    let name = asked.detached().await.ok().flatten()?;
    know_terminal(name.clone());
    Some(name)
}
