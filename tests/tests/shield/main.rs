//! Shields: what cancelled code still does (C2).

mod ends;
mod handler;
