//! The scope of a context: what it waits for, what it returns, what it leaves (C2).

mod body;
mod deadlines;
mod functions;
mod leaving;
mod polls;
