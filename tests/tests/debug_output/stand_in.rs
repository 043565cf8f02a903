//! The terminal that stands in for that of the root.

use std::fs;
use std::process::Command;

use nix::sys::signal::Signal;
use tests::disk::TempDir;
use tests::terminal::Terminal;
use tests::{PATIENCE, process, wait_until};

use crate::printing::{PROGRAM, Printing, lines};

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

/// The size of a terminal, as `stty` tells it.
#[expect(clippy::disallowed_methods, reason = "it is no actor")]
fn size_of(terminal: &str) -> String {
    let told = Command::new("stty").args(["-F", terminal, "size"]).output();
    String::from_utf8(told.expect("there is `stty`").stdout).expect("it is text")
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
