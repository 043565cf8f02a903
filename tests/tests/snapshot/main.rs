//! What a tree does, as data: of actors that answer, and of those that do not.

mod obstacles;
mod sights;
mod view;
