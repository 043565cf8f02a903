//! The calls that this actor waits for, with the names of their functions.

use super::introspect::is_built_in;
use super::registry::find;
use crate::base::{CallSnapshot, StreamSnapshot};
use crate::session::{Link, Traffic};

/// The calls at the other end of `link` that this one waits for, and the streams between the two.
pub(crate) fn waiting_for(link: &Link) -> (Vec<CallSnapshot>, Vec<StreamSnapshot>) {
    let Traffic { calls, streams } = link.traffic();
    let calls = calls.into_iter().filter_map(|call| {
        // Only functions of this program are called.
        let entry = find(call.function)?;
        (!is_built_in(entry.module())).then(|| CallSnapshot {
            function: entry.path().to_owned(),
            peer: link.peer().clone(),
            age: call.age,
            cancelled: call.given_up,
        })
    });
    (calls.collect(), streams)
}
