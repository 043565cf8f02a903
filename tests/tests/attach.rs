//! The command `tractor`, which looks into trees that run.

use std::fs;
use std::io::{Read, Write};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixStream};
use std::process::Command;
use std::time::Duration;

use nix::sys::signal::Signal;
use tests::disk::TempDir;
use tests::fixture::{Ended, Fixture, Running};
use tests::terminal::Terminal;
use tests::{PATIENCE, wait_until};
use tractor::{ActorSnapshot, ActorState};

const COMMAND: &str = env!("CARGO_BIN_EXE_command");

fn start(how: &str) -> Running {
    let running = inspected(how).start();
    running.line("up");
    running
}

fn inspected(how: &str) -> Fixture {
    Fixture::new(env!("CARGO_BIN_EXE_inspected")).arg(how)
}

/// What the command says with these arguments.
fn command(args: &[&str]) -> Ended {
    let command = args.iter().fold(Fixture::new(COMMAND), Fixture::arg);
    command.run()
}

fn shown(args: &[&str]) -> String {
    let ended = command(args);
    ended.assert_code(0);
    assert!(ended.stderr.is_empty(), "{}", ended.text());
    ended.stdout.join("\n")
}

fn refused(args: &[&str]) -> String {
    let ended = command(args);
    ended.assert_code(1);
    assert!(ended.stdout.is_empty(), "{}", ended.text());
    ended.stderr.join("\n")
}

/// The tree, as data.
fn seen(pid: u32) -> ActorSnapshot {
    let text = shown(&["dump", "--json", "--timeout", "20", &pid.to_string()]);
    serde_json::from_str(&text).expect("it is JSON of a tree")
}

fn end(running: Running) {
    running.signal(Signal::SIGTERM);
    running.finish().assert_code(143);
}

/// The name of the window of a process.
fn window(pid: u32) -> Option<String> {
    let sockets = fs::read(format!("/proc/{pid}/net/unix")).expect("it runs");
    let descriptors = fs::read_dir(format!("/proc/{pid}/fd")).expect("it runs");
    let leads_to =
        |entry: fs::DirEntry| Some(fs::read_link(entry.path()).ok()?.display().to_string());
    let open: Vec<_> = descriptors
        .filter_map(|entry| leads_to(entry.ok()?))
        .collect();
    String::from_utf8_lossy(&sockets).lines().find_map(|line| {
        let (socket, name) = line.split_once(" @tractor-window-")?;
        let inode = socket.rsplit(' ').next()?;
        let ours = open.iter().any(|open| *open == format!("socket:[{inode}]"));
        ours.then(|| format!("tractor-window-{name}"))
    })
}

/// Connects to a window, and waits for so long at most for what comes.
fn visit(window: &str, patience: Duration) -> UnixStream {
    let address = SocketAddr::from_abstract_name(window).expect("it is short");
    let visitor = UnixStream::connect_addr(&address).expect("it listens");
    visitor
        .set_read_timeout(Some(patience))
        .expect("it is not zero");
    visitor
}

fn is_greeted(mut visitor: &UnixStream) -> bool {
    let mut greeting = [0; 8];
    visitor.read_exact(&mut greeting).is_ok() && greeting[..7] == *b"tractor"
}

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
fn dead_and_foreign_processes_are_told_apart() {
    let running = start("calls");
    let pid = running.pid().to_string();
    end(running);
    assert_eq!(
        refused(&["tree", &pid]),
        format!("tractor: there is no process {pid}")
    );
    // The harness is no tree, nor is what has started it.
    let me = std::process::id();
    let message = refused(&["dump", &me.to_string()]);
    assert!(message.contains(&format!("process {me} (`")), "{message}");
    assert!(message.contains("TRACTOR_INSPECT=1"), "{message}");
}

/// N1.
#[test]
fn nobody_listens_who_is_told_not_to() {
    let running = inspected("calls").env("TRACTOR_INSPECT", "0").start();
    running.line("up");
    assert!(window(running.pid()).is_none());
    let message = refused(&["tree", &running.pid().to_string()]);
    assert!(
        message.contains("no tree of actors that can be looked into"),
        "{message}"
    );
    end(running);
    let ended = inspected("calls").env("TRACTOR_INSPECT", "maybe").run();
    ended.assert_code(1);
    let text = ended.stderr.join("\n");
    assert!(
        text.contains("TRACTOR_INSPECT is `maybe`; it has to be `1` or `0`"),
        "{text}"
    );
}

