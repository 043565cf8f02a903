//! A peer that does not keep the protocol: one clear error, and nobody left (W1).

use std::io::Write;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;

use tests::fixture::{Ended, Fixture};

fn root_of(what: &str) -> Ended {
    let transport = match what.starts_with("scribble") {
        true => "shared-memory",
        false => "socket",
    };
    let ended = Fixture::new(env!("CARGO_BIN_EXE_hostile"))
        .env("TRACTOR_TRANSPORT", transport)
        .arg(what)
        .run();
    ended.assert_code(0);
    assert!(
        !ended.stderr.iter().any(|line| line.contains("panicked")),
        "{}",
        ended.text()
    );
    ended
}

#[test]
fn child_that_never_says_hello_does_not_start() {
    let cases = [
        ("silence", "exited with code 0 before it was ready"),
        ("half a hello", "exited with code 0 before it was ready"),
        ("garbage", "more than `max_frame`"),
        ("oversized", "a frame of 4294967295 bytes"),
        ("empty", "an empty frame"),
        ("early", "a Return frame out of turn"),
        ("garbled hello", "a Hello frame that does not decode"),
    ];
    for (what, reason) in cases {
        let ended = root_of(what);
        let error = ended.line("Spawn ");
        assert!(
            error.starts_with("cannot start actor `root.worker_0`: "),
            "{error}"
        );
        assert!(error.contains(reason), "{what}: {error}");
    }
}

#[test]
fn child_that_breaks_the_protocol_loses_its_link() {
    let cases = [
        ("garbage later", "more than `max_frame`"),
        ("oversized later", "a frame of 4294967295 bytes"),
        ("unknown call", "answered call 77.0, which is not in flight"),
        ("short frame", "a Return frame that is too short"),
        ("garbled error", "does not decode"),
        ("second hello", "a Hello frame out of turn"),
    ];
    for (what, reason) in cases {
        let ended = root_of(what);
        let error = ended.line("LinkLost ");
        assert!(error.starts_with("the link to root.worker_0["), "{error}");
        assert!(error.contains(reason), "{what}: {error}");
        assert_eq!(ended.line("calls "), "true", "every call has the same end");
    }
}

#[test]
fn child_that_scribbles_over_shared_memory_loses_its_link() {
    let cases = [
        ("scribble position", "in shared memory make no sense"),
        ("scribble ones", ""),
        ("scribble noise", ""),
    ];
    for (what, reason) in cases {
        let ended = root_of(what);
        let error = ended.line("LinkLost ");
        assert!(error.starts_with("the link to root.worker_0["), "{error}");
        assert!(error.contains(reason), "{what}: {error}");
        assert_eq!(ended.line("calls "), "true", "every call has the same end");
    }
}

/// Its own end of the link suffers as well: whichever notices first.
#[test]
fn child_that_scribbles_over_all_that_is_shared_ends() {
    let ended = root_of("scribble everything");
    assert_eq!(ended.line("calls "), "true", "every call has the same end");
}

#[test]
fn child_that_hangs_up_has_died() {
    let ended = root_of("hang up later");
    let error = ended.line("Died ");
    assert!(error.starts_with("root.worker_0["), "{error}");
}

/// A parent exposes nothing; it answers, and does not mind.
#[test]
fn child_that_calls_its_parent_is_refused() {
    let ended = root_of("call");
    let answers = ended
        .stdout
        .iter()
        .filter(|line| line.starts_with("answer "));
    assert_eq!(answers.count(), 2, "{}", ended.text());
    let error = ended.line("Died ");
    assert!(error.starts_with("root.worker_0["), "{error}");
}

/// A child of the fixture `hello` whose parent is this test.
fn child(stdin: impl Into<OwnedFd>) -> Fixture {
    Fixture::new(env!("CARGO_BIN_EXE_hello"))
        .arg0("hello tractor-child[root.orphan]")
        .stdin(stdin.into())
}

#[test]
fn child_of_a_garbling_parent_ends() {
    let oversized = [&u32::MAX.to_le_bytes()[..], &[1]].concat();
    let garbled = [&9_u32.to_le_bytes()[..], &[1], &[0xff; 8]].concat();
    for bytes in [vec![0xff; 4096], oversized, garbled, vec![0; 4], vec![9, 0]] {
        let (ours, theirs) = UnixStream::pair().expect("a pair");
        (&ours).write_all(&bytes).expect("it fits into the buffer");
        let running = child(theirs).start();
        // What is whole is refused; what is not could still become so, until the parent is gone.
        let parent = (bytes.len() >= 4).then_some(ours);
        running.finish().assert_code(2);
        drop(parent);
    }
}

#[test]
fn child_of_a_parent_that_is_gone_ends() {
    let (ours, theirs) = UnixStream::pair().expect("a pair");
    drop(ours);
    let ended = child(theirs).run();
    assert!(!ended.status.success(), "{}", ended.text());
    assert!(
        ended.stdout.is_empty(),
        "the body of main never runs: {}",
        ended.text()
    );
}

#[test]
fn name_of_a_child_without_a_link_is_refused() {
    let nothing = std::fs::File::open("/dev/null").expect("there is one");
    let ended = child(nothing).run();
    ended.assert_code(2);
    assert!(
        ended.stdout.is_empty(),
        "the body of main never runs: {}",
        ended.text()
    );
    let text = ended.stderr.join("\n");
    assert!(text.contains("its stdin is no link to a parent"), "{text}");
}
