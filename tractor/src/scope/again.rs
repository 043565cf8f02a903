//! A call that is made once more.

use std::future::pending;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use tokio::sync::oneshot;

use super::child::Job;
use super::draft::Draft;
use super::nursery::nursery;
use crate::base::Result;
use crate::rpc::call_encoded;
use crate::rpc::registry::Entry;

/// Calls a function with these arguments in a new actor, which ends with that.
pub(crate) async fn call_in_new_actor(entry: &'static Entry, args: Bytes) -> Result<Bytes> {
    let name = entry.path().rsplit("::").next().unwrap_or(entry.path());
    nursery()
        .scope(async |an| {
            let (give, value) = oneshot::channel();
            let give = Arc::new(Mutex::new(Some(give)));
            let args: Arc<[u8]> = (*args).into();
            let job: Job = Box::new(move |route| {
                let (give, args) = (give.clone(), args.clone());
                Box::pin(async move {
                    let value = call_encoded(route, entry, args).await?;
                    if let Some(give) = give.lock().unwrap_or_else(PoisonError::into_inner).take() {
                        let _ = give.send(value);
                    }
                    Ok(())
                })
            });
            let draft = Draft::new(&an, name.to_owned());
            let _started = draft.run(entry.module(), job).await?;
            match value.await {
                Ok(value) => Ok(value),
                // The scope is about to fail with the reason.
                Err(_) => pending().await,
            }
        })
        .await
}
