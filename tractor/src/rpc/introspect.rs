//! What every actor answers, whatever its allowlist: what it exposes.

use crate::base::current_actor;

/// The module of these functions; it never shows in allowlists.
pub(super) const MODULE: &str = module_path!();

/// The modules that the actor exposes.
#[tractor_macros::rpc(crate = crate)]
pub(crate) async fn exposed_modules() -> Vec<String> {
    current_actor().exposes().to_vec()
}
