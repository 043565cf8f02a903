//! What every actor answers, whatever its allowlist: what it exposes.

use super::current::exposed_to_caller;

/// The modules whose functions every actor answers: this one, and two of a layer above.
const BUILT_IN: [&str; 3] = [
    module_path!(),
    concat!(env!("CARGO_CRATE_NAME"), "::scope::introspect"),
    concat!(env!("CARGO_CRATE_NAME"), "::scope::log_level"),
];

/// True of a module whose functions every actor answers; they never show in allowlists.
pub(super) fn is_built_in(module: &str) -> bool {
    BUILT_IN.contains(&module)
}

/// True of the path of a function that is the user's.
pub(crate) fn is_users(function: &str) -> bool {
    let module = function.rsplit_once("::").map(|(module, _)| module);
    !module.is_some_and(is_built_in)
}

/// The modules that the actor exposes to its caller.
#[tractor_macros::rpc(crate = crate)]
pub(crate) async fn exposed_modules() -> Vec<String> {
    exposed_to_caller()
}
