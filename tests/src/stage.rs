//! What functions in workers tell their test, and what they wait for.

use std::sync::Mutex;

use tokio::sync::Semaphore;
use tractor::Portal;

use crate::actor::until;

static SEEN: Mutex<Vec<String>> = Mutex::new(Vec::new());
static GATE: Semaphore = Semaphore::const_new(0);

/// Notes what a function of this actor has come to.
pub fn see(what: impl ToString) {
    SEEN.lock().expect("nobody panics").push(what.to_string());
}

/// What was noted in this actor.
#[tractor::rpc]
pub async fn seen() -> Vec<String> {
    SEEN.lock().expect("nobody panics").clone()
}

/// Waits until this is what was noted there.
pub async fn saw(portal: &Portal, expected: &[&str]) {
    until("the functions have come so far", async || {
        portal.run(seen).await.expect("it answers") == expected
    })
    .await;
}

/// Waits until the gate of this actor is opened for one.
pub async fn gate() {
    GATE.acquire().await.expect("it is never closed").forget();
}

/// Lets one through.
#[tractor::rpc]
pub async fn open_gate() {
    GATE.add_permits(1);
}
