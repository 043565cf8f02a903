//! How long to measure.

use std::time::Duration;

use anyhow::Result;

/// How long the parts of a sample take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    /// What the operations of a sample should take together.
    pub(crate) busy: Duration,
    /// How long an idle fleet is watched.
    pub(crate) idle: Duration,
}

impl Plan {
    /// A plan for a report.
    pub(crate) const THOROUGH: Self = Self {
        busy: Duration::from_millis(120),
        idle: Duration::from_secs(2),
    };

    /// A plan for a look at whether everything runs.
    pub(crate) const QUICK: Self = Self {
        busy: Duration::from_millis(10),
        idle: Duration::from_millis(500),
    };

    /// Nanoseconds of an operation, in the last and longest of several batches; the ones before it
    /// warm up and find out how many operations it takes.
    ///
    /// `batch` does as many operations as it is told and says what they have taken.
    pub(crate) async fn operation(
        &self,
        mut batch: impl AsyncFnMut(u64) -> Result<Duration>,
    ) -> Result<f64> {
        let mut time = batch(1).await?;
        let mut count = 1;
        loop {
            count = self.next(count, time);
            time = batch(count).await?;
            if time >= self.busy / 2 {
                #[expect(clippy::cast_precision_loss, reason = "nobody counts that far")]
                return Ok(time.as_secs_f64() * 1e9 / count as f64);
            }
        }
    }

    /// How many operations should take as long as planned, if `count` of them have taken `time`.
    fn next(&self, count: u64, time: Duration) -> u64 {
        let ratio = self.busy.as_nanos() / time.as_nanos().max(1);
        // The first operations are slower than the others by far.
        let factor = u64::try_from(ratio).unwrap_or(u64::MAX).clamp(1, 16);
        if factor == 1 && time < self.busy / 2 {
            count * 2
        } else {
            count * factor
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn batches_grow_to_the_planned_time() {
        let mut counts = Vec::new();
        let operation = Plan::QUICK.operation(async |count| {
            counts.push(count);
            Ok(Duration::from_micros(100) * u32::try_from(count)?)
        });
        assert_eq!(operation.await.expect("nothing fails"), 100_000.0);
        assert_eq!(counts, [1, 16, 96]);
    }

    #[tokio::test]
    async fn long_operation_is_done_twice() {
        let mut counts = Vec::new();
        let operation = Plan::QUICK.operation(async |count| {
            counts.push(count);
            Ok(Duration::from_secs(count))
        });
        assert_eq!(operation.await.expect("nothing fails"), 1e9);
        assert_eq!(counts, [1, 1]);
    }
}
