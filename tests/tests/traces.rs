//! Where the handlers of calls stand in traces, as a subscriber of the program's own sees it.

use tests::fixture::{Ended, Fixture};

fn traced(args: &[&str]) -> Ended {
    let traced = Fixture::new(env!("CARGO_BIN_EXE_traced"));
    let ended = args.iter().fold(traced, Fixture::arg).run();
    ended.assert_code(0);
    ended
}

/// The span of a handler, as it was printed.
#[derive(Debug)]
struct Span<'a> {
    actor: &'a str,
    function: &'a str,
    trace: &'a str,
    id: &'a str,
    parent: Option<&'a str>,
    cancelled_by: Option<&'a str>,
    error: Option<&'a str>,
}

impl<'a> Span<'a> {
    fn read(line: &'a str) -> Option<Self> {
        let known = |text| Some(text).filter(|text| *text != "-");
        let words: Vec<_> = line.strip_prefix("span ")?.splitn(7, ' ').collect();
        let [actor, function, trace, id, parent, cancelled_by, error] = words[..] else {
            panic!("not a span: {line}");
        };
        let span = Self {
            actor,
            function: function.rsplit("::").next().expect("a path"),
            trace,
            id,
            parent: known(parent),
            cancelled_by: known(cancelled_by),
            error: known(error),
        };
        assert_hex(span.trace, 32);
        assert_hex(span.id, 16);
        Some(span)
    }

    fn all(ended: &'a Ended) -> Vec<Self> {
        ended
            .stdout
            .iter()
            .filter_map(|line| Self::read(line))
            .collect()
    }
}

#[track_caller]
fn assert_hex(id: &str, digits: usize) {
    let hex = |digit: char| matches!(digit, '0'..='9' | 'a'..='f');
    assert!(id.len() == digits && id.chars().all(hex), "{id}");
}

#[track_caller]
fn find<'s, 'a>(spans: &'s [Span<'a>], actor: &str, function: &str) -> &'s Span<'a> {
    let mut found = spans
        .iter()
        .filter(|span| (span.actor, span.function) == (actor, function));
    found
        .next()
        .unwrap_or_else(|| panic!("no {function} in {actor}: {spans:#?}"))
}

#[test]
fn handler_stands_below_its_caller() {
    let ended = traced(&["a", "b", "c"]);
    let spans = Span::all(&ended);
    assert_eq!(spans.len(), 3, "{}", ended.text());
    let [a, b, c] =
        ["root.a", "root.a.b", "root.a.b.c"].map(|actor| find(&spans, actor, "descend"));
    assert_eq!(a.parent, None, "the body of `main` is in no trace");
    assert_eq!(b.parent, Some(a.id));
    assert_eq!(c.parent, Some(b.id));
    assert!(
        [b, c].iter().all(|span| span.trace == a.trace),
        "{spans:#?}"
    );
}

#[test]
fn actor_without_spans_does_not_cut_a_trace() {
    let ended = traced(&["a", "silent", "c"]);
    let spans = Span::all(&ended);
    assert_eq!(spans.len(), 2, "{}", ended.text());
    let (a, c) = (
        find(&spans, "root.a", "descend"),
        find(&spans, "root.a.silent.c", "descend"),
    );
    assert_eq!((c.parent, c.trace), (Some(a.id), a.trace));
}

#[test]
fn every_kind_of_handler_runs_in_its_span() {
    let ended = traced(&["every-kind"]);
    for event in [
        "compute computes",
        "ticks yields",
        "talk talks",
        "nap is dropped",
    ] {
        let line = format!("event traced::{event}");
        assert!(ended.stdout.contains(&line), "{event}: {}", ended.text());
    }
    let spans = Span::all(&ended);
    assert_eq!(spans.len(), 9, "{}", ended.text());

    // A one-shot is called by the owner of its process, on behalf of the handler that has started it.
    let (delegate, compute) = (
        find(&spans, "root.a", "delegate"),
        spans
            .iter()
            .find(|span| span.actor.starts_with("root.a."))
            .expect("there was a one-shot"),
    );
    assert_eq!(
        (compute.parent, compute.trace),
        (Some(delegate.id), delegate.trace)
    );

    let apart = find(&spans, "root.a", "compute");
    assert_ne!(apart.trace, delegate.trace, "neither caller was in a trace");
    let error = |function| find(&spans, "root.a", function).error;
    assert_eq!(error("compute"), None);
    assert!(error("fail").is_some_and(|error| error.contains("it fails")));
    assert!(error("panics").is_some_and(|error| error.contains("it panics")));
    let nap = find(&spans, "root.a", "nap");
    assert!(
        nap.cancelled_by.is_some_and(|by| by.starts_with("root[")),
        "{nap:?}"
    );
}
