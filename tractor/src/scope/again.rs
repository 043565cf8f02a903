//! A call that is made once more.

use std::future::pending;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use tokio::sync::oneshot;

use super::child::Job;
use super::draft::Draft;
use super::names::name_after;
use super::nursery::nursery;
use crate::base::Result;
use crate::rpc::call_encoded;
use crate::rpc::registry::Entry;

/// Calls a function with these arguments in a new actor, which exposes what this one does, and ends with
/// the call. Gives the answer.
///
/// # Errors
///
/// When the call cannot be made, because there is no such actor.
pub(crate) async fn call_in_new_actor(entry: &'static Entry, args: Bytes) -> Result<Result<Bytes>> {
    let mut is_made = false;
    let ended = nursery()
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
            let mut draft = Draft::new(&an, name_after(entry.path()).to_owned());
            draft.exposes = an.actor.exposes().to_vec();
            let _started = draft.run(entry.module(), job).await?;
            is_made = true;
            match value.await {
                Ok(value) => Ok(value),
                // The scope is about to fail with the reason.
                Err(_) => pending().await,
            }
        })
        .await;
    match ended {
        Err(error) if !is_made => Err(error),
        answer => Ok(answer),
    }
}
