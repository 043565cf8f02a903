//! Output that is kept while there is a prompt.

use std::fs;

use tests::{PATIENCE, process, wait_until};

use crate::printing::{CTRL_Q, CTRL_S, HELD_UP, Printing, assert_contains, lines};

#[test]
fn others_are_heard_after_the_prompt() {
    let mut printing = Printing::start("beside", 100);
    printing.hear_after_the_prompt();
    printing.terminal.wait_for("told: ");
    let text = printing.terminal.end_with(1);
    assert!(
        text.ends_with("after the tree\r\nError: \"told by main\"\r\n"),
        "{text}"
    );
}

#[test]
fn others_are_held_as_well_where_the_root_is_not_in_debug_mode() {
    let mut printing = Printing::start("below", 100);
    printing.hear_after_the_prompt();
    printing.terminal.end_with(0);
}

#[test]
fn what_was_printed_before_a_crash_stands_above_its_prompt() {
    let mut printing = Printing::start("beside", 0);
    let before = printing.wait_for_prompt();
    assert_contains(&before, &lines("before", 1..=1000));
    printing.go(1);
    printing.terminal.enter("continue");
    printing.terminal.end_with(1);
}

#[test]
fn what_the_terminal_could_not_take_stands_above_the_prompt_all_the_same() {
    let mut printing = Printing::start("late crash", HELD_UP);
    printing.terminal.wait_for("begins");
    printing.terminal.press(CTRL_S);
    printing.print(1);
    wait_until("it has crashed", PATIENCE, || {
        let members = process::of_group(printing.terminal.pid());
        members
            .iter()
            .any(|member| has_thread(member.pid, "tractor-prompt"))
    });
    printing.terminal.press(CTRL_Q);
    let before = printing.wait_for_prompt();
    assert_contains(&before, &lines("round 1 line", 1..=HELD_UP));
    printing.terminal.enter("quit");
    printing.terminal.end_with(130);
}

#[test]
fn what_was_kept_is_seen_as_soon_as_the_prompt_is_over() {
    let mut printing = Printing::start("exit beside", 100);
    printing.wait_for_prompt();
    printing.print(1);
    printing.terminal.enter("continue");
    printing.terminal.wait_for(&lines("round 1 line", 1..=100));
    printing.terminal.wait_for("told: ");
    fs::write(printing.directory.join("exit"), "").expect("it is ours");
    printing.terminal.end_with(3);
}

#[test]
fn what_was_kept_stands_between_two_prompts() {
    let mut printing = Printing::start("three", 10);
    printing.wait_for_prompt();
    for round in 1..=2 {
        printing.print(round);
        printing.terminal.enter("continue");
        let between = printing.wait_for_prompt();
        assert_contains(&between, &lines(&format!("round {round} line"), 1..=10));
    }
    printing.print(3);
    printing.terminal.enter("continue");
    printing.terminal.wait_for(&lines("round 3 line", 1..=10));
    printing.terminal.end_with(0);
}

#[test]
fn last_mebibyte_is_kept_and_the_rest_is_counted() {
    const LINES: usize = 100_000;
    let mut printing = Printing::start("beside", LINES);
    printing.wait_for_prompt();
    printing.print(1);
    printing.terminal.enter("continue");
    printing.terminal.wait_for("tractor: ");
    let left_out = printing
        .terminal
        .wait_for(" bytes of output are left out here\r\n");
    let text = printing.terminal.end_with(1);
    let (_, kept) = text.split_once("left out here\r\n").expect("it was seen");
    let (first, _) = kept.split_once("\r\n").expect("it has lines");
    let first = first
        .strip_prefix("round 1 line ")
        .expect("no line is torn");
    let first = first.parse().expect("it is whole");
    assert_contains(kept, &lines("round 1 line", first..=LINES));
    let length = |lines: String| lines.replace('\r', "").len();
    let before = length(lines("round 1 line", 1..=first - 1));
    assert_eq!(left_out, before.to_string());
    let kept = length(lines("round 1 line", first..=LINES));
    // What nobody had read when the prompt was over did not have to be kept.
    let range = (1 << 20) - 100..(1 << 20) + (128 << 10);
    assert!(range.contains(&kept), "{kept} bytes are kept");
}

#[test]
fn nothing_is_held_where_it_is_not_wanted() {
    for (how, variables) in [
        ("beside", &[("TRACTOR_DEBUG_HOLD", "0")][..]),
        ("open", &[]),
    ] {
        let mut printing = Printing::start_in(how, 100, variables);
        printing.wait_for_prompt();
        printing.go(1);
        printing.terminal.wait_for(&lines("round 1 line", 1..=100));
        printing.terminal.enter("continue");
        printing.terminal.wait_for("told: ");
        printing.terminal.end();
    }
}

#[test]
fn environment_can_ask_for_it() {
    let mut printing = Printing::start_in("open", 100, &[("TRACTOR_DEBUG_HOLD", "1")]);
    printing.hear_after_the_prompt();
    printing.terminal.end_with(0);
}

/// True of a process that has a thread of this name.
fn has_thread(pid: u32, name: &str) -> bool {
    // It may have ended.
    let threads = fs::read_dir(format!("/proc/{pid}/task"))
        .into_iter()
        .flatten();
    let mut names =
        threads.filter_map(|thread| fs::read_to_string(thread.ok()?.path().join("comm")).ok());
    names.any(|of| of.trim_end() == name)
}
