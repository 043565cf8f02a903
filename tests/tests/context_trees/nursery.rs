//! A nursery whose actors have the time to end.

use tests::actor::patient;
use tractor::{Nursery, Result};

pub(crate) async fn nursery<T>(body: impl AsyncFnOnce(Nursery) -> Result<T>) -> Result<T> {
    tractor::nursery().config(patient()).scope(body).await
}
