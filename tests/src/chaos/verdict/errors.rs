//! Errors: what a handler failed with arrives, from there, as it was (E1).

use super::story::{Call, Scope, Story};
use crate::chaos::calls::Kind;
use crate::chaos::deeds::Fault;
use crate::chaos::log::Line;

pub(super) fn judge(story: &Story, complaints: &mut Vec<String>) {
    for line in &story.lines {
        if line.event == "error"
            && let Some(wrong) = wrong_with(story, line)
        {
            let seen_by = story.name(line.pid);
            complaints.push(format!(
                "E1: {wrong}, as seen by {seen_by}: {:?}",
                line.words
            ));
        }
    }
    for (&id, call) in &story.calls {
        judge_outcome(story, id, call, complaints);
    }
    for scope in story.scopes.values() {
        let outcome = scope.closed.as_ref().map(|(_, outcome)| outcome.as_str());
        match outcome.filter(|_| scope.strategy == "Never") {
            Some("ok") => judge_success(story, scope, complaints),
            // That others are cancelled because of a failure is not what a scope fails with.
            Some("cancelled") if !scope.failures.is_empty() => {
                let (owner, failures) = (story.name(scope.owner), &scope.failures);
                complaints.push(format!(
                    "E1: a scope of {owner} was cancelled by {failures:?}"
                ));
            }
            _ => {}
        }
    }
}

/// A scope that restarts nobody has succeeded: then nothing in it has failed.
fn judge_success(story: &Story, scope: &Scope, complaints: &mut Vec<String>) {
    let owner = story.name(scope.owner);
    if !scope.failures.is_empty() {
        complaints.push(format!("E1: a scope of {owner} hid {:?}", scope.failures));
    }
    let lives = scope.names.iter().flat_map(|name| story.lives(scope, name));
    for actor in lives {
        if actor.exits.iter().any(|exit| exit.rung == "unasked") {
            let name = story.name(actor.pid);
            complaints.push(format!("E1: a scope of {owner} hid the death of {name}"));
        }
    }
}

/// What is wrong with an error that arrived, if anything is.
fn wrong_with(story: &Story, line: &Line) -> Option<String> {
    let (origin, pid) = (line.word(1), line.process(2));
    let known = story
        .actors
        .get(&pid)
        .is_some_and(|actor| actor.path == origin);
    if !known {
        return Some(format!("{origin}[{pid}] is nobody"));
    }
    let observer = &story.actors.get(&line.pid)?.path;
    let way = between(origin, observer);
    if line.word(3) != way {
        return Some(format!("the way was `{way}`"));
    }
    let message = line.word(5);
    let Some(id) = id_in(message) else {
        // Only several at the same time become the text of another error.
        let alone = !message.contains(" failures: ");
        return (alone && ends_in_failure(message)).then(|| "it was flattened".to_owned());
    };
    let Some(call) = story.calls.get(&id) else {
        return Some("no such call was made".to_owned());
    };
    if call.failing.iter().all(|&(_, place)| place != pid) {
        return Some("it comes from elsewhere".to_owned());
    }
    let (panics, chain) = (message == Fault::panic(id), Fault::chain(id));
    let (kind, chain, value) = match panics {
        true => ("panic", "", "none".to_owned()),
        false => (Fault::type_name(), chain.as_str(), id.to_string()),
    };
    if (line.word(4), line.word(6), line.word(7)) != (kind, chain, value.as_str()) {
        return Some(format!("it was a {kind} `{chain}` {value}"));
    }
    let whose = story.calls.get(&line.number(0));
    // What has no handler below itself that could have failed can only have failed itself.
    if whose.is_some_and(|call| !call.failing.is_empty()) && line.number(0) != id {
        return Some("it is another call's".to_owned());
    }
    None
}

/// The actors that an error climbs through from `origin` to `observer`, itself left out.
fn between(origin: &str, observer: &str) -> String {
    let mut way = Vec::new();
    let mut path = origin;
    while let Some((above, _)) = path.rsplit_once('.') {
        if above.len() <= observer.len() {
            break;
        }
        way.push(above);
        path = above;
    }
    way.join(" ")
}

/// The call that a failure is of, if the text is that of a failure.
fn id_in(text: &str) -> Option<u64> {
    let id = text.rsplit(' ').next()?.parse().ok()?;
    (text == Fault::text(id) || text == Fault::panic(id)).then_some(id)
}

/// True when the text of a failure is the end of another.
fn ends_in_failure(text: &str) -> bool {
    let failure = text.rsplit(": ").next();
    failure.is_some_and(|failure| id_in(failure).is_some())
}

fn judge_outcome(story: &Story, id: u64, call: &Call, complaints: &mut Vec<String>) {
    if call.failing.is_empty() {
        return;
    }
    for (_, outcome) in &call.resolved {
        // Whoever dies or is cancelled that very moment may have no time to tell.
        let told = ["remote", "died", "cancelled", "lost", "group", "own"];
        if !told.contains(&outcome.as_str()) {
            let caller = story.name(call.caller);
            complaints.push(format!(
                "E1: call {id} of {caller} failed, and was told `{outcome}`"
            ));
        }
    }
    let heard = call.kind == Kind::OneShot.word()
        && call.resolved.iter().any(|(_, outcome)| outcome == "remote");
    // Without a caller, it is the call of a one-shot whose result nobody waits for.
    let unheeded = call.kind.is_empty();
    for (_, pid) in &call.failing {
        if let Some(actor) = story.actors.get(pid)
            && (heard || unheeded && story.was_orderly(*pid))
            && let Some((_, scope)) = story.scope_of(actor)
            && scope.reported
            && !knows(scope, id)
        {
            let owner = story.name(scope.owner);
            complaints.push(format!("E1: a scope of {owner} lost the failure of {id}"));
        }
    }
}

/// True when a scope knows of the failure of a call.
fn knows(scope: &Scope, id: u64) -> bool {
    let texts = [Fault::text(id), Fault::panic(id)];
    let tells = |failure: &String| texts.iter().any(|text| failure.ends_with(text));
    scope.failures.iter().any(tells)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_climb_through_everybody_in_between() {
        assert_eq!(between("root.a.b.c", "root"), "root.a.b root.a");
        assert_eq!(between("root.a", "root"), "");
        assert_eq!(between("root.a.b", "root.a"), "");
    }

    #[test]
    fn failures_tell_whose_they_are() {
        assert_eq!(id_in("fault 12"), Some(12));
        assert_eq!(id_in("panic 12"), Some(12));
        assert_eq!(id_in("cause 12"), None);
        assert!(ends_in_failure("`act` failed in root.a1[7]: fault 12"));
        assert!(!ends_in_failure("root.a1[7] was killed by SIGKILL"));
    }
}
