//! Processes: none outlives its scope (S1) or its parent (S2), and each exit is told once (S3).

use super::story::{Actor, Exit, Scope, Story};
use crate::chaos::ORPHANED;

const SIGKILL: i32 = 9;
const SIGTERM: i32 = 15;

pub(super) fn judge(story: &Story, complaints: &mut Vec<String>) {
    for scope in story.scopes.values() {
        for (pid, state) in &scope.left {
            if is_left(story, scope, *pid) {
                let (name, owner) = (story.name(*pid), story.name(scope.owner));
                complaints.push(format!(
                    "S1: a scope of {owner} ended and left {name} {state}"
                ));
            }
        }
    }
    for line in &story.lines {
        match line.event.as_str() {
            "end" if !line.word(1).is_empty() => {
                complaints.push(format!("S1: the root ended and left {}", line.word(1)));
            }
            "unsettled" => {
                let owner = story.name(line.pid);
                let left = line.word(1);
                complaints.push(format!(
                    "S3: a scope that {owner} dropped left {left} behind"
                ));
            }
            "descriptors" if line.number(1) > line.number(0) => {
                let (before, after) = (line.number(0), line.number(1));
                complaints.push(format!(
                    "B1: the root had {before} descriptors open before and {after} after"
                ));
            }
            _ => {}
        }
    }
    for actor in story.actors.values() {
        judge_records(story, actor, complaints);
        judge_orphan(story, actor, complaints);
    }
}

/// True when a child of a scope's owner belongs to that scope, as far as can be told.
fn is_left(story: &Story, scope: &Scope, pid: u32) -> bool {
    match story.actors.get(&pid) {
        Some(actor) => scope.names.iter().any(|name| name == actor.name()),
        // It has not come to its `main`. It is the scope's if that is the only one of its owner.
        None => story
            .scopes
            .values()
            .filter(|other| other.owner == scope.owner)
            .all(|other| {
                let end = scope.over.map_or(usize::MAX, |over| over.line);
                let over = other.over.map_or(usize::MAX, |over| over.line);
                other.opened.line > end || over <= scope.opened.line || over == end
            }),
    }
}

fn judge_records(story: &Story, actor: &Actor, complaints: &mut Vec<String>) {
    let name = story.name(actor.pid);
    let closed = story
        .scope_of(actor)
        .is_some_and(|(_, scope)| scope.reported);
    let records = actor.exits.len();
    if records > 1 || closed && records == 0 {
        complaints.push(format!("S3: the exit of {name} was told {records} times"));
    }
    for exit in &actor.exits {
        if story
            .scope_of(actor)
            .is_some_and(|(id, _)| id != exit.scope)
        {
            complaints.push(format!("S3: the exit of {name} was told to another scope"));
        }
        if !fits(story, actor, exit) {
            let Exit { rung, status, .. } = exit;
            complaints.push(format!(
                "S3: {name} cannot have ended with {status} ({rung}): struck by {:?}, dying {:?}",
                actor.struck, actor.dying
            ));
        }
    }
}

/// True when there is a reason for how an actor ended.
fn fits(story: &Story, actor: &Actor, exit: &Exit) -> bool {
    let (status, rung) = (exit.status.as_str(), exit.rung.as_str());
    let dying = actor.dying.as_ref().map(|(_, how)| how.as_str());
    if rung == "unasked" && actor.struck.is_empty() && dying.is_some() {
        return dying == Some(status);
    }
    if dying == Some(status) {
        return true;
    }
    match status {
        "code:0" => rung != "unasked",
        "signal:15" => matches!(rung, "terminated" | "killed") || actor.was_struck_by(SIGTERM),
        "signal:9" => rung == "killed" || actor.was_struck_by(SIGKILL),
        // Without descriptors, which it inherits, it could not begin.
        _ => story
            .lines
            .iter()
            .any(|line| line.event == "starved" && line.pid == actor.parent),
    }
}

fn judge_orphan(story: &Story, actor: &Actor, complaints: &mut Vec<String>) {
    let Some(parent) = story.actors.get(&actor.parent) else {
        return;
    };
    let name = story.name(actor.pid);
    if story.orphans.contains(&actor.pid) && story.was_orderly(parent.pid) {
        let parent = story.name(parent.pid);
        complaints.push(format!("S1: {parent} ended in order and left {name}"));
    }
    if let Some(death) = death(parent)
        && actor.last.at > death + u64::try_from(ORPHANED.as_nanos()).unwrap_or(u64::MAX)
    {
        complaints.push(format!("S2: {name} has outlived its parent"));
    }
}

/// When an actor was dead for sure, or as good as.
fn death(actor: &Actor) -> Option<u64> {
    let struck = actor.struck.iter();
    let struck = struck.filter(|&&(_, signal)| signal == SIGKILL || signal == SIGTERM);
    let told = actor.exits.iter().map(|exit| exit.when.at);
    let dying = actor.dying.iter().map(|(when, _)| when.at);
    struck
        .map(|(when, _)| when.at)
        .chain(told)
        .chain(dying)
        .min()
}
