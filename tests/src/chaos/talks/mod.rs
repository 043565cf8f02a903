//! Talks: what actors say to each other over streams, numbered, and what they log of it.
//!
//! A [plan] says what flows in which direction and how the two ends behave. The [items] carry the
//! stream, the direction and a number; each end logs how many it has sent, how far it has read, and at
//! once what should not have come. [Contexts](contexts) are opened by an actor's parent, alone,
//! [gathered](opened) or through a [relay]; [one-way](one_way) streams come from a function.

pub mod contexts;
pub mod items;
pub mod one_way;
pub mod opened;
pub mod plan;
pub mod relay;
