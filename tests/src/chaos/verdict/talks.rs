//! Streams and contexts: nothing is lost, comes twice or overtakes, a stream that is cut off says so,
//! and a scope returns when the function is gone, with what became of it (C1, C2, E1).

use std::collections::BTreeMap;

use super::story::{Call, Story};

/// What both ends say of one direction of a stream.
#[derive(Debug, Default)]
struct Flow {
    /// The process that sends.
    sender: u32,
    /// The number of items that are to be sent.
    planned: u64,
    /// Some may be left out.
    lossy: bool,
    /// The number of items that were sent, when that is known for good, and why there are no more.
    sent: Option<(u64, String)>,
    /// The number of items that were read, the number behind the last of them, and why there are no
    /// more.
    read: Option<(u64, u64, String)>,
    reader: u32,
    /// Its sender has stopped on purpose, or its function has returned.
    ended: bool,
}

type Flows = BTreeMap<(u64, String), Flow>;

impl Flow {
    /// True when some of what was sent was not read: the answer of a function, which comes behind its
    /// items, may wait with them for a reader, and not be on its way yet when its actor is replaced.
    fn has_unread(&self) -> bool {
        let read = self.read.as_ref().map_or(0, |(_, next, _)| *next);
        self.sent.as_ref().is_some_and(|(sent, _)| read < *sent)
    }
}

pub(super) fn judge(story: &Story, complaints: &mut Vec<String>) {
    let flows = flows(story);
    for line in &story.lines {
        if line.event == "irregular" {
            let reader = story.name(line.pid);
            complaints.push(format!("order: {reader} read {:?}", line.words));
        }
    }
    for ((stream, direction), flow) in &flows {
        let which = format!("stream {stream} {direction} to {}", story.name(flow.reader));
        complaints
            .extend(wrong_with(story, flow).map(|wrong| format!("{wrong}: {which}: {flow:?}")));
    }
    for (&id, call) in &story.calls {
        if let Some(up) = flows.get(&(id, "up".to_owned())) {
            judge_outcome(story, id, call, up, complaints);
            judge_notice(story, id, call, up, complaints);
        }
    }
}

fn flows(story: &Story) -> Flows {
    let mut flows = Flows::new();
    for line in &story.lines {
        let direction = match line.event.as_str() {
            "flow" | "sent" | "read" | "leaving" => line.word(1).to_owned(),
            "returning" => {
                let up = (line.number(1), "up".to_owned());
                flows.entry(up).or_default().ended = true;
                continue;
            }
            _ => continue,
        };
        let flow = flows.entry((line.number(0), direction)).or_default();
        match line.event.as_str() {
            "flow" => {
                flow.sender = line.pid;
                (flow.planned, flow.lossy) = (line.number(2), line.word(3) == "true");
            }
            "sent" if line.word(3) != "so-far" => {
                flow.ended |= line.word(3) == "all";
                flow.sent = Some((line.number(2), line.word(3).to_owned()));
            }
            "read" => {
                flow.reader = line.pid;
                flow.read = Some((line.number(2), line.number(3), line.word(4).to_owned()));
            }
            "leaving" => flow.ended |= line.word(2) == "true",
            _ => {}
        }
    }
    flows
}

/// What is wrong with a flow, if anything is.
fn wrong_with(story: &Story, flow: &Flow) -> Option<&'static str> {
    let Some((count, next, how)) = &flow.read else {
        return None;
    };
    // Of a sender that was killed, no more is known than what it was to send.
    let sent = flow.sent.as_ref().map_or(flow.planned, |(sent, _)| *sent);
    if *next > sent || !flow.lossy && count != next {
        return Some("order: more was read than was sent");
    }
    match how.as_str() {
        "end" if !flow.ended => Some("a stream that was cut off ended as if on purpose"),
        "end" if !flow.lossy && *count < sent => {
            Some("lost: not everything arrived before the end")
        }
        "end" if flow.lossy && *next < sent => {
            Some("lost: the newest did not arrive before the end")
        }
        "cut:codec" | "cut:config" | "cut:deadlock" | "cut:other" | "cut:closed" => {
            Some("a stream was cut off for no reason")
        }
        "cut:remote" | "cut:died" if flow.sent.is_none() && story.was_orderly(flow.sender) => {
            Some("C1: the end of a stream that sends was forgotten")
        }
        _ => match flow.sent.as_ref().map(|(_, how)| how.as_str()) {
            Some("codec" | "config" | "deadlock" | "other") => {
                Some("a stream could not be sent to for no reason")
            }
            _ => None,
        },
    }
}

