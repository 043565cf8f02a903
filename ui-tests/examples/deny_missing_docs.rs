//! Everything public has a doc comment.
#![deny(missing_docs)]

/// Public.
pub mod public {
    /// Doubles.
    #[tractor::rpc]
    pub async fn double(n: u64) -> u64 {
        n * 2
    }
}

#[tractor::main]
async fn main() {
    assert_eq!(public::double(21).await, 42);
}
