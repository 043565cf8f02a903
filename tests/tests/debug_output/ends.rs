//! Ends of roots: what was printed before is not lost, whatever the terminal does.

use std::fs;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tests::terminal::Terminal;
use tests::{PATIENCE, process, wait_until};

use crate::printing::{CTRL_Q, CTRL_S, HELD_UP, PROGRAM, Printing, assert_contains, lines};

#[test]
fn nothing_is_lost_at_an_exit() {
    let printing = Printing::start("exit", 20_000);
    let text = printing.terminal.end_with(3);
    let last = lines("last", 1..=20_000) + "the very last";
    assert!(text.ends_with(&last), "{text}");
}

#[test]
fn nothing_is_lost_at_an_error() {
    let mut printing = Printing::start("fail", 20_000);
    printing.terminal.wait_for("(root) ");
    printing.terminal.enter("continue");
    let text = printing.terminal.end_with(1);
    assert_contains(&text, &lines("last", 1..=20_000));
    // std prints what is left in its buffer last.
    assert!(
        text.ends_with("Error: \"it has failed\"\r\nthe very last"),
        "{text}"
    );
}

#[test]
fn exit_at_a_prompt_gives_back_the_terminal_and_what_was_kept() {
    let mut printing = Printing::start("exit beside", 100);
    let before = printing.terminal.modes();
    printing.wait_for_prompt();
    assert_ne!(printing.terminal.modes(), before, "lines are edited");
    printing.print(1);
    fs::write(printing.directory.join("exit"), "").expect("it is ours");
    printing.terminal.wait_for(&lines("round 1 line", 1..=100));
    wait_until("the terminal is as before", PATIENCE, || {
        printing.terminal.modes() == before
    });
    printing.terminal.end_with(3);
}

#[test]
fn what_was_kept_is_seen_when_the_root_is_killed_by_a_second_signal() {
    let mut printing = Printing::start("beside", 100);
    let before = printing.terminal.modes();
    printing.wait_for_prompt();
    printing.print(1);
    printing.signal_until("the second signal ends it", |printing| {
        printing.terminal.modes() == before
    });
    let text = printing.terminal.end_with(143);
    assert_contains(&text, &lines("round 1 line", 1..=100));
}

#[test]
fn terminal_that_is_held_up_does_not_keep_a_root_from_its_end() {
    for how in ["flood", "flood below"] {
        let mut printing = Printing::start(how, 0);
        printing.terminal.wait_for("and so on");
        printing.terminal.press(CTRL_S);
        printing.wait_until_held_up();
        printing.signal_until("the second signal ends it", Printing::has_ended);
        printing.terminal.end_with(143);
    }
}

#[test]
fn signal_ends_a_root_that_waits_for_its_terminal() {
    let mut printing = Printing::start("end", HELD_UP);
    printing.terminal.wait_for("begins");
    printing.terminal.press(CTRL_S);
    printing.print(1);
    printing.signal_until("it has ended", Printing::has_ended);
    printing.terminal.end();
}

#[test]
fn terminal_that_was_held_up_gets_everything() {
    let mut printing = Printing::start("end", 20_000);
    printing.terminal.wait_for("begins");
    printing.terminal.press(CTRL_S);
    printing.go(1);
    printing.terminal.press(CTRL_Q);
    let text = printing.terminal.end_with(0);
    assert!(
        text.ends_with(&(lines("round 1 line", 1..=20_000) + "after the tree\r\n")),
        "{text}"
    );
}

#[test]
fn nobody_outlives_a_root_whose_terminal_is_gone_with_it() {
    for log in ["off", "trace"] {
        // The end of a session's leader would hang up.
        let script = format!("{PROGRAM} 'flood below' / 0; read -r line");
        let variables = [("TRACTOR_LOG", log)];
        let mut terminal = Terminal::start_in("/bin/sh", ["-c", &*script], variables);
        terminal.wait_for("and so on");
        let shell = terminal.pid();
        let members = process::of_group(shell);
        let root = members.iter().find(|member| member.parent == shell);
        let root = i32::try_from(root.expect("it runs").pid).expect("a pid");
        kill(Pid::from_raw(root), Signal::SIGKILL).expect("it runs");
        wait_until("only the shell is left", PATIENCE, || {
            process::reap_group(shell);
            process::of_group(shell).len() == 1
        });
        terminal.enter("");
        terminal.end_with(0);
    }
}
