//! The command `tractor`, which looks into trees that run.

mod inspection;
mod trees;
mod window;
