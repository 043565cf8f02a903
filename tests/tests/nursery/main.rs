//! Nurseries: actors of any kind in one scope, which ends when all of them are reaped.

mod members;
mod outcome;
mod siblings;
mod teardown;
mod tells;
