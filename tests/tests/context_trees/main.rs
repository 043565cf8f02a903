//! Contexts in trees (C2, C3).

mod calls;
mod leaf;
mod nursery;
mod parents;
mod relays;
