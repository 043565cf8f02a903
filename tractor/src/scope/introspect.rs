//! What every actor answers, whatever its allowlist: what it and the tree do, and where the terminal is.

use std::time::Duration;

use super::snapshot;
use super::terminal::way_to_terminal;
use crate::Result;
use crate::base::{ActorSnapshot, current_actor};

/// What this actor and all below it do.
#[tractor_macros::rpc(crate = crate)]
pub(super) async fn subtree(within: Duration) -> ActorSnapshot {
    snapshot::below(&current_actor(), within).await
}

/// What the whole tree does.
#[tractor_macros::rpc(crate = crate)]
pub(super) async fn tree(within: Duration) -> Result<ActorSnapshot> {
    snapshot::whole_tree(&current_actor(), within).await
}

/// Where those below find the terminal of the tree.
#[tractor_macros::rpc(crate = crate)]
pub(super) async fn terminal(holds: bool) -> Option<String> {
    way_to_terminal(&current_actor(), holds).await
}
