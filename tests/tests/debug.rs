//! Debug mode, at a terminal and without one.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tests::disk::TempDir;
use tests::fixture::{Ended, Fixture};
use tests::terminal::Terminal;
use tests::{PATIENCE, wait_until};

const PROGRAM: &str = env!("CARGO_BIN_EXE_debugged");

/// What a terminal looks like whose lines can be edited.
const PROMPTS: [&str; 3] = ["(a) ", "(b) ", "(c) "];

fn debugged(how: &str) -> Terminal {
    Terminal::start(PROGRAM, [how])
}

/// The same with its log at the terminal.
fn logged(args: &[&str]) -> Terminal {
    Terminal::start_in(PROGRAM, args.iter().copied(), [("TRACTOR_LOG", "debug")])
}

/// Asks something at the prompt, and waits for the answer and the next prompt.
fn ask(terminal: &mut Terminal, command: &str, answer: &str) {
    terminal.enter(command);
    terminal.wait_for(answer);
    terminal.wait_for("(a) ");
}

fn assert_ends_with(terminal: Terminal, code: i32) -> String {
    let (status, text) = terminal.end();
    assert_eq!(status.code(), Some(code), "{text}");
    text
}

/// Waits for the next prompt. Gives whose it is, and what was written before.
fn next_prompt(terminal: &mut Terminal) -> (&'static str, String) {
    let before = terminal.wait_for("`help` lists the commands");
    let name = terminal.wait_for(") ");
    let prompt = PROMPTS
        .iter()
        .find(|prompt| format!("{name}) ").ends_with(**prompt));
    (prompt.expect("it is one of them"), before)
}

/// The pid in `root.a[4242]`.
fn pid_of(actor: &str, text: &str) -> Pid {
    let (_, rest) = text.split_once(&format!("{actor}[")).expect("it is named");
    let (pid, _) = rest.split_once(']').expect("its pid is told");
    Pid::from_raw(pid.parse().expect("a number"))
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
            ("bt", "debugged::divide"),
            ("src", "▶"),
            ("err", "attempt to divide by zero"),
            ("spans", "call{function=\"debugged::divide"),
            ("log", "DEBUG"),
            ("tasks", "root.a["),
            ("tree", "waits for debugged::divide"),
            ("env TERM", "TERM=xterm-256color"),
            ("nonsense", "no command `nonsense`"),
            ("help", "retry"),
        ] {
            ask(&mut terminal, command, answer);
        }
        assert!(
            !terminal.text().contains("it is dropped"),
            "{}",
            terminal.text()
        );
        terminal.enter("continue");
        terminal.wait_for("it is dropped");
        terminal.wait_for("told:");
        assert_ends_with(terminal, 0);
    }
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
    assert_ends_with(terminal, 0);
}

#[test]
fn commands_are_completed() {
    let mut terminal = debugged("panic");
    terminal.wait_for("(a) ");
    terminal.press(b"cont\t\r");
    terminal.wait_for("told:");
    assert_ends_with(terminal, 0);
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
    assert_ends_with(terminal, 0);
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
    assert_ends_with(terminal, 1);
}

#[test]
fn one_prompt_at_a_time() {
    let mut terminal = debugged("three");
    let mut seen = Vec::new();
    for _ in PROMPTS {
        let (prompt, before) = next_prompt(&mut terminal);
        assert_eq!(before.matches("panicked in").count(), 1, "{before}");
        assert!(!seen.contains(&prompt), "{}", terminal.text());
        seen.push(prompt);
        terminal.enter("args");
        let answered = terminal.wait_for("b = 0");
        assert!(!answered.contains("panicked"), "{answered}");
        terminal.wait_for(prompt);
        terminal.enter("continue");
    }
    terminal.wait_for("told:");
    assert_ends_with(terminal, 0);
}

