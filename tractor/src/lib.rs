//! Structured concurrency for processes.

mod base;

pub use crate::base::*;
