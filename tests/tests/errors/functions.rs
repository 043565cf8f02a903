//! Functions that fail, each in its way.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context;
use serde::{Deserialize, Serialize};
use tractor::{Result, current_call, shield};

#[derive(Debug, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[error("the shelf {shelf} is empty")]
pub(crate) struct Empty {
    shelf: u32,
    source: Nested,
}

#[derive(Debug, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[error("nobody has filled it")]
pub(crate) struct Nested;

pub(crate) fn empty(shelf: u32) -> Empty {
    let source = Nested;
    Empty { shelf, source }
}

#[tractor::rpc]
pub(crate) async fn typed(shelf: u32) -> Result<u32, Empty> {
    Err(empty(shelf))
}

#[tractor::rpc]
pub(crate) async fn contexts() -> anyhow::Result<()> {
    let missing = io::Error::new(io::ErrorKind::NotFound, "no such shelf");
    Err(missing).context("cannot look").context("cannot count")
}

#[tractor::rpc]
pub(crate) async fn text() -> Result<(), String> {
    Err("just a text".to_owned())
}

#[tractor::rpc]
pub(crate) async fn boxed() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    Err(Box::new(empty(3)))
}

#[tractor::rpc]
pub(crate) async fn panics(n: u32) -> u32 {
    assert!(n > 100, "cannot do {n}");
    n
}

#[tractor::rpc]
pub(crate) fn panics_on_the_pool(n: u32) -> u32 {
    assert!(n > 100, "cannot do {n}");
    n
}

#[tractor::rpc]
pub(crate) async fn panics_after_an_await() {
    tokio::task::yield_now().await;
    panic!("too late");
}

#[tractor::rpc]
pub(crate) async fn panics_without_text() {
    std::panic::panic_any(5_u8);
}

static BEGUN: AtomicBool = AtomicBool::new(false);

#[tractor::rpc]
pub(crate) async fn has_begun() -> bool {
    BEGUN.load(Ordering::Relaxed)
}

/// Fails when it is cancelled.
#[tractor::rpc]
pub(crate) async fn fails_late(shelf: u32) -> Result<(), Empty> {
    let call = current_call().expect("this runs as the answer to a call");
    BEGUN.store(true, Ordering::Relaxed);
    shield(call.cancelled()).await;
    Err(empty(shelf))
}
