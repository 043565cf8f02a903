//! Cancelled handlers, which shield what they still do (C2).

mod ends;
mod handler;
