//! What postcard costs in memory: everything is encoded and decoded once, on one core.

use std::hint::black_box;

use anyhow::{Result, bail};

use crate::answer;
use crate::payload::Row;
use crate::peer::Peer;

/// Numbers that are encoded, and then decoded, together.
const BLOCK: usize = 4096;

/// This same process.
pub(crate) struct Memory;

impl Peer for Memory {
    async fn scope<R>(count: usize, body: impl AsyncFnOnce(&[Self]) -> Result<R>) -> Result<R> {
        let peers: Vec<_> = std::iter::repeat_with(|| Self).take(count).collect();
        body(&peers).await
    }

    async fn pid(&self) -> Result<u32> {
        bail!("memory is no process")
    }

    async fn rows(&self, rows: Vec<Row>) -> Result<u64> {
        let encoded = postcard::to_stdvec(black_box(&rows))?;
        let decoded: Vec<Row> = postcard::from_bytes(black_box(&encoded))?;
        Ok(answer::rows(&decoded))
    }

    async fn numbers(&self, count: u64, mut each: impl FnMut(u64) -> Result<()>) -> Result<()> {
        let mut numbers = answer::numbers(count).peekable();
        let mut buffer = Vec::new();
        while numbers.peek().is_some() {
            buffer.clear();
            for number in numbers.by_ref().take(BLOCK) {
                buffer = postcard::to_extend(black_box(&number), buffer)?;
            }
            let mut rest = black_box(&buffer[..]);
            while !rest.is_empty() {
                let number;
                (number, rest) = postcard::take_from_bytes(rest)?;
                each(number)?;
            }
        }
        Ok(())
    }
}
