//! Debug mode: what is told where an actor stops, at a prompt and without one.

use tests::fixture::{Ended, Fixture};
use tests::terminal::{Terminal, pid_of};
use tests::{PATIENCE, wait_until};

const PROGRAM: &str = env!("CARGO_BIN_EXE_debugged");

fn debugged(how: &str) -> Terminal {
    Terminal::start(PROGRAM, [how])
}

#[test]
fn panic_stops_before_it_unwinds() {
    for how in ["panic", "plain"] {
        let mut terminal = debugged(how);
        terminal.wait_for("attempt to divide by zero");
        terminal.wait_for("a / b");
        terminal.wait_for("(a) ");
        for (command, answer) in [
            ("args", "b = 0"),
            ("bt", "src/bin/debugged.rs:"),
            ("src", "▶"),
            ("err", "attempt to divide by zero"),
            ("spans", "call{function=\"debugged::divide"),
            ("log", "DEBUG"),
            ("tasks", "root.a["),
            ("tree", "\x1b[36mwaits for\x1b[0m debugged::divide"),
            ("env TERM", "TERM=xterm-256color"),
            ("nonsense", "no command `nonsense`"),
            ("help", "retry"),
        ] {
            terminal.ask(command, answer);
        }
        let text = terminal.text();
        // What is inlined has a place, but not its whole name.
        let names = ["debugged::divide", "{async_fn#0}", "divide_plainly"];
        let is_first = |name| text.contains(&format!("   0: {name}"));
        assert!(names.into_iter().any(is_first), "{text}");
        assert!(!text.contains("it is dropped"), "{text}");
        terminal.enter("continue");
        terminal.wait_for("it is dropped");
        terminal.wait_for("told:");
        terminal.end_with(0);
    }
}

#[test]
fn tree_at_the_prompt_is_as_wide_as_the_terminal() {
    let mut terminal = Terminal::start_in(PROGRAM, ["panic"], [("NO_COLOR", "1")]);
    terminal.wait_for("(a) ");
    // Wide enough for any number, and too narrow for a line.
    terminal.resize(24, 60);
    terminal.enter("tree");
    terminal.wait_for("runs, ");
    terminal.wait_for(",\r\n│     ");
    terminal.wait_for("│   waits for debugged::divide, root.a[");
    terminal.wait_for("does not answer, ");
    terminal.wait_for(",\r\n         ");
    terminal.wait_for("(a) ");
    terminal.enter("continue");
    terminal.wait_for("told:");
    terminal.end_with(0);
}

#[test]
fn span_of_any_level_that_is_logged_has_its_fields() {
    let mut terminal =
        Terminal::start_in(PROGRAM, ["dive"], [("TRACTOR_LOG", "debugged=trace,info")]);
    terminal.wait_for("(a) ");
    terminal.enter("spans");
    terminal.wait_for_screen(&["dive{depth=9}", "call{function=", "trace_id="]);
    terminal.enter("continue");
    terminal.wait_for("told:");
    terminal.end_with(0);
}

#[test]
fn error_stops_where_it_leaves() {
    let mut terminal = debugged("error");
    terminal.wait_for("`debugged::size` failed in root.a[");
    terminal.wait_for("(a) ");
    terminal.enter("args");
    terminal.wait_for("path = \"/nowhere\"");
    terminal.wait_for("_secret = a `debugged::Secret`, which has no `Debug`");
    terminal.wait_for("(a) ");
    // The end of what is typed.
    terminal.press(b"\x04");
    terminal.wait_for("told:");
    terminal.end_with(0);
}

#[test]
fn commands_are_completed() {
    let mut terminal = debugged("panic");
    terminal.wait_for("(a) ");
    terminal.press(b"cont\t\r");
    terminal.wait_for("told:");
    terminal.end_with(0);
}

#[test]
fn those_above_stop_as_well() {
    let mut terminal = debugged("below");
    terminal.wait_for("`debugged::divide` panicked in root.a.deep[");
    terminal.wait_for("(deep) ");
    terminal.enter("continue");
    terminal.wait_for("failed in debugged::below");
    terminal.wait_for("relayed by");
    terminal.wait_for("(a) ");
    terminal.enter("continue");
    terminal.wait_for("told:");
    terminal.end_with(0);
}

