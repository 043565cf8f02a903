//! The window of a tree: where there is one, who gets in, who is refused.

use std::fs;
use std::io::{Read, Write};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixStream};
use std::time::Duration;

use nix::sys::signal::Signal;
use tests::PATIENCE;
use tests::disk::TempDir;
use tests::fixture::Fixture;

use crate::inspection::{COMMAND, end, inspected, refused, seen, start};

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
