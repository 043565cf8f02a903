//! A root whose children do not speak the protocol: `hostile WHAT`.
//!
//! A process with the name of a child never enters the runtime; it writes to its link what WHAT
//! says. One that is to scribble does so from a handler, over the memory that it shares with its
//! parent. The root prints how that ended.

#![forbid(unsafe_code)]

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::FileExt;

use serde::Serialize;
use tests::workers::{add, nap};
use tractor::{Config, Error, Result};

/// Kinds of frames.
const HELLO: u8 = 2;
const START: u8 = 16;
const RETURN: u8 = 17;
const ERROR: u8 = 18;

fn frame(kind: u8, body: &[u8]) -> Vec<u8> {
    let len = u32::try_from(body.len() + 1).expect("a short frame");
    [&len.to_le_bytes()[..], &[kind], body].concat()
}

/// What a child says when it is ready, in postcard's encoding.
fn ready() -> Vec<u8> {
    let path = "root.worker_0";
    let len = u8::try_from(path.len()).expect("a short path");
    let body = [&[0, len][..], path.as_bytes(), &[1, 1]].concat();
    frame(HELLO, &body)
}

/// Reads what the parent says, up to the answer of a call: its text, as far as it can be read.
fn answer(mut link: &File) -> String {
    loop {
        let mut head = [0; 5];
        link.read_exact(&mut head).expect("the parent answers");
        let [a, b, c, d, kind] = head;
        let len = u32::from_le_bytes([a, b, c, d]) - 1;
        let mut body = vec![0; len.try_into().expect("it fits")];
        link.read_exact(&mut body).expect("the rest of it");
        if kind == ERROR {
            return String::from_utf8_lossy(&body).replace(char::is_control, " ");
        }
    }
}

fn be_hostile(what: &str) {
    let link = File::from(
        std::io::stdin()
            .as_fd()
            .try_clone_to_owned()
            .expect("a link"),
    );
    let say = |bytes: &[u8]| {
        // The parent may have had enough.
        let _ = (&link).write_all(bytes);
    };
    match what {
        "silence" => {}
        "garbage" => say(&[0xff; 4096]),
        "oversized" => say(&[&u32::MAX.to_le_bytes()[..], &[HELLO]].concat()),
        "empty" => say(&0_u32.to_le_bytes()),
        "early" => say(&frame(RETURN, &0_u64.to_le_bytes())),
        "garbled hello" => say(&frame(HELLO, &[0xff; 30])),
        "half a hello" => say(&ready()[..9]),
        "garbage later" => say(&[ready(), vec![0xff; 4096]].concat()),
        "oversized later" => {
            say(&[ready(), [&u32::MAX.to_le_bytes()[..], &[RETURN]].concat()].concat());
        }
        "unknown call" => say(&[ready(), frame(RETURN, &77_u64.to_le_bytes())].concat()),
        "short frame" => say(&[ready(), frame(RETURN, &[1, 2, 3])].concat()),
        "garbled error" => say(&[ready(), frame(ERROR, &[0; 8])].concat()),
        "second hello" => say(&[ready(), ready()].concat()),
        "hang up later" => say(&ready()),
        // A function that nobody has, by a call that is over when it is made again.
        "call" => {
            for first in [ready(), Vec::new()] {
                say(&[first, frame(START, &[0; 24])].concat());
                println!("answer {}", answer(&link));
            }
            return;
        }
        other => panic!("unknown: `{other}`"),
    }
    if what.contains("silence") || what.contains("half") || what.contains("hang up") {
        return;
    }
    // Stays, and holds its end of the link, until somebody ends it.
    let _ = (&link).read_to_end(&mut Vec::new());
    loop {
        std::thread::park();
    }
}

/// Prints which error it is, in one line.
fn print(error: &Error) {
    #[derive(Debug, Serialize)]
    enum Kind {
        Spawn,
        LinkLost,
        Died,
        Other,
    }

    let kind = match error {
        Error::Spawn(_) => Kind::Spawn,
        Error::LinkLost(_) => Kind::LinkLost,
        Error::ActorDied(_) => Kind::Died,
        _ => Kind::Other,
    };
    println!("{kind:?} {error}");
}

/// Writes `bytes` over the memory that this process shares with its parent, from `offset` on, and
/// over and over again.
#[tractor::rpc]
fn scribble(offset: u64, bytes: Vec<u8>) {
    let maps = std::fs::read_to_string("/proc/self/maps").expect("a list of what is mapped");
    let shared = maps.lines().find(|line| line.contains("tractor-link"));
    let (start, _) = shared
        .and_then(|line| line.split_once('-'))
        .expect("a link through shared memory");
    let start = u64::from_str_radix(start, 16).expect("an address");
    let memory = File::options().write(true).open("/proc/self/mem");
    let memory = memory.expect("a process may write to its own memory");
    loop {
        let written = memory.write_at(&bytes, start + offset);
        written.expect("it is mapped");
    }
}

/// What to write over the memory, and where.
fn scribbled(what: &str) -> Option<(u64, Vec<u8>)> {
    /// A ring, with what lies in front of it.
    const RING: usize = 4096 + (128 << 10);
    /// The second one leads to the parent.
    const UP: u64 = RING as u64;

    // Not the same bytes everywhere.
    let noise = |size| (0..size).map(|at: usize| at.wrapping_mul(0x9e37_79b9).to_le_bytes()[2]);
    match what {
        "scribble position" => Some((UP, vec![0xff; 8])),
        "scribble ones" => Some((UP, vec![0xff; RING])),
        "scribble noise" => Some((UP, noise(RING).collect())),
        "scribble everything" => Some((0, noise(2 * RING).collect())),
        _ => None,
    }
}

async fn be_scribbled_on(offset: u64, bytes: Vec<u8>) -> Result<()> {
    let scope = tractor::cluster! { modules: [self, tests::workers], count: 1 };
    let scribbling = scope.scope(async |workers| {
        let portal = &workers["worker_0"];
        let calling = async {
            loop {
                if let Err(error) = portal.run(add(1, 2)).await {
                    return error;
                }
            }
        };
        let (one, other) = tokio::join!(portal.run(scribble(offset, bytes)), calling);
        if let Err(one) = &one {
            println!("calls {}", one.to_string() == other.to_string());
        }
        one
    });
    scribbling.await
}

async fn be_lied_to() -> Result<()> {
    let scope = tractor::cluster! { modules: [tests::workers], count: 1 };
    let lying = scope.scope(async |workers| {
        let portal = &workers["worker_0"];
        let (one, other) = tokio::join!(portal.run(nap), portal.run(add(1, 2)));
        if let (Err(one), Err(other)) = (&one, &other) {
            println!("calls {}", one.to_string() == other.to_string());
        }
        one
    });
    lying.await
}

async fn root(what: &str) -> Result<()> {
    let ended = match scribbled(what) {
        Some((offset, bytes)) => be_scribbled_on(offset, bytes).await,
        None => be_lied_to().await,
    };
    match ended {
        Ok(()) => println!("nothing"),
        Err(error) => print(&error),
    }
    Ok(())
}

fn main() -> Result<()> {
    let mut args = std::env::args();
    let name = args.next().unwrap_or_default();
    let what = args.next().unwrap_or_default();
    if name.ends_with(']') && scribbled(&what).is_none() {
        be_hostile(&what);
        return Ok(());
    }
    tractor::run(Config::new(), async || root(&what).await)
}
