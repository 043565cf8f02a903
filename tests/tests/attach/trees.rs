//! What the command shows of trees.

use std::process::Command;

use nix::sys::signal::Signal;
use tests::fixture::Fixture;
use tests::terminal::Terminal;
use tests::{PATIENCE, wait_until};
use tractor::{ActorSnapshot, ActorState};

use crate::inspection::{COMMAND, end, seen, shown, start};

#[test]
fn tree_of_a_running_program_shows_who_waits_for_whom() {
    let running = start("calls");
    let text = shown(&["tree", "--timeout", "20", &running.pid().to_string()]);
    let expected = [
        "shop[",
        "waits for inspected::bakery::bake, shop.bakery[",
        "bakery[",
        "answers inspected::bakery::bake, shop[",
        "waits for inspected::mill::grind, shop.bakery.mill[",
        "mill[",
        "answers inspected::mill::grind, shop.bakery[",
    ];
    let mut rest = text.as_str();
    for part in expected {
        let (_, behind) = rest
            .split_once(part)
            .unwrap_or_else(|| panic!("no `{part}`: {text}"));
        rest = behind;
    }
    assert!(!text.contains('\x1b'), "colours are for terminals: {text}");
    end(running);
}

#[test]
fn lines_that_are_too_long_for_the_terminal_are_broken_behind_commas() {
    let running = start("dialog");
    let pid = running.pid().to_string();
    for how in ["tree", "dump"] {
        let terminal = Terminal::start(COMMAND, [how, "--timeout", "20", &pid]);
        let text = terminal.end_with(0);
        let (_, stream) = text
            .split_once("\x1b[36mstreams\x1b[0m inspected::dialog::listen, shop.bakery[")
            .unwrap_or_else(|| panic!("no stream: {text}"));
        let (first, rest) = stream.split_once("\r\n").expect("it is too long");
        assert!(first.ends_with(','), "{text}");
        assert!(rest.starts_with("│         "), "the bar goes on: {text}");
        assert!(rest.contains("credit for "), "{text}");
    }
    let whole = shown(&["tree", "--timeout", "20", &pid]);
    let whole = whole.lines().find(|line| line.contains("streams "));
    assert!(
        whole.is_some_and(|line| line.contains("credit for ")),
        "{whole:?}"
    );
    end(running);
}

#[test]
fn any_process_of_a_tree_leads_to_its_root() {
    let running = start("calls");
    let tree = seen(running.pid());
    assert_eq!(tree.iter().count(), 3);
    for actor in tree.iter() {
        let pid = actor.aid.as_ref().expect("it runs").pid();
        assert_eq!(seen(pid).aid, tree.aid);
    }
    end(running);
}

#[test]
fn handler_that_blocks_is_named() {
    let running = start("stuck");
    let pid = running.pid().to_string();
    // On a busy machine those who only pass the question on may be late as well.
    wait_until("only the mill does not answer", PATIENCE, || {
        let text = shown(&["dump", "--timeout", "0.5", "--json", &pid]);
        let tree: ActorSnapshot = serde_json::from_str(&text).expect("it is JSON of a tree");
        let states: Vec<_> = tree
            .iter()
            .map(|actor| (actor.path.as_str(), actor.state))
            .collect();
        states
            == [
                ("shop", ActorState::Running),
                ("shop.bakery", ActorState::Running),
                ("shop.bakery.mill", ActorState::Unresponsive),
            ]
    });
    end(running);
}

#[test]
fn root_that_blocks_is_seen_from_outside() {
    let mut running = start("blocked");
    let pid = running.pid().to_string();
    let text = shown(&["tree", "--timeout", "0.3", &pid]);
    let (first, below) = text.split_once('\n').expect("it has children");
    assert!(
        first.starts_with(&format!("inspected[{pid}] does not answer, asleep")),
        "{text}"
    );
    assert!(
        below.contains("bakery[") && below.contains("mill["),
        "{text}"
    );
    assert_eq!(below.matches("cannot be asked").count(), 2, "{text}");
    running.signal(Signal::SIGKILL);
    running.wait_gone(PATIENCE);
}

#[test]
fn two_that_wait_for_each_other_are_shown() {
    let running = start("entangled");
    let tree = seen(running.pid());
    let functions = |calls: &[tractor::CallSnapshot]| -> Vec<String> {
        calls.iter().map(|call| call.function.clone()).collect()
    };
    let bakery = tree.find("shop.bakery").expect("it runs");
    let (order, pay) = ("inspected::bakery::order", "inspected::shop::pay");
    assert_eq!(functions(&tree.waiting), [order], "{tree}");
    assert_eq!(functions(&tree.answering), [pay], "{tree}");
    assert_eq!(functions(&bakery.waiting), [pay], "{tree}");
    assert_eq!(functions(&bakery.answering), [order], "{tree}");
    end(running);
}

#[test]
fn dialog_in_which_both_wait_shows_that_at_either_end() {
    let running = start("dialog");
    let pid = running.pid().to_string();
    for how in ["tree", "dump"] {
        // The one who was started may not have come so far.
        wait_until("both wait", PATIENCE, || {
            let text = shown(&[how, "--timeout", "20", &pid]);
            let ends = |peer: &str| {
                let stream = format!("streams inspected::dialog::listen, {peer}[");
                text.lines().any(|line| {
                    line.contains(&stream)
                        && line.contains("], waits for an item, 0 B not read, 0 B not sent, ")
                })
            };
            ends("shop.bakery") && ends("shop")
        });
    }
    end(running);
}

#[test]
fn processes_that_are_busy_say_with_what() {
    let running = Fixture::new(env!("CARGO_BIN_EXE_we_are_processes"))
        .arg("3600")
        .env("TRACTOR_INSPECT", "1")
        .start();
    let workers = std::thread::available_parallelism().expect("there are processors");
    let names = running.lines("Yo i am actor ", workers.get());
    let pid = running.pid();
    for how in ["tree", "dump"] {
        let text = shown(&[how, "--timeout", "20", &pid.to_string()]);
        for name in &names {
            let waits = format!("waits for we_are_processes::target, {name}, for ");
            assert!(text.contains(&waits), "{text}");
            let worker = name.replace("root.", "─ ");
            let (_, behind) = text.split_once(&worker).expect("it is shown");
            let answers = format!("answers we_are_processes::target, root[{pid}], for ");
            let (state, what) = behind.split_once('\n').expect("it has calls");
            assert!(state.starts_with(" runs, "), "{text}");
            assert!(
                what.trim_start_matches(['│', ' ']).starts_with(&answers),
                "{text}"
            );
        }
    }
    end(running);
}

#[test]
fn trees_are_listed() {
    let running = start("calls");
    let pid = running.pid().to_string();
    let list = shown(&["list"]);
    let ours = list
        .lines()
        .find(|line| line.trim_start().starts_with(&pid));
    assert!(
        ours.is_some_and(|line| line.ends_with("inspected calls")),
        "{list}"
    );
    end(running);
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the command is no actor")]
fn reader_that_has_seen_enough_is_no_error() {
    let running = start("calls");
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let command = Command::new(COMMAND)
        .args(["tree", &running.pid().to_string()])
        .stdout(writer)
        .output();
    let output = command.expect("it starts");
    assert!(
        output.status.success() && output.stderr.is_empty(),
        "{output:?}"
    );
    end(running);
}
