//! Examples that show why something goes wrong.

use crate::ongoing::Ongoing;
use crate::run::{lines_of, run, without_pid};

/// The report, as nobody sits at a terminal; without what the feature `debug` adds to it, which this may be
/// compiled with.
#[test]
fn why_did_it_crash_tells_where_and_by_whom() {
    let output = run("why_did_it_crash", &[]);
    let lines = |bytes: &[u8]| -> Vec<_> {
        let text = String::from_utf8_lossy(bytes);
        text.lines().map(without_pid).collect()
    };
    let crash =
        "`why_did_it_crash::share` panicked in root.bakery.till[pid]: attempt to divide by zero";
    assert_eq!(lines(&output.stdout), [format!("closed: {crash}")]);
    let stderr = lines(&output.stderr);
    assert_eq!(
        stderr.first().map(String::as_str),
        Some(crash),
        "{stderr:#?}"
    );
    for expected in [
        "called by root.bakery[pid]",
        "backtrace:",
        "this actor:",
        "  root.bakery.till[pid] runs",
    ] {
        let count = stderr.iter().filter(|line| *line == expected).count();
        assert_eq!(count, 1, "{expected}: {stderr:#?}");
    }
    let arrow = stderr.iter().find(|line| line.starts_with('▶'));
    assert!(
        arrow.is_some_and(|line| line.ends_with("loaves / customers")),
        "{stderr:#?}"
    );
}

#[test]
fn why_does_it_hang_shows_the_chain_to_who_does_not_answer() {
    let chain = [
        "root[pid] runs",
        "│   waits for why_does_it_hang::bake, root.bakery[pid]",
        "└─ bakery[pid] runs",
        "   │   answers why_does_it_hang::bake, root[pid]",
        "   │   waits for why_does_it_hang::grind, root.bakery.mill[pid]",
        "   └─ mill[pid] does not answer",
    ];
    let shown = |tree: &[String]| {
        let mut lines = tree.iter().map(|line| without_pid(line)).zip(chain);
        lines.all(|(line, expected)| line.starts_with(expected))
    };
    let hung = Ongoing::start("why_does_it_hang", &["3600".as_ref()]);
    let mut lines = Vec::new();
    while !lines.windows(chain.len()).any(shown) {
        lines.push(hung.next());
    }
    hung.kill();
}

#[test]
fn why_does_it_hang_comes_to_an_end() {
    let lines = lines_of("why_does_it_hang");
    assert_eq!(lines.last().map(String::as_str), Some("180 loaves"));
}

#[test]
fn why_is_it_slow_shows_the_times_of_each_handler() {
    let lines = lines_of("why_is_it_slow");
    assert!(lines.contains(&"200 loaves".to_owned()), "{lines:#?}");
    let field = |function: &str, name: &str| {
        let call = format!("call{{function=\"why_is_it_slow::{function}\"");
        let line = lines.iter().find(|line| line.contains(&call));
        let line = line.unwrap_or_else(|| panic!("no {function}: {lines:#?}"));
        let (_, rest) = line.split_once(&format!(" {name}=")).unwrap_or_default();
        let end = rest.find([' ', '}']).unwrap_or(rest.len());
        assert!(end > 0, "no {name}: {line}");
        rest[..end].to_owned()
    };
    assert_eq!(field("grind", "parent_id"), field("bake", "span_id"));
    assert_eq!(field("grind", "trace_id"), field("bake", "trace_id"));
    for time in ["time.busy", "time.idle"] {
        field("grind", time);
    }
}
