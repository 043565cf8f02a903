//! Contexts in trees (C2, C3).

mod calls;
mod leaf;
mod parents;
mod relays;
