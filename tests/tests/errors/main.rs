//! What goes wrong in another process reaches the caller whole (E1).

mod calls;
mod climbing;
mod functions;
mod values;
