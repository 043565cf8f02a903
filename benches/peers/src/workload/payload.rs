//! Calls with an argument of some size.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use bytes::Bytes;

use super::Plan;
use crate::payload::{digest, digest_rows, some_bytes, some_rows, stride};
use crate::peer::Peer;
use crate::sample::{Metric, Sample};

/// What two successive arguments differ by, so that an answer to the one before is found out.
const SHIFT: usize = 8;

/// Bytes, which a sender may share.
pub(super) async fn bytes<P: Peer>(plan: &Plan, size: usize) -> Result<Sample> {
    let all = Bytes::from(some_bytes(size + SHIFT));
    let arguments = [all.slice(..size), all.slice(SHIFT..)];
    let stride = stride(size);
    let expected = arguments.each_ref().map(|bytes| digest(bytes, stride));
    P::scope(1, async |peers| {
        let answer = peers[0].bytes(all.clone(), 1).await?;
        ensure!(
            answer == digest(&all, 1),
            "wrong answer: not all bytes arrive"
        );
        let time = plan.operation(async |count| {
            let begin = Instant::now();
            for which in [0, 1].into_iter().cycle().take(usize::try_from(count)?) {
                let answer = peers[0].bytes(arguments[which].clone(), stride).await?;
                ensure!(
                    answer == expected[which],
                    "wrong answer: other bytes arrive"
                );
            }
            Ok(begin.elapsed())
        });
        Ok([(Metric::Time, time.await?)].into())
    })
    .await
}

/// A list of structs, which the callee receives as one. It is made before the clock runs.
pub(super) async fn rows<P: Peer>(plan: &Plan, size: usize) -> Result<Sample> {
    let rows = some_rows(size);
    P::scope(1, async |peers| {
        let time = plan.operation(async |count| {
            let mut time = Duration::ZERO;
            for shift in [0, 1].into_iter().cycle().take(usize::try_from(count)?) {
                let mut argument = rows.clone();
                argument[0].id += shift;
                let expected = digest_rows(&argument);
                let begin = Instant::now();
                let answer = peers[0].rows(argument).await?;
                time += begin.elapsed();
                ensure!(answer == expected, "wrong answer: other rows arrive");
            }
            Ok(time)
        });
        Ok([(Metric::Time, time.await?)].into())
    })
    .await
}
