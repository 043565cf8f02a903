//! Debug mode: who has the terminal, and what becomes of it.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use nix::sys::signal::{Signal, kill};
use tests::disk::TempDir;
use tests::terminal::{Terminal, pid_of};
use tests::{PATIENCE, process, wait_until};

const PROGRAM: &str = env!("CARGO_BIN_EXE_debugged");

/// What a terminal looks like whose lines can be edited.
const PROMPTS: [&str; 3] = ["(a) ", "(b) ", "(c) "];

fn debugged(how: &str) -> Terminal {
    Terminal::start(PROGRAM, [how])
}

/// The same with its log at the terminal, also while there is a prompt.
fn logged(args: &[&str]) -> Terminal {
    let variables = [("TRACTOR_LOG", "debug"), ("TRACTOR_DEBUG_HOLD", "0")];
    Terminal::start_in(PROGRAM, args.iter().copied(), variables)
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
    terminal.end_with(0);
}

#[test]
fn whoever_quits_is_not_asked_again() {
    let mut terminal = debugged("three");
    next_prompt(&mut terminal);
    terminal.enter("quit");
    let text = terminal.end_with(130);
    assert_eq!(text.matches("lists the commands").count(), 1, "{text}");
}

#[test]
fn whoever_quits_kills_nobody() {
    let mut terminal = logged(&["panic"]);
    terminal.wait_for("(a) ");
    terminal.signal(Signal::SIGTERM);
    terminal.wait_for("interrupted");
    terminal.enter("quit");
    let text = terminal.end_with(143);
    assert!(!text.contains("SIGKILL"), "{text}");
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
    terminal.end_with(0);
}

#[test]
fn interrupt_without_a_prompt_ends_the_tree() {
    let mut terminal = debugged("wait");
    terminal.wait_for("waits");
    terminal.press(b"\x03");
    terminal.end_with(130);
}

#[test]
fn signal_to_all_is_no_failure_to_stop_for() {
    for (args, code) in [(&["end"][..], 143), (&["daemon", "end"], 0)] {
        let terminal = Terminal::start(PROGRAM, args.iter().copied());
        let text = terminal.end_with(code);
        assert!(!text.contains("SIGTERM"), "nobody stops for it: {text}");
    }
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
    terminal.end_with(1);
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
    let text = terminal.end_with(0);
    assert!(text.contains("gave 4") && text.contains("told:"), "{text}");
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
        terminal.ask("args", "b = 0");
        terminal.enter("continue");
        terminal.end_with(143);
    }
}

#[test]
fn second_root_of_a_process_has_prompts_as_well() {
    let mut terminal = debugged("twice");
    terminal.wait_for("(a) ");
    terminal.enter("quit");
    terminal.wait_for("once more");
    terminal.wait_for("(a) ");
    terminal.ask("tree", " debugged::divide, root.a[");
    terminal.enter("continue");
    terminal.wait_for("told:");
    terminal.end_with(0);
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
    terminal.end_with(143);
}

#[test]
fn group_has_the_foreground_while_it_is_at_the_prompt() {
    let mut terminal = debugged("group");
    let head = terminal.wait_for("(a) ");
    assert_eq!(terminal.foreground(), pid_of("root.a", &head));
    // Nobody would notice that the group is stopped, and continue it.
    terminal.press(b"\x1a");
    terminal.ask("args", "b = 0");
    terminal.enter("continue");
    terminal.wait_for("(b) ");
    assert_eq!(terminal.foreground(), terminal.group());
    terminal.enter("continue");
    terminal.end_with(0);
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
    terminal.end_with(0);
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
    terminal.end_with(0);
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
    // The end of the root would hang it up.
    wait_until("it has ended", PATIENCE, || {
        let members = process::of_group(terminal.pid());
        !members
            .iter()
            .any(|member| member.comm == "gdb" && !member.is_zombie())
    });
    terminal.enter("continue");
    terminal.end_with(1);
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
    terminal.ask("args", "b = 0");
    terminal.enter("continue");
    terminal.wait_for("told:");
    terminal.end_with(0);
}
