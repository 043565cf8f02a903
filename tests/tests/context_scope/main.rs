//! The scope of a context: it leaves nothing behind (C2).

mod body;
mod deadlines;
mod functions;
mod leaving;
mod polls;