#[test]
fn same_call_succeeds_in_a_new_actor() {
    let mut terminal = debugged("retry");
    terminal.wait_for("gave \"first\"");
    terminal.wait_for("`second` comes too late");
    terminal.wait_for("(a) ");
    terminal.enter("retry");
    terminal.wait_for("gave \"second\"");
    assert_ends_with(terminal, 0);
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
    assert_ends_with(terminal, 0);
}

#[test]
fn whoever_quits_is_not_asked_again() {
    let mut terminal = debugged("three");
    next_prompt(&mut terminal);
    terminal.enter("quit");
    let text = assert_ends_with(terminal, 130);
    assert_eq!(text.matches("lists the commands").count(), 1, "{text}");
}

#[test]
fn interrupt_at_the_prompt_is_none_of_the_tree() {
    let mut terminal = debugged("panic");
    terminal.wait_for("(a) ");
    terminal.press(b"\x03");
    terminal.wait_for("`continue` lets the actor go on");
    terminal.wait_for("(a) ");
    terminal.signal(Signal::SIGINT);
    terminal.enter("args");
    terminal.wait_for("b = 0");
    terminal.wait_for("(a) ");
    terminal.enter("continue");
    terminal.wait_for("told:");
    assert_ends_with(terminal, 0);
}

#[test]
fn interrupt_without_a_prompt_ends_the_tree() {
    let mut terminal = debugged("wait");
    terminal.wait_for("waits");
    terminal.press(b"\x03");
    assert_ends_with(terminal, 130);
}

#[test]
fn terminal_goes_on_when_its_holder_is_killed() {
    let mut terminal = debugged("three");
    let before = terminal.modes();
    let (prompt, head) = next_prompt(&mut terminal);
    assert_ne!(terminal.modes(), before, "lines are edited");
    let name = prompt.trim_matches(['(', ')', ' ']);
    let holder = pid_of(&format!("root.{name}"), &head);
    kill(holder, Signal::SIGKILL).expect("it is at its prompt");
    for _ in 1..PROMPTS.len() {
        let (prompt, _) = next_prompt(&mut terminal);
        // The ladder waits for whoever has the terminal.
        terminal.enter("args");
        terminal.wait_for("b = 0");
        terminal.wait_for(prompt);
        terminal.enter("continue");
    }
    terminal.wait_for("was killed by SIGKILL");
    terminal.wait_for("(root) ");
    terminal.enter("continue");
    assert_ends_with(terminal, 1);
}

#[test]
fn pause_in_a_stream_waits_for_a_crash_beside_it() {
    let mut terminal = debugged("stream");
    let mut seen = Vec::new();
    for _ in 0..2 {
        let (prompt, _) = next_prompt(&mut terminal);
        seen.push(prompt);
        terminal.enter("continue");
    }
    seen.sort_unstable();
    assert_eq!(seen, ["(a) ", "(b) "]);
    let text = assert_ends_with(terminal, 0);
    assert!(text.contains("gave 4") && text.contains("told:"), "{text}");
}

#[test]
fn root_can_pause() {
    let mut terminal = debugged("root");
    terminal.wait_for("root[");
    terminal.wait_for("tractor::pause().await");
    terminal.wait_for("(root) ");
    terminal.enter("tree");
    terminal.wait_for("does not answer");
    terminal.wait_for("(root) ");
    terminal.enter("continue");
    terminal.wait_for("goes on");
    assert_ends_with(terminal, 0);
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
    let tree = assert_ends_with(terminal, 0);
    assert!(!tree.contains("answers debugged::clings"), "{tree}");
}

#[test]
fn same_call_finds_the_same_modules() {
    let mut terminal = debugged("exposes");
    terminal.wait_for("not here");
    terminal.wait_for("(a) ");
    terminal.enter("retry");
    terminal.wait_for("gave [\"debugged\", \"debugged::other\"]");
    assert_ends_with(terminal, 0);
}

