//! Remote functions in another crate, for the tests.

/// A module with a function.
pub mod math;

pub use self::math as renamed_math;

/// Says where it lives.
#[tractor::rpc]
pub async fn at_root() -> String {
    module_path!().to_owned()
}
