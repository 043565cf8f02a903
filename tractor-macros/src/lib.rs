//! The macros of the `tractor` crate; use them through it.
