//! Debug mode: what others print while somebody is at a prompt.

mod ends;
mod kept;
mod printing;
mod stand_in;