#[test]
fn plain_function_that_is_called_again_can_be_cancelled() {
    let mut terminal = debugged("sticks");
    terminal.wait_for("(a) ");
    terminal.enter("retry");
    terminal.wait_for("sticks");
    terminal.wait_for("is loose");
    assert_ends_with(terminal, 0);
}

#[test]
#[expect(clippy::disallowed_methods, reason = "it is no actor")]
fn caller_gets_the_error_when_the_call_cannot_be_made_again() {
    let mut terminal = logged(&["panic"]);
    let head = terminal.wait_for("(a) ");
    let a = pid_of("root.a", &head);
    let limited = std::process::Command::new("prlimit")
        .args(["--nofile=3:3", "--pid", &a.to_string()])
        .status();
    assert!(limited.expect("there is `prlimit`").success());
    terminal.enter("retry");
    terminal.wait_for("the call cannot be made once more");
    terminal.wait_for("told: `debugged::divide` panicked in root.a[");
    assert_ends_with(terminal, 0);
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
    assert_ends_with(terminal, 0);
}

#[test]
fn what_the_thread_holds_is_not_waited_for() {
    let mut terminal = debugged("unspeakable");
    terminal.wait_for("do not speak");
    terminal.wait_for("(a) ");
    ask(
        &mut terminal,
        "tasks",
        "the thread that has stopped holds it",
    );
    ask(&mut terminal, "args", "no call, or arguments");
    terminal.enter("continue");
    terminal.wait_for("told:");
    assert_ends_with(terminal, 0);
}

#[test]
fn ladder_waits_for_who_has_the_terminal() {
    for how in ["panic", "plain"] {
        let mut terminal = logged(&[how, "brief"]);
        terminal.wait_for("(a) ");
        terminal.signal(Signal::SIGTERM);
        for _ in 0..2 {
            terminal.wait_for("the ladder waits for whoever has the terminal");
        }
        ask(&mut terminal, "args", "b = 0");
        terminal.enter("continue");
        assert_ends_with(terminal, 143);
    }
}

#[test]
fn whoever_quits_kills_nobody() {
    let mut terminal = logged(&["panic"]);
    terminal.wait_for("(a) ");
    terminal.signal(Signal::SIGTERM);
    terminal.wait_for("interrupted");
    terminal.enter("quit");
    let text = assert_ends_with(terminal, 143);
    assert!(!text.contains("SIGKILL"), "{text}");
}

#[test]
fn second_root_of_a_process_has_prompts_as_well() {
    let mut terminal = debugged("twice");
    terminal.wait_for("(a) ");
    terminal.enter("quit");
    terminal.wait_for("once more");
    terminal.wait_for("(a) ");
    ask(&mut terminal, "tree", "waits for debugged::divide");
    terminal.enter("continue");
    terminal.wait_for("told:");
    assert_ends_with(terminal, 0);
}

#[test]
fn root_that_is_killed_gives_the_terminal_back() {
    let mut terminal = debugged("root");
    let before = terminal.modes();
    terminal.wait_for("(root) ");
    assert_ne!(terminal.modes(), before, "lines are edited");
    // Two that come at once are one; its executor has stopped, and tells of none.
    wait_until("the second signal ends it", PATIENCE, || {
        terminal.signal(Signal::SIGTERM);
        terminal.modes() == before
    });
    assert_ends_with(terminal, 143);
}

#[test]
fn group_has_the_foreground_while_it_is_at_the_prompt() {
    let mut terminal = debugged("group");
    let head = terminal.wait_for("(a) ");
    assert_eq!(terminal.foreground(), pid_of("root.a", &head));
    // Nobody would notice that the group is stopped, and continue it.
    terminal.press(b"\x1a");
    ask(&mut terminal, "args", "b = 0");
    terminal.enter("continue");
    terminal.wait_for("(b) ");
    assert_eq!(terminal.foreground(), terminal.group());
    terminal.enter("continue");
    assert_ends_with(terminal, 0);
}

