//! The functions of this program. (Stand-in.)

use std::pin::Pin;

use super::Rpc;
use super::args::Arguments;
use super::handler::Handler;

/// One function that can be called by its path.
#[derive(Debug)]
pub struct Entry {
    module: &'static str,
    name: &'static str,
    start: fn(&[u8]) -> Option<Pin<Box<dyn Handler>>>,
}

impl Entry {
    /// The entry of `F`, named `name` in `module`.
    pub const fn new<F: Rpc>(module: &'static str, name: &'static str) -> Self {
        Self {
            module,
            name,
            start: |bytes| Some(F::start(postcard::from_bytes::<Arguments<F::Args>>(bytes).ok()?.0)),
        }
    }
}

/// Puts an entry into the registry.
pub struct Registration(pub &'static Entry);

inventory::collect!(Registration);

/// The paths of all functions, for tests.
#[doc(hidden)]
pub fn paths() -> Vec<String> {
    inventory::iter::<Registration>()
        .map(|Registration(entry)| {
            let _ = entry.start;
            format!("{}::{}", entry.module, entry.name)
        })
        .collect()
}
