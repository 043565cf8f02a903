//! What the kernel and the memory cost, with nothing around them.

pub(crate) mod blocking;
mod head;
pub(crate) mod memory;
pub(crate) mod process;
pub(crate) mod tokio;