#[test]
fn foreground_comes_back_from_a_group_that_is_killed() {
    let mut terminal = debugged("group");
    let before = terminal.modes();
    let head = terminal.wait_for("(a) ");
    kill(pid_of("root.a", &head), Signal::SIGKILL).expect("it is at its prompt");
    terminal.wait_for("(b) ");
    assert_eq!(terminal.foreground(), terminal.group());
    terminal.enter("continue");
    wait_until("the terminal is as before", PATIENCE, || {
        terminal.modes() == before
    });
    assert_ends_with(terminal, 0);
}

#[test]
fn terminal_without_lines_to_edit_gets_the_report() {
    let mut terminal = Terminal::start_in(PROGRAM, ["panic"], [("TERM", "dumb")]);
    terminal.wait_for("attempt to divide by zero");
    terminal.wait_for("arguments:");
    terminal.wait_for("told:");
    assert_ends_with(terminal, 0);
}

/// A terminal at whose prompt `gdb` is another program, until the directory is dropped.
fn with_gdb_like(script: &str) -> (Terminal, TempDir) {
    let programs = TempDir::new();
    let gdb = programs.path().join("gdb");
    fs::write(&gdb, format!("#!/bin/sh\n{script}\n")).expect("it can be written");
    fs::set_permissions(&gdb, fs::Permissions::from_mode(0o755)).expect("it is ours");
    let path = std::env::var("PATH").expect("there is one");
    let path = format!("{}:{path}", programs.path().display());
    let terminal = Terminal::start_in(PROGRAM, ["panic"], [("PATH", &*path)]);
    (terminal, programs)
}

#[test]
fn native_debugger_comes_back() {
    let script = "echo \"gdb: $*\"\nread answer\necho \"read: $answer\"";
    let (mut terminal, _programs) = with_gdb_like(script);
    let head = terminal.wait_for("(a) ");
    let pid = pid_of("root.a", &head);
    terminal.enter("gdb");
    terminal.wait_for(&format!("gdb: -q -p {pid} -ex python"));
    terminal.enter("typed");
    terminal.wait_for("read: typed");
    terminal.wait_for("(a) ");
    terminal.enter("continue");
    terminal.wait_for("told:");
    assert_ends_with(terminal, 0);
}

#[test]
fn native_debugger_ends_with_its_actor() {
    let (mut terminal, _programs) = with_gdb_like("echo attached\nread answer");
    let head = terminal.wait_for("(a) ");
    terminal.enter("gdb");
    terminal.wait_for("attached");
    kill(pid_of("root.a", &head), Signal::SIGKILL).expect("it is at its prompt");
    terminal.wait_for("was killed by SIGKILL");
    terminal.wait_for("(root) ");
    terminal.enter("continue");
    assert_ends_with(terminal, 1);
}

/// With the real one, where it is installed; `.ci/run` says so where it is not.
#[test]
fn gdb_shows_the_thread_that_has_stopped() {
    let path = std::env::var_os("PATH").expect("there is one");
    if !std::env::split_paths(&path).any(|directory| directory.join("gdb").is_file()) {
        eprintln!("there is no gdb: nothing is tested");
        return;
    }
    let mut terminal = debugged("plain");
    terminal.wait_for("(a) ");
    terminal.enter("gdb");
    terminal.wait_for("(gdb) ");
    terminal.enter("set pagination off");
    terminal.wait_for("(gdb) ");
    terminal.enter("bt");
    terminal.wait_for("divide_plainly");
    terminal.wait_for("(gdb) ");
    terminal.enter("detach");
    terminal.wait_for("detached");
    terminal.wait_for("(gdb) ");
    terminal.enter("quit");
    terminal.wait_for("(a) ");
    ask(&mut terminal, "args", "b = 0");
    terminal.enter("continue");
    terminal.wait_for("told:");
    assert_ends_with(terminal, 0);
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
        assert!(report.contains("called by:\n  root"), "{report}");
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
    assert_eq!(reports.len(), PROMPTS.len(), "{report}");
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
