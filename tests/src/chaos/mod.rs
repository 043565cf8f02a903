//! Chaos: random trees, random calls, random faults, and a verdict from outside.
//!
//! A seed makes a [`Plan`](plan::Plan). The fixture `chaos_tree` grows the [tree] that it
//! describes, whose actors do [deeds], make [calls] and hold [talks] in [scopes], and write what they
//! do and see to one [log]. A [run] of it injects the faults that come from outside, looks into
//! `/proc`, and lets the [verdict] read the log. What the library says of itself is asked only where
//! its word is what is tested: the records of exits, and the errors.
//!
//! What is to be tested besides becomes one more deed or twig of the plan, with lines of its own in
//! the log, and one more file of the verdict.

pub mod bounds;
pub mod calls;
pub mod deeds;
pub mod log;
pub mod plan;
pub mod probes;
pub mod run;
pub mod scopes;
pub mod talks;
pub mod tree;
pub mod verdict;

pub use self::bounds::{BACKOFF, LONGEST_BACKOFF, MAX_RESTARTS, ORPHANED, OWED, RUNG, WINDOW};