/// A scope of a context does not return before the function at its other end is gone, and returns
/// what became of that.
fn judge_outcome(story: &Story, id: u64, call: &Call, up: &Flow, complaints: &mut Vec<String>) {
    let says = |event: &str, word: usize| {
        let mut lines = story.lines.iter();
        lines.any(|line| line.event == event && line.number(word) == id)
    };
    let returned = says("returning", 0);
    // Each of several contexts is told of the failure of any.
    let gathered = says("gathered", 0);
    // The function at the far end of a relay has returned for all of them.
    let passed_on = says("returning", 1) || leaves(story, id);
    for (resolved, outcome) in &call.resolved {
        for &(_, pid) in &call.begun {
            let ended = |&(when, place): &(_, u32)| place == pid && when < *resolved;
            let is_gone = match outcome.as_str() {
                // It is dead, or out of reach.
                "died" | "lost" if !gathered => true,
                _ => call.ended.iter().any(ended) || !story.was_orderly(pid),
            };
            if !is_gone {
                let name = story.name(pid);
                complaints.push(format!(
                    "C2: the scope of context {id} returned `{outcome}` before its function in {name} was gone"
                ));
            }
        }
        if outcome == "ok" && !passed_on {
            complaints.push(format!(
                "C1: context {id} succeeded, and nothing was returned"
            ));
        }
        if outcome == "remote" && call.failing.is_empty() && returned && !gathered {
            complaints.push(format!("E1: context {id} returned, and its scope failed"));
        }
        if outcome == "died"
            && returned
            && !gathered
            && !up.has_unread()
            && call.begun.iter().all(|&(_, pid)| story.was_orderly(pid))
        {
            complaints.push(format!(
                "E1: context {id} returned, and its actor was called dead"
            ));
        }
    }
}

/// A reader that waits for an item when its context fails is told so before its body is dropped.
fn judge_notice(story: &Story, id: u64, call: &Call, up: &Flow, complaints: &mut Vec<String>) {
    let how = up.read.as_ref().map_or("", |(.., how)| how.as_str());
    let succeeded = call.resolved.iter().any(|(_, outcome)| outcome == "ok");
    if succeeded && how.starts_with("cut:") && !leaves(story, id) {
        let reader = story.name(up.reader);
        complaints.push(format!(
            "E1: context {id} succeeded, and {reader} read `{how}`"
        ));
    }
    let failed = call
        .resolved
        .iter()
        .any(|(_, outcome)| matches!(outcome.as_str(), "remote" | "died" | "lost"));
    let mut lines = story.lines.iter();
    let gathered = lines.any(|line| line.event == "gathered" && line.number(0) == id);
    // Of several contexts another one may have failed.
    let failed = failed && !(gathered && call.failing.is_empty());
    if failed && how == "waiting" && !leaves(story, id) && up.reader == call.caller {
        let reader = story.name(up.reader);
        complaints.push(format!(
            "E1: context {id} failed, and {reader} waited for its next item until it was dropped"
        ));
    }
}

/// True when the body of a context has left it by itself.
fn leaves(story: &Story, id: u64) -> bool {
    let mut lines = story.lines.iter();
    lines.any(|line| line.event == "leaving" && line.number(0) == id && line.word(1) == "down")
}
