//! Log lines: whose they are, where they go, and how many.

use std::collections::BTreeMap;

use nix::sys::signal::Signal;
use tests::fixture::{Ended, Fixture};
use tests::{PATIENCE, wait_until};

fn logging(what: &str) -> Fixture {
    Fixture::new(env!("CARGO_BIN_EXE_logging")).arg(what)
}

/// One whose actors log to where `to` says.
fn logging_to(to: &str, what: &str) -> Fixture {
    let logging = logging(what).env("TRACTOR_LOG_TO", to);
    logging.env("TRACTOR_LOG", "logging=info")
}

/// Asserts that every actor has written its numbered lines, whole and in this order.
fn assert_counted(ended: &Ended, actors: usize, lines: usize, tail: usize) {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let tail = "x".repeat(tail);
    for line in &ended.stderr {
        let (actor, rest) = line.split_once(' ').expect("it has a name");
        assert!(
            actor.starts_with("root.worker_") && actor.ends_with(']'),
            "torn: {line}"
        );
        let n = seen.entry(actor).or_default();
        let end = format!(" INFO logging: line {n}. {tail}.");
        assert!(rest.ends_with(&end), "line {n} is to follow: {line}");
        *n += 1;
    }
    assert_eq!(seen.len(), actors, "{seen:?}");
    assert!(seen.values().all(|seen| *seen == lines), "{seen:?}");
}

#[test]
fn lines_of_many_actors_are_whole_and_in_order() {
    for to in ["own", "root"] {
        let ended = logging_to(to, "count").run();
        ended.assert_code(0);
        assert_counted(&ended, 8, 1250, 0);
    }
}

/// Longer than what a pipe takes at once.
#[test]
fn long_lines_are_whole_at_the_root() {
    let ended = logging_to("root", "long").run();
    ended.assert_code(0);
    assert_counted(&ended, 8, 100, 20_000);
}

#[test]
fn lines_of_a_killed_actor_arrive() {
    let ended = logging_to("root", "die").run();
    ended.assert_code(0);
    assert!(ended.stdout[0].contains("SIGKILL"), "{}", ended.text());
    assert_eq!(ended.stderr.len(), 1000);
    assert!(
        ended.stderr[999].ends_with("line 999."),
        "{}",
        ended.stderr[999]
    );
}

#[test]
fn line_names_the_call_without_its_trace() {
    let ended = logging("stand").env("TRACTOR_LOG", "info").run();
    ended.assert_code(0);
    let stands = ended.stderr.iter().find(|line| line.contains("stands"));
    let stands = stands.unwrap_or_else(|| panic!("{}", ended.text()));
    let (_, line) = stands.split_once(" INFO ").expect("it has a level");
    let (call, rest) = line.split_once('[').expect("its caller has a pid");
    assert_eq!(call, "call{function=\"logging::stand\" caller=root");
    let (_, rest) = rest.split_once(']').expect("it ends");
    assert_eq!(rest, "}:mine{trace_id=7}: logging: stands span_id=8");
}

/// What `own` has written to stdout.
fn own() -> Ended {
    let ended = logging("own").run();
    ended.assert_code(0);
    assert!(ended.stderr.is_empty(), "{}", ended.text());
    ended
}

#[test]
fn subscriber_of_the_root_gets_events_as_they_were() {
    let ended = own();
    let described: Vec<_> = ended
        .stdout
        .iter()
        .filter(|line| line.contains("described"))
        .collect();
    let [described] = described.as_slice() else {
        panic!("it is one line: {}", ended.text());
    };
    let file = "src/bin/logging.rs:";
    assert!(
        described.contains(" WARN logging: ") && described.contains(file),
        "{described}"
    );
    for field in [
        "signed=-1",
        "unsigned=2",
        &format!("huge={}", u128::MAX),
        "truth=true",
        "float=0.5",
        "text=\"a b\"",
        "shown=c d",
        "debugged=Some(1)",
        "cause=an error occurred when formatting an argument",
        "actor.name=\"root.worker_0\"",
        "actor.pid=",
        "actor.spans=call{",
        "trace_id=",
        "outer{n=1 late=\"yes\"}:inner",
    ] {
        assert!(described.contains(field), "no `{field}`: {described}");
    }
}

