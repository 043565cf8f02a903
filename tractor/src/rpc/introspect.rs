//! What every actor answers, whatever its allowlist: what it exposes.

use super::current::exposed_to_caller;

/// The module of these functions; it never shows in allowlists.
pub(super) const MODULE: &str = module_path!();

/// The modules that the actor exposes to its caller.
#[tractor_macros::rpc(crate = crate)]
pub(crate) async fn exposed_modules() -> Vec<String> {
    exposed_to_caller()
}
