//! The command `tractor`, which looks into trees that run.

use std::fs;
use std::io::{Read, Write};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixStream};
use std::process::{Command, ExitStatus};

use nix::pty::{OpenptyResult, Winsize, openpty};
use nix::sys::signal::Signal;
use tests::disk::TempDir;
use tests::fixture::{Ended, Fixture, Running};
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
fn window(pid: u32) -> Option<SocketAddr> {
    let sockets = fs::read_to_string(format!("/proc/{pid}/net/unix")).expect("it runs");
    let descriptors = fs::read_dir(format!("/proc/{pid}/fd")).expect("it runs");
    let leads_to =
        |entry: fs::DirEntry| Some(fs::read_link(entry.path()).ok()?.display().to_string());
    let open: Vec<_> = descriptors
        .filter_map(|entry| leads_to(entry.ok()?))
        .collect();
    let name = sockets.lines().find_map(|line| {
        let (socket, name) = line.split_once(" @tractor-window-")?;
        let inode = socket.rsplit(' ').next()?;
        let ours = open.iter().any(|open| *open == format!("socket:[{inode}]"));
        ours.then(|| format!("tractor-window-{name}"))
    });
    name.map(|name| SocketAddr::from_abstract_name(name).expect("it is short"))
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
    let text = shown(&["dump", "--timeout", "0.5", "--json", &pid]);
    let tree: ActorSnapshot = serde_json::from_str(&text).expect("it is JSON of a tree");
    let state = |path| tree.find(path).map(|actor| actor.state);
    assert_eq!(state("shop"), Some(ActorState::Running), "{tree}");
    assert_eq!(state("shop.bakery"), Some(ActorState::Running), "{tree}");
    assert_eq!(
        state("shop.bakery.mill"),
        Some(ActorState::Unresponsive),
        "{tree}"
    );
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

#[test]
fn other_users_are_refused() {
    let dir = TempDir::new();
    let running = start("calls");
    // For root it is a user of its own, and everybody else may not look at what root runs.
    let (command, pid) = match nix::unistd::getuid().is_root() {
        true => {
            let copy = dir.copy(COMMAND, "command");
            let user = 100_000 + std::process::id();
            (Fixture::new(copy).uid(user), running.pid())
        }
        false => (Fixture::new(COMMAND), 1),
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
fn garbage_at_the_window_changes_nothing() {
    let running = start("calls");
    let window = window(running.pid()).expect("it can be looked into");
    for garbage in [
        &b""[..],
        b"x",
        &[0xff; 64],
        &[4, 0, 0, 0, 0xff, 0xff, 0xff, 0xff],
    ] {
        let mut visitor = UnixStream::connect_addr(&window).expect("it listens");
        let mut greeting = [0; 8];
        visitor.read_exact(&mut greeting).expect("it greets");
        assert_eq!(greeting[..7], *b"tractor");
        visitor.write_all(garbage).expect("there is room");
        let shut = visitor.shutdown(std::net::Shutdown::Write);
        shut.expect("it is connected");
        let mut answer = Vec::new();
        // It is closed, be it with what it has not read.
        let _ = visitor.read_to_end(&mut answer);
        assert!(answer.is_empty(), "{answer:?}");
    }
    // More of them than may look, and who have nothing to ask.
    let idle: Vec<_> = (0..40)
        .map(|_| UnixStream::connect_addr(&window).expect("it listens"))
        .collect();
    drop(idle);
    wait_until("there is room again", PATIENCE, || {
        command(&["tree", "--timeout", "20", &running.pid().to_string()])
            .status
            .success()
    });
    end(running);
}

#[test]
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

/// Runs `top` in a terminal of this width, until it has shown `text`; then presses `keys`.
///
/// Gives how it ended, and all that it wrote.
fn top(pid: u32, text: &str, keys: &[u8]) -> (ExitStatus, String) {
    let size = Winsize {
        ws_row: 24,
        ws_col: 80,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    let OpenptyResult { master, slave } = openpty(&size, None).expect("there are terminals");
    let end = || slave.try_clone().expect("there is room for it");
    let mut command = Command::new(COMMAND);
    command.args([
        "top",
        "--every",
        "0.1",
        "--timeout",
        "0.5",
        &pid.to_string(),
    ]);
    command.stdin(end()).stdout(end()).stderr(end());
    let mut top = start_command(&mut command);
    // Both keep the terminal open for writing.
    drop((command, slave));
    let mut terminal = fs::File::from(master);
    let (mut screen, mut pressed) = (Vec::new(), false);
    let mut chunk = [0; 4096];
    // It cannot be read any more once `top` has ended.
    while let Ok(read @ 1..) = terminal.read(&mut chunk) {
        screen.extend_from_slice(&chunk[..read]);
        if !pressed && String::from_utf8_lossy(&screen).contains(text) {
            terminal.write_all(keys).expect("it listens");
            pressed = true;
        }
    }
    let status = top.wait().expect("nobody else waits for it");
    (status, String::from_utf8_lossy(&screen).into_owned())
}

#[expect(clippy::disallowed_methods, reason = "the command is no actor")]
fn start_command(command: &mut Command) -> std::process::Child {
    command.spawn().expect("it starts")
}

#[test]
fn top_shows_the_tree_until_somebody_quits() {
    let running = start("stuck");
    for keys in [&b"q"[..], b"\x03", b"s jkq"] {
        let (status, screen) = top(running.pid(), "mill", keys);
        assert!(status.success(), "{screen}");
        let (taken, given_back) = ("\x1b[?1049h", "\x1b[?1049l");
        let first = screen.find(taken).expect("it takes the screen");
        let last = screen.rfind(given_back).expect("it gives the screen back");
        assert!(first < last && screen.contains("bakery"), "{screen}");
    }
    end(running);
}

#[test]
fn top_ends_with_the_tree() {
    let running = start("calls");
    let pid = running.pid();
    let shown = std::thread::spawn(move || top(pid, "mill", b" "));
    running.signal(Signal::SIGTERM);
    running.finish().assert_code(143);
    let (status, screen) = shown.join().expect("it ends");
    assert_eq!(status.code(), Some(1), "{screen}");
    let ends = [
        format!("process {pid} has ended"),
        format!("there is no process {pid}"),
    ];
    assert!(ends.iter().any(|end| screen.contains(end)), "{screen}");
}

#[test]
fn top_needs_a_terminal() {
    let running = start("calls");
    let message = refused(&["top", &running.pid().to_string()]);
    assert_eq!(
        message,
        "tractor: `tractor top` needs a terminal; `tractor tree` does not"
    );
    end(running);
}