/// A program as another user, when this one may become that.
fn as_another_user(dir: &TempDir, program: &str) -> Option<Fixture> {
    let is_root = nix::unistd::getuid().is_root();
    is_root.then(|| {
        let copy = dir.copy(program, "program");
        Fixture::new(copy).uid(100_000 + std::process::id())
    })
}

#[test]
fn other_users_are_refused() {
    let dir = TempDir::new();
    let running = start("calls");
    // Those who may not become somebody else are nobody to look at what root runs.
    let (command, pid) = match as_another_user(&dir, COMMAND) {
        Some(command) => (command, running.pid()),
        None => (Fixture::new(COMMAND), 1),
    };
    let ended = command.arg("tree").arg(pid.to_string()).run();
    ended.assert_code(1);
    let text = ended.stderr.join("\n");
    assert!(
        text.contains(&format!("process {pid} belongs to user 0")),
        "{text}"
    );
    end(running);
}

#[test]
fn root_hangs_up_on_other_users() {
    const VISITOR: &str = env!("CARGO_BIN_EXE_visitor");
    let dir = TempDir::new();
    let running = start("calls");
    let window = window(running.pid()).expect("it can be looked into");
    let ended = Fixture::new(VISITOR).arg(&window).run();
    assert_eq!(ended.line("greeted: "), "tractor");
    if let Some(visitor) = as_another_user(&dir, VISITOR) {
        assert_eq!(
            visitor.arg(&window).run().line("refused: "),
            "UnexpectedEof"
        );
    }
    end(running);
}

#[test]
fn debug_builds_can_be_looked_into_by_default() {
    let running = Fixture::new(env!("CARGO_BIN_EXE_daemon")).start();
    running.line("up");
    assert_eq!(window(running.pid()).is_some(), cfg!(debug_assertions));
    running.signal(Signal::SIGTERM);
    running.finish().assert_code(0);
}

#[test]
fn garbage_at_the_window_changes_nothing() {
    let running = start("calls");
    let window = window(running.pid()).expect("it can be looked into");
    for garbage in [
        &b""[..],
        b"x",
        &[0xff; 64],
        &[4, 0, 0, 0, 0xff, 0xff, 0xff, 0xff],
    ] {
        let mut visitor = visit(&window, PATIENCE);
        assert!(is_greeted(&visitor));
        visitor.write_all(garbage).expect("there is room");
        let shut = visitor.shutdown(std::net::Shutdown::Write);
        shut.expect("it is connected");
        let mut answer = Vec::new();
        // It is closed, be it with what it has not read.
        let _ = visitor.read_to_end(&mut answer);
        assert!(answer.is_empty(), "{answer:?}");
    }
    assert_eq!(seen(running.pid()).iter().count(), 3);
    end(running);
}

#[test]
fn visitors_wait_for_each_other() {
    let running = start("calls");
    let window = window(running.pid()).expect("it can be looked into");
    let inside: Vec<_> = (0..16).map(|_| visit(&window, PATIENCE)).collect();
    assert!(inside.iter().all(is_greeted));
    let outside = visit(&window, Duration::from_millis(200));
    assert!(!is_greeted(&outside), "there is no room for it");
    drop(inside);
    let patient = outside.set_read_timeout(Some(PATIENCE));
    patient.expect("it is not zero");
    assert!(is_greeted(&outside));
    end(running);
}

#[test]
fn visitor_that_goes_away_makes_room() {
    let running = start("stuck");
    let window = window(running.pid()).expect("it can be looked into");
    // Each asks for an hour's patience with the mill, in seconds and nanoseconds, and goes.
    let question = [3, 0, 0, 0, 0x90, 0x1c, 0];
    for _ in 0..17 {
        let mut visitor = visit(&window, PATIENCE);
        assert!(is_greeted(&visitor));
        visitor.write_all(&question).expect("there is room");
    }
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