#[test]
fn actor_that_alone_is_in_debug_mode_has_a_prompt() {
    let mut terminal = debugged("alone");
    terminal.wait_for("`debugged::divide` panicked in root.a.middle.deep[");
    terminal.wait_for("(deep) ");
    // On a busy machine an actor may not answer within the second that is waited for it.
    wait_until("those above are shown", PATIENCE, || {
        terminal.enter("tree");
        let tree = terminal.wait_for("(deep) ");
        tree.contains(" debugged::divide, root.a.middle.deep[")
    });
    terminal.enter("continue");
    terminal.wait_for("told: `debugged::divide` panicked in root.a.middle.deep[");
    let text = terminal.end_with(0);
    assert_eq!(text.matches("lists the commands").count(), 1, "{text}");
}

#[test]
fn root_stops_for_what_it_returns() {
    let mut terminal = debugged("fails");
    terminal.wait_for("(a) ");
    terminal.enter("continue");
    terminal.wait_for("root[");
    terminal.wait_for("failed");
    terminal.wait_for("debugged::divide");
    terminal.wait_for("(root) ");
    terminal.enter("err");
    terminal.wait_for("attempt to divide by zero");
    terminal.wait_for("(root) ");
    terminal.enter("continue");
    terminal.wait_for("Error: ");
    terminal.end_with(1);
}

#[test]
fn daemon_stops_for_what_its_body_returns() {
    let mut terminal = debugged("daemon");
    terminal.wait_for("(a) ");
    terminal.enter("continue");
    terminal.wait_for("failed");
    terminal.wait_for("debugged::divide");
    terminal.wait_for("(root) ");
    terminal.enter("continue");
    terminal.wait_for("Error: ");
    terminal.end_with(1);
}

#[test]
fn same_call_succeeds_in_a_new_actor() {
    let mut terminal = debugged("retry");
    terminal.wait_for("gave \"first\"");
    terminal.wait_for("`second` comes too late");
    terminal.wait_for("(a) ");
    terminal.enter("retry");
    terminal.wait_for("gave \"second\"");
    terminal.end_with(0);
}

#[test]
fn same_call_that_fails_again_stops_again() {
    let mut terminal = debugged("panic");
    terminal.wait_for("(a) ");
    terminal.enter("retry");
    terminal.wait_for("root.a.divide[");
    terminal.wait_for("(divide) ");
    terminal.enter("continue");
    terminal.wait_for("told: `debugged::divide` panicked in root.a.divide[");
    terminal.end_with(0);
}

#[test]
fn root_can_pause() {
    let mut terminal = debugged("root");
    terminal.wait_for("root[");
    terminal.wait_for("tractor::pause().await");
    terminal.wait_for("(root) ");
    terminal.enter("bt");
    terminal.wait_for("   0: ");
    let backtrace = terminal.wait_for("(root) ");
    let begins = backtrace.lines().nth(1).expect("where that is");
    assert!(begins.contains("debugged.rs:"), "{backtrace}");
    assert!(!backtrace.contains("tractor::"), "{backtrace}");
    terminal.enter("tree");
    terminal.wait_for("does not answer");
    terminal.wait_for("(root) ");
    terminal.enter("continue");
    terminal.wait_for("goes on");
    terminal.end_with(0);
}

#[test]
fn answer_that_was_given_is_not_given_again() {
    let mut terminal = debugged("caught");
    for (why, gives) in [
        ("caught by whoever throws", "gave true"),
        ("do not let go", "gave Clinging"),
        ("caught by whoever throws", "gave true"),
    ] {
        terminal.wait_for(why);
        terminal.wait_for("(a) ");
        terminal.enter("retry");
        terminal.wait_for(gives);
    }
    terminal.wait_for("root[");
    let tree = terminal.end_with(0);
    assert!(!tree.contains("answers debugged::clings"), "{tree}");
}

#[test]
fn same_call_finds_the_same_modules() {
    let mut terminal = debugged("exposes");
    terminal.wait_for("not here");
    terminal.wait_for("(a) ");
    terminal.enter("retry");
    terminal.wait_for("gave [\"debugged\", \"debugged::other\"]");
    terminal.end_with(0);
}

#[test]
fn plain_function_that_is_called_again_can_be_cancelled() {
    let mut terminal = debugged("sticks");
    terminal.wait_for("(a) ");
    terminal.enter("retry");
    terminal.wait_for("sticks");
    terminal.wait_for("is loose");
    terminal.end_with(0);
}

