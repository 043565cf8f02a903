//! Restarts: strategy × restart type × cause, and what can go wrong meanwhile.

mod attempts;
mod back_off;
mod escalation;
mod nursery;
mod strategies;
