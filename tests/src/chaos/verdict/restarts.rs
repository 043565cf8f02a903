//! Restarts: no sooner and no oftener than they may be.

use std::time::Duration;

use super::story::{Actor, Scope, Story};
use crate::chaos::calls::Kind;
use crate::chaos::{BACKOFF, LONGEST_BACKOFF, MAX_RESTARTS};

pub(super) fn judge(story: &Story, complaints: &mut Vec<String>) {
    for scope in story.scopes.values() {
        let owner = story.name(scope.owner);
        let restarts = scope.names.iter().map(|name| {
            let lives = story.lives(scope, name);
            if scope.strategy == "OneForOne" {
                judge_delays(story, &lives, complaints);
            }
            lives.len().saturating_sub(1)
        });
        let restarts: usize = restarts.sum();
        let most = most(scope);
        if restarts > most {
            complaints.push(format!(
                "restarts: a scope of {owner} ({}) had {restarts} of at most {most}",
                scope.strategy
            ));
        }
    }
}

/// The most restarts that a scope may have.
fn most(scope: &Scope) -> usize {
    match scope.strategy.as_str() {
        "Never" => 0,
        "OneForOne" => MAX_RESTARTS,
        // One failure, and many are restarted.
        _ => MAX_RESTARTS * scope.names.len(),
    }
}

/// Each process of an actor that is restarted by itself comes after a delay.
fn judge_delays(story: &Story, lives: &[&Actor], complaints: &mut Vec<String>) {
    for (earlier, pair) in lives.windows(2).enumerate() {
        let (died, born) = (pair[0], pair[1]);
        let Some(cause) = cause(story, died) else {
            continue;
        };
        // At least half of what it can be.
        let doubled = BACKOFF * 2_u32.saturating_pow(earlier.try_into().unwrap_or(u32::MAX));
        let least = doubled.min(LONGEST_BACKOFF) / 2;
        let after = Duration::from_nanos(born.born.at.saturating_sub(cause));
        if after < least {
            let name = story.name(born.pid);
            complaints.push(format!(
                "restarts: {name} came {after:?} after the end of {}, not {least:?}",
                died.pid
            ));
        }
    }
}

/// When that happened for which a process was replaced; the first thing, where several may be.
fn cause(story: &Story, died: &Actor) -> Option<u64> {
    let dying = died.dying.iter().map(|(when, _)| when.at);
    let struck = died.struck.iter().map(|(when, _)| when.at);
    let one_shots = story.calls.values();
    let one_shots = one_shots.filter(|call| call.kind == Kind::OneShot.word());
    let failing = one_shots.flat_map(|call| &call.failing);
    let failed = failing.filter(|&&(_, pid)| pid == died.pid);
    let failed = failed.map(|(when, _)| when.at);
    dying.chain(struck).chain(failed).min()
}
