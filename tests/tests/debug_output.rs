//! Debug mode: what others print while somebody is at a prompt.

use std::fs;
use std::ops::RangeInclusive;
use std::process::Command;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tests::disk::TempDir;
use tests::terminal::Terminal;
use tests::{PATIENCE, process, wait_until};

const PROGRAM: &str = env!("CARGO_BIN_EXE_printing");

/// Stops what is written to a terminal, and lets it go on.
const CTRL_S: &[u8] = b"\x13";
const CTRL_Q: &[u8] = b"\x11";

/// So many lines of a round are more than the root reads while the terminal is held up, and no more than can be
/// written all the same.
const HELD_UP: usize = 4000;

/// A tree that prints at a terminal.
struct Printing {
    terminal: Terminal,
    directory: TempDir,
}

impl Printing {
    /// Starts it so that it prints so many lines in a round.
    fn start(how: &str, lines: usize) -> Self {
        Self::start_in(how, lines, &[])
    }

    fn start_in(how: &str, lines: usize, variables: &[(&str, &str)]) -> Self {
        let (directory, lines) = (TempDir::new(), lines.to_string());
        let path = directory.path().to_str().expect("it is text");
        let terminal = Terminal::start_in(PROGRAM, [how, path, &*lines], variables.iter().copied());
        Self {
            terminal,
            directory,
        }
    }

    /// Waits for the next prompt. Gives what was written before.
    fn wait_for_prompt(&mut self) -> String {
        let before = self.terminal.wait_for("`help` lists the commands");
        self.terminal.wait_for(") ");
        before
    }

    /// Lets a round begin.
    fn go(&self, round: usize) {
        fs::write(self.directory.join(&format!("go {round}")), "").expect("it is ours");
    }

    /// Has a round printed, from its beginning to its end.
    fn print(&self, round: usize) {
        self.go(round);
        let done = self.directory.join(&format!("done {round}"));
        wait_until("it is printed", PATIENCE, || done.exists());
    }

    /// Asserts that nothing of a round is written until a command is answered at the prompt.
    fn assert_hears_nothing(&mut self) {
        self.terminal.enter("env PATH");
        let mut text = self.terminal.wait_for("PATH=");
        text += &self.terminal.wait_for("(a) ");
        assert!(!text.contains("round"), "{text}");
    }

    /// Has a round of 100 lines printed at a prompt, which shows up after that, and not before.
    fn hear_after_the_prompt(&mut self) {
        self.wait_for_prompt();
        self.print(1);
        self.assert_hears_nothing();
        self.terminal.enter("continue");
        self.terminal.wait_for(&lines("round 1 line", 1..=100));
    }
}

/// Lines that begin so, and are counted.
fn lines(begin: &str, range: RangeInclusive<usize>) -> String {
    range.map(|line| format!("{begin} {line}\r\n")).collect()
}

fn assert_contains(text: &str, part: &str) {
    assert!(text.contains(part), "{text}");
}

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
fn children_see_a_terminal_and_its_size() {
    let mut printing = Printing::start("size", 0);
    printing
        .terminal
        .wait_for("terminals: true true\r\n24 80\r\n24 80\r\n");
    for member in process::of_group(printing.terminal.pid()) {
        let root = printing.terminal.pid();
        let relays = has_end_that_is_relayed(member.pid, root);
        assert_eq!(relays, member.pid == root, "{member:?}");
    }
    printing.terminal.resize(40, 100);
    printing
        .terminal
        .wait_for("terminals: true true\r\n40 100\r\n40 100\r\n");
    printing.terminal.signal(Signal::SIGTERM);
    printing.terminal.end_with(143);
}

#[test]
fn size_is_followed_where_nobody_prints() {
    let mut printing = Printing::start("end", 0);
    printing.terminal.wait_for("begins");
    let pid = printing.terminal.pid();
    let file = |number: u32| format!("/proc/{pid}/fd/{number}");
    let target = |number| fs::read_link(file(number)).expect("it is open");
    assert_ne!(target(0), target(1), "something stands in for the terminal");
    printing.terminal.resize(40, 100);
    wait_until("it has that size", PATIENCE, || {
        size_of(&file(1)) == "40 100\n"
    });
    printing.go(1);
    printing.terminal.end_with(0);
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
fn file_is_no_terminal_to_stand_in_for() {
    let directory = TempDir::new();
    let out = directory.join("out");
    let path = directory.path().to_str().expect("it is text");
    let script = format!("exec {PROGRAM} beside {path} 100 >{path}/out");
    let terminal = Terminal::start("/bin/sh", ["-c", &*script]);
    let mut printing = Printing {
        terminal,
        directory,
    };
    printing.wait_for_prompt();
    let read = || fs::read_to_string(&out).expect("it is there");
    assert_eq!(read(), lines("before", 1..=1000).replace('\r', ""));
    printing.print(1);
    let even = |text: &str| {
        text.lines()
            .filter(|line| line.starts_with("round"))
            .count()
    };
    assert_eq!(even(&read()), 50);
    printing.assert_hears_nothing();
    printing.terminal.enter("continue");
    let text = printing.terminal.end_with(1);
    assert_eq!(even(&text), 50, "{text}");
    assert!(read().ends_with("after the tree\n"), "{}", read());
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

/// The size of a terminal, as `stty` tells it.
#[expect(clippy::disallowed_methods, reason = "it is no actor")]
fn size_of(terminal: &str) -> String {
    let told = Command::new("stty").args(["-F", terminal, "size"]).output();
    String::from_utf8(told.expect("there is `stty`").stdout).expect("it is text")
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

/// True of a process that could read what others write to the terminal that stands in for that of `root`.
///
/// The masters of other terminals may be open there: what opens them here takes a moment to mark them as not
/// to be inherited.
fn has_end_that_is_relayed(pid: u32, root: u32) -> bool {
    let stand_in = fs::read_link(format!("/proc/{root}/fd/1")).expect("it runs");
    let number = stand_in.file_name().expect("it is a terminal");
    let index = format!("tty-index:\t{}\n", number.display());
    // It may have ended.
    let files = fs::read_dir(format!("/proc/{pid}/fdinfo"))
        .into_iter()
        .flatten();
    let mut texts = files.filter_map(|file| fs::read_to_string(file.ok()?.path()).ok());
    texts.any(|text| text.contains(&index))
}

impl Printing {
    /// Asks it to end until it does: two signals that come at once are one.
    fn signal_until(&self, what: &str, mut condition: impl FnMut(&Self) -> bool) {
        wait_until(what, PATIENCE, || {
            self.terminal.signal(Signal::SIGTERM);
            condition(self)
        });
    }

    /// Waits until nobody gets any further with printing.
    fn wait_until_held_up(&self) {
        let mut looks = 0;
        wait_until("they are held up", PATIENCE, || {
            let members = process::of_group(self.terminal.pid());
            let asleep = members.iter().all(|member| member.state == 'S');
            looks = if asleep { looks + 1 } else { 0 };
            // One who writes may sleep for a moment.
            looks == 20
        });
    }

    fn has_ended(&self) -> bool {
        let members = process::of_group(self.terminal.pid());
        let root = members
            .iter()
            .find(|member| member.pid == self.terminal.pid());
        root.is_none_or(process::Process::is_zombie)
    }
}
