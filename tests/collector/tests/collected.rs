//! What a collector of OpenTelemetry gets from a tree: OTLP over HTTP, as it is on the wire.

mod receiver;

use std::collections::BTreeSet;

use receiver::{Received, Receiver};
use tests::fixture::{Ended, Fixture};

/// Runs a tree to its end, and gives what it has exported until then.
fn collect(what: &str) -> (Received, Ended) {
    collect_with(what, |fixture| fixture)
}

/// The same, of one that is started with more.
fn collect_with(what: &str, with: impl FnOnce(Fixture) -> Fixture) -> (Received, Ended) {
    let receiver = Receiver::new();
    let collector = Fixture::new(env!("CARGO_BIN_EXE_collector"));
    let ended = with(collector.arg(receiver.address()).arg(what)).run();
    (receiver.received(), ended)
}

/// What is received of a tree that succeeds.
fn collected(what: &str) -> Received {
    let (received, ended) = collect(what);
    ended.assert_code(0);
    received
}

/// The actors of the test with three hops, one below the other.
const HOPS: [&str; 4] = ["root", "root.a", "root.a.b", "root.a.b.c"];

/// `job` in the root, then in each actor `descend`, and in all but the last a `step` below that.
fn assert_three_hops(received: &Received) {
    assert_eq!(received.traces().len(), 1, "{received:#?}");
    assert_eq!(received.spans.len(), 7, "{received:#?}");
    let job = received.find("root", "job");
    assert_eq!(job.parent, None);
    // The root calls `descend` itself, which is a local call.
    let mut above = received.find("root", "step");
    assert_eq!(above.parent.as_ref(), Some(&job.id));
    for actor in &HOPS[1..] {
        let handler = received.find(actor, "collector::descend");
        assert_eq!(handler.parent.as_ref(), Some(&above.id), "{handler:#?}");
        if *actor != HOPS[3] {
            above = received.find(actor, "step");
            assert_eq!(above.parent.as_ref(), Some(&handler.id), "{above:#?}");
        }
    }
    let pids = HOPS.map(|actor| received.of(actor).next().expect("it has spans").pid);
    assert_eq!(BTreeSet::from(pids).len(), HOPS.len(), "{pids:?}");
}

#[test]
fn three_hops_are_one_trace() {
    let received = collected("descend");
    assert_three_hops(&received);
    assert_eq!(received.services, ["collected"]);
    let handler = received.find("root.a.b.c", "collector::descend");
    assert!(handler.is_server);
    assert_eq!(handler.text("rpc.system.name"), "tractor");
    assert_eq!(handler.text("rpc.method"), "collector::descend");
    assert!(
        handler.text("caller").starts_with("root.a.b["),
        "{handler:#?}"
    );
    assert_eq!(handler.error, None);
}

#[test]
fn subscriber_of_the_program_takes_part() {
    assert_three_hops(&collected("own-subscriber"));
}

#[test]
fn log_lines_and_spans_are_apart() {
    let lines = |fixture: Fixture| fixture.env("TRACTOR_LOG", "tractor=debug");
    let (received, ended) = collect_with("descend", lines);
    ended.assert_code(0);
    assert_three_hops(&received);
    let ready = ended.stderr.iter().filter(|line| line.ends_with("ready"));
    assert_eq!(ready.count(), 3, "{}", ended.text());
}

#[test]
fn burst_of_spans_arrives_whole() {
    let received = collected("many");
    let ones = received.spans.iter().filter(|span| span.name == "one");
    assert_eq!(ones.count(), 5000);
}

#[test]
fn environment_can_turn_traces_off() {
    let off = |fixture: Fixture| fixture.env("OTEL_TRACES_SAMPLER", "always_off");
    let (received, ended) = collect_with("descend", off);
    ended.assert_code(0);
    assert!(received.spans.is_empty(), "{received:#?}");
}

#[test]
fn only_the_root_exports_and_only_once() {
    let (_, ended) = collect("refused");
    ended.assert_code(0);
    for (what, why) in [
        ("filter ", "`loud=very` is no filter"),
        ("child ", "that is done in the root"),
        ("twice ", "exported already"),
    ] {
        let refused = ended.line(what);
        assert!(refused.contains(why), "{refused}");
    }
}

#[test]
fn subscriber_without_the_layer_is_refused() {
    let (received, ended) = collect("other-subscriber");
    ended.assert_code(1);
    let text = ended.stderr.join("\n");
    assert!(text.contains("tractor::opentelemetry::layer()"), "{text}");
    assert!(received.spans.is_empty(), "{received:#?}");
}

#[test]
fn every_kind_of_handler_is_in_the_trace() {
    let received = collected("every-kind");
    assert_eq!(received.traces().len(), 1, "{received:#?}");
    let job = received.find("root", "job");
    for (function, inside) in [
        ("compute", Some("computing")),
        ("ticks", Some("yielding")),
        ("talk", Some("talking")),
        ("fail", None),
        ("delegate", None),
    ] {
        let handler = received.find("root.a", &format!("collector::{function}"));
        assert_eq!(handler.parent.as_ref(), Some(&job.id), "{handler:#?}");
        if let Some(inside) = inside {
            let inside = received.find("root.a", inside);
            assert_eq!(inside.parent.as_ref(), Some(&handler.id), "{inside:#?}");
        }
    }
    // Of a plain function, on the blocking pool.
    assert_eq!(received.find("root.a", "computing").events, ["computes"]);

    let failed = received.find("root.a", "collector::fail");
    let error = failed.error.as_deref().expect("the status is an error");
    assert!(error.contains("it fails"), "{error}");
    assert_eq!(failed.text("error.type"), "alloc::string::String");

    let delegate = received.find("root.a", "collector::delegate");
    let one_shot = received
        .spans
        .iter()
        .find(|span| span.actor.starts_with("root.a."));
    let one_shot = one_shot.expect("there was a one-shot");
    assert!(
        received
            .spans
            .iter()
            .any(|span| span.name == "collector::compute"
                && span.actor == one_shot.actor
                && span.parent.as_ref() == Some(&delegate.id)),
        "{received:#?}"
    );
}

#[test]
fn traces_at_the_same_time_do_not_mix() {
    let received = collected("two");
    assert_eq!(received.traces().len(), 2, "{received:#?}");
    for (one, other) in [("root.a", "root.a.b"), ("root.c", "root.c.d")] {
        let [above, below] = [one, other].map(|actor| received.find(actor, "collector::descend"));
        assert_eq!(above.trace, below.trace);
        let step = received.find(one, "step");
        assert_eq!(step.parent.as_ref(), Some(&above.id));
        assert_eq!(below.parent.as_ref(), Some(&step.id));
    }
    let [first, second] =
        ["root.a", "root.c"].map(|actor| received.find(actor, "collector::descend"));
    assert_ne!(first.trace, second.trace);
}

/// And what is not finished, because its body fails, is exported when it is dropped.
#[test]
fn spans_of_an_actor_that_was_killed_are_exported() {
    let (received, ended) = collect("killed");
    ended.assert_code(0);
    assert!(
        ended.line("failed ").contains("SIGKILL"),
        "{}",
        ended.text()
    );
    let handler = received.find("root.a", "collector::compute");
    let computing = received.find("root.a", "computing");
    let job = received.find("root", "job");
    assert_eq!(handler.parent.as_ref(), Some(&job.id));
    assert_eq!(computing.parent.as_ref(), Some(&handler.id));
}
