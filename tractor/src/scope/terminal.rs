//! The way to the terminal of the tree, for a child in debug mode.

use std::time::Duration;

use tokio::time::timeout;

use super::introspect::terminal;
use crate::base::Actor;
use crate::process::{know_terminal, open_terminal};
use crate::rpc::{Run, parent_link};
use crate::session::Route;

/// How long those above may take to answer. One that is blocked would hold up every start below it.
const PATIENCE: Duration = Duration::from_secs(1);

/// The name under which the children of `actor` find the terminal of the tree; its root hands it out from now
/// on, and keeps what others write meanwhile, if the child `holds` that. `None` where there is no way to it.
///
/// Actors that are started while nobody is in debug mode are not told, and so those above are asked.
///
/// # Cancel safety
///
/// Dropping it changes nothing.
pub(super) async fn way_to_terminal(actor: &Actor, holds: bool) -> Option<String> {
    if let Some(name) = open_terminal(actor.aid(), holds) {
        return Some(name);
    }
    let (parent, _) = parent_link()?;
    let asked = Run::new(Route::Only(parent.clone()), terminal(holds));
    let Ok(answer) = timeout(PATIENCE, asked.detached()).await else {
        let parent = parent.peer();
        tracing::warn!(%parent, "it does not say where the terminal is: crashes are only reported");
        return None;
    };
    let name = answer.ok().flatten()?;
    know_terminal(name.clone());
    Some(name)
}
