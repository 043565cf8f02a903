//! Every example runs to its end, says what it should, and leaves nothing behind.

mod checksum;
mod directory;
mod ongoing;
mod prepared;
mod run;
mod streams;
mod tail_logs;
mod trees;
mod why;
