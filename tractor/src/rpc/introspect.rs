//! What every actor answers, whatever its allowlist: what it exposes.

use super::current::exposed_to_caller;

/// True of the path of a module whose functions every actor answers, or of such a function: they never
/// show in allowlists. Those are the modules of this crate that have this one's name.
pub(super) fn is_built_in(path: &str) -> bool {
    let mut names = path.split("::");
    names.next() == Some(env!("CARGO_CRATE_NAME")) && names.any(|name| name == "introspect")
}

/// The modules that the actor exposes to its caller.
#[tractor_macros::rpc(crate = crate)]
pub(crate) async fn exposed_modules() -> Vec<String> {
    exposed_to_caller()
}
