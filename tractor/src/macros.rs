//! The macros, with their documentation.

pub use tractor_macros::rpc;