#[test]
fn subscriber_of_the_root_says_how_many_it_wants() {
    let ended = own();
    let loud = |line: &&String| line.contains("loud ");
    let levels: Vec<_> = ended.stdout.iter().filter(loud).collect();
    assert_eq!(levels.len(), 4, "no debug, and no trace: {}", ended.text());
    let deep = ended.stdout.iter().find(|line| line.contains("deep info"));
    let deep = deep.unwrap_or_else(|| panic!("of a grandchild: {}", ended.text()));
    assert!(
        deep.contains("actor.name=\"root.worker_0.child\""),
        "{deep}"
    );
    let refused = ended.line("refused ");
    assert!(
        refused.contains("root[") && refused.contains("subscriber of its own"),
        "{refused}"
    );
}

#[test]
fn who_cannot_reach_the_root_logs_by_itself() {
    let ended = logging("late").env("TRACTOR_LOG", "warn").run();
    ended.assert_code(0);
    let text = ended.stderr.join("\n");
    assert!(
        text.contains("cannot collect its events") && text.contains("told so at the root"),
        "{text}"
    );
    let late = ended.stderr.iter().find(|line| line.contains("late error"));
    assert!(
        late.is_some_and(|line| line.starts_with("root.a.child[")),
        "{text}"
    );
}

#[test]
fn levels_change_while_actors_run() {
    for to in ["own", "root"] {
        let ended = logging_to(to, "change").run();
        ended.assert_code(0);
        let mut said: Vec<_> = ended
            .stderr
            .iter()
            .map(|line| {
                let actor = line.split('[').next().expect("a name");
                let words: Vec<_> = line.rsplit(' ').take(2).collect();
                format!("{actor} {} {}", words[1], words[0])
            })
            .collect();
        said.sort();
        let mut expected = Vec::new();
        for actor in ["root.a", "root.a.child", "root.b"] {
            let levels: &[&str] = match actor {
                "root.b" => &["error", "info", "warn"],
                _ => &["debug", "error", "info", "trace", "warn"],
            };
            expected
                .extend(["error", "info", "warn"].map(|level| format!("{actor} first {level}")));
            expected.extend(levels.iter().map(|level| format!("{actor} second {level}")));
            expected.extend(["elsewhere", "error"].map(|level| format!("{actor} third {level}")));
        }
        assert_eq!(said, expected, "{}", ended.text());
        assert!(
            ended.line("refused ").contains("`a=b=c`"),
            "{}",
            ended.text()
        );
    }
}

/// What the command says of `running`.
fn log(args: &[&str]) -> Ended {
    let command = Fixture::new(env!("CARGO_BIN_EXE_command")).arg("log");
    args.iter().fold(command, Fixture::arg).run()
}

#[test]
fn command_changes_levels() {
    let running = logging("tick").start();
    running.line("up");
    let pid = running.pid().to_string();
    let changed = log(&["logging=debug", &pid, "--actor", "root.a"]);
    assert_eq!(
        changed.stdout,
        ["1 actor has changed"],
        "{}",
        changed.text()
    );
    wait_until("it ticks", PATIENCE, || running.has_logged("root.a["));
    let changed = log(&["logging=debug", &pid]);
    assert_eq!(
        changed.stdout,
        ["3 actors have changed"],
        "{}",
        changed.text()
    );
    wait_until("it ticks", PATIENCE, || running.has_logged("root.b["));
    for (args, reason) in [
        (["a=b=c", &pid, "--actor", "a"], "`a=b=c` is no log level"),
        (
            ["off", &pid, "--actor", "nobody"],
            "no actor is called `nobody`",
        ),
    ] {
        let refused = log(&args);
        refused.assert_code(1);
        assert!(
            refused.stderr.join("\n").contains(reason),
            "{}",
            refused.text()
        );
    }
    running.signal(Signal::SIGTERM);
    running.finish().assert_code(143);
}
