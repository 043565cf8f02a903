//! Calls: each resolves or is dropped once (C1), and a dropped one is cancelled (C2).

use std::time::Duration;

use super::story::{Call, Story};
use crate::chaos::OWED;
use crate::chaos::calls::Kind;

/// A body that waits for a call waits a little shorter than it could, because the call was made later.
const SLACK: Duration = Duration::from_secs(3);

pub(super) fn judge(story: &Story, complaints: &mut Vec<String>) {
    for (&id, call) in &story.calls {
        judge_end(story, id, call, complaints);
        judge_handlers(story, id, call, complaints);
        if call.kind == Kind::Probe.word() {
            judge_probe(story, id, call, complaints);
        }
    }
    for line in &story.lines {
        let told = match line.event.as_str() {
            "late" if is_late(story, line.number(0)) => "one-cancels-all: cancelled late",
            "garbled" => "C1: the answer is not its own",
            _ => continue,
        };
        complaints.push(format!(
            "{told}: call {} of {}",
            line.word(0),
            story.name(line.pid)
        ));
    }
}

fn judge_end(story: &Story, id: u64, call: &Call, complaints: &mut Vec<String>) {
    let caller = story.name(call.caller);
    let ends = call.resolved.len() + call.dropped.len();
    if ends > 1 {
        complaints.push(format!("C1: call {id} of {caller} ended {ends} times"));
    }
    if ends == 0 && story.was_orderly(call.caller) {
        complaints.push(format!("C1: call {id} of {caller} has never ended"));
    }
    let most = (OWED - SLACK).as_nanos();
    for dropped in &call.dropped {
        let lasts = [Kind::Endless, Kind::Grows].map(Kind::word);
        if !lasts.contains(&call.kind.as_str()) && u128::from(dropped.at - call.made.at) > most {
            let callee = &call.callee;
            complaints.push(format!(
                "C1: call {id} of {caller} to {callee} never resolved"
            ));
        }
    }
}

fn judge_handlers(story: &Story, id: u64, call: &Call, complaints: &mut Vec<String>) {
    for &(_, pid) in &call.begun {
        let begun = call.begun.iter().filter(|&&(_, other)| other == pid);
        let ended = call.ended.iter().filter(|&&(_, other)| other == pid);
        let (begun, ended) = (begun.count(), ended.count());
        if ended > begun || ended < begun && story.was_orderly(pid) {
            let name = story.name(pid);
            complaints.push(format!(
                "C2: the handler of call {id} in {name} began {begun} and ended {ended} times"
            ));
        }
    }
}

/// What was dropped before a probe was sent is cancelled before the probe is answered: an actor has
/// one thread, and a link keeps the order.
fn judge_probe(story: &Story, id: u64, probe: &Call, complaints: &mut Vec<String>) {
    let ok = probe.resolved.iter().any(|(_, outcome)| outcome == "ok");
    let (Some(&(ended, pid)), true) = (probe.ended.last(), ok) else {
        return;
    };
    for (&other_id, other) in &story.calls {
        let dropped = other.dropped.first();
        if other.caller != probe.caller
            || dropped.is_none_or(|dropped| dropped.line > probe.made.line)
            || other.begun.iter().all(|&(_, place)| place != pid)
        {
            continue;
        }
        let cancelled = |&(when, place): &(_, u32)| place == pid && when < ended;
        if !other.ended.iter().any(cancelled) {
            let name = story.name(pid);
            complaints.push(format!(
                "C2: call {other_id} was dropped before {id}, and still ran in {name} after that"
            ));
        }
    }
}

/// True when a call that was to be cancelled could have been.
fn is_late(story: &Story, id: u64) -> bool {
    let Some(call) = story.calls.get(&id) else {
        return false;
    };
    call.begun.iter().all(|&(_, pid)| {
        let actor = story.actors.get(&pid);
        story.was_orderly(pid) && actor.is_some_and(|actor| actor.struck.is_empty())
    })
}
