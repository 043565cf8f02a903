//! The macros, with their documentation.

pub use tractor_macros::{cluster, main, modules, rpc, test};