#[test]
#[expect(clippy::disallowed_methods, reason = "it is no actor")]
fn caller_gets_the_error_when_the_call_cannot_be_made_again() {
    let mut terminal = Terminal::start_in(PROGRAM, ["panic"], [("TRACTOR_LOG", "warn")]);
    let head = terminal.wait_for("(a) ");
    let a = pid_of("root.a", &head);
    let limited = std::process::Command::new("prlimit")
        .args(["--nofile=3:3", "--pid", &a.to_string()])
        .status();
    assert!(limited.expect("there is `prlimit`").success());
    terminal.enter("retry");
    terminal.wait_for("the call cannot be made once more");
    terminal.wait_for("told: `debugged::divide` panicked in root.a[");
    terminal.end_with(0);
}

#[test]
fn what_cannot_be_shown_does_no_harm() {
    let mut terminal = debugged("prickly");
    terminal.wait_for("pricked 7 times");
    terminal.wait_for("(a) ");
    terminal.enter("args");
    terminal.wait_for("_what = cannot be shown: it panicked: do not look");
    terminal.wait_for("times = 7");
    terminal.wait_for("(a) ");
    terminal.enter("continue");
    terminal.wait_for("told:");
    terminal.end_with(0);
}

#[test]
fn what_the_thread_holds_is_not_waited_for() {
    let mut terminal = debugged("unspeakable");
    terminal.wait_for("do not speak");
    terminal.wait_for("(a) ");
    terminal.ask("tasks", "the thread that has stopped holds it");
    terminal.ask("args", "no call, or arguments");
    terminal.enter("continue");
    terminal.wait_for("told:");
    terminal.end_with(0);
}

#[test]
fn terminal_without_lines_to_edit_gets_the_report() {
    let mut terminal = Terminal::start_in(PROGRAM, ["panic"], [("TERM", "dumb")]);
    terminal.wait_for("attempt to divide by zero");
    terminal.wait_for("arguments:");
    terminal.wait_for("told:");
    terminal.end_with(0);
}

fn without_terminal(how: &str) -> Ended {
    Fixture::new(PROGRAM).arg(how).run()
}

#[test]
fn report_is_printed_once_where_there_is_no_terminal() {
    for (how, what) in [
        ("panic", "`debugged::divide` panicked in root.a["),
        ("error", "`debugged::size` failed in root.a["),
        ("below", "`debugged::divide` panicked in root.a.deep["),
    ] {
        let ended = without_terminal(how);
        ended.assert_code(0);
        let report = ended.stderr.join("\n");
        assert_eq!(report.matches(what).count(), 1, "{report}");
        assert_eq!(report.matches("arguments:\n").count(), 1, "{report}");
        assert!(report.contains("\ncalled by root"), "{report}");
        assert!(report.contains("last events:\n  "), "{report}");
    }
}

#[test]
fn report_is_printed_while_stderr_is_locked() {
    let ended = without_terminal("locked");
    ended.assert_code(0);
    let report = ended.stderr.join("\n");
    assert!(report.contains("heard all the same"), "{report}");
}

#[test]
fn three_reports_are_not_torn() {
    let ended = without_terminal("three");
    let report = ended.stderr.join("\n");
    let reports: Vec<_> = report
        .split("`debugged::divide` panicked in ")
        .skip(1)
        .collect();
    assert_eq!(reports.len(), 3, "{report}");
    for report in reports {
        let (actor, rest) = report.split_once(':').expect("it begins with the actor");
        assert!(
            rest.contains(&format!("in debugged::divide, actor {actor}")),
            "{report}"
        );
        assert!(
            rest.contains(&format!("this actor:\n  {actor}")),
            "{report}"
        );
    }
}

#[test]
fn some_errors_are_no_reason_to_stop() {
    let ended = without_terminal("ignored");
    ended.assert_code(0);
    assert!(ended.stderr.is_empty(), "{}", ended.text());
}

#[test]
fn environment_switches_it_off_and_on() {
    let off = Fixture::new(PROGRAM)
        .arg("panic")
        .env("TRACTOR_DEBUG", "0")
        .run();
    off.assert_code(0);
    assert!(off.stderr.is_empty(), "{}", off.text());
    let odd = Fixture::new(PROGRAM)
        .arg("panic")
        .env("TRACTOR_DEBUG", "yes")
        .run();
    odd.assert_code(1);
    assert!(
        odd.text()
            .contains("TRACTOR_DEBUG is `yes`; it has to be `1` or `0`"),
        "{}",
        odd.text()
    );
}
