//! The root's end.

use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::Builder;

use nix::errno::Errno;
use nix::sys::socket::{MsgFlags, recv};
use socket2::{Domain, Socket, Type};

use super::{LONGEST, Parcel, UPLINK, Uplink, uplink};
use crate::base::{Image, on_own_thread};

/// Keeps messages apart; where there is no such kind for connected ends, unconnected ones do as well.
#[cfg(any(target_os = "linux", target_os = "android"))]
const KIND: Type = Type::SEQPACKET;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const KIND: Type = Type::DGRAM;

/// What is done about a message.
type Hearer = Box<dyn Fn(&[u8]) + Send + Sync>;

/// Who hears the messages of each kind.
static HEARERS: [(Parcel, OnceLock<Hearer>); 2] = [
    (Parcel::Log, OnceLock::new()),
    (Parcel::Span, OnceLock::new()),
];

/// Has `hearer` hear the messages about `parcel`, as long as this process lives; the first one stays.
pub(crate) fn hear(parcel: Parcel, hearer: impl Fn(&[u8]) + Send + Sync + 'static) {
    if let Some(slot) = slot(parcel as u8) {
        let _ = slot.set(Box::new(hearer));
    }
}

fn slot(first: u8) -> Option<&'static OnceLock<Hearer>> {
    let known = HEARERS.iter().find(|(parcel, _)| *parcel as u8 == first);
    known.map(|(_, slot)| slot)
}

/// The way to this process' root; in a process that is no child, it begins here.
///
/// # Errors
///
/// What the kernel refuses. In a child whose root nobody has told to listen, before it was started, there
/// is no way any more.
pub(crate) fn open_uplink() -> io::Result<&'static Uplink> {
    static OPENING: Mutex<()> = Mutex::new(());
    let _opening = OPENING.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = uplink() {
        return Ok(known);
    }
    if Image::is_child() {
        let reason =
            "the root does not listen: it has to be told so at the root, or at one of its children";
        return Err(io::Error::other(reason));
    }
    let (ours, theirs) = Socket::pair(Domain::UNIX, KIND, None)?;
    let ours = OwnedFd::from(ours);
    Builder::new()
        .name("tractor-uplink".to_owned())
        .spawn(on_own_thread(move || listen(&ours)))?;
    let socket = OwnedFd::from(theirs);
    Ok(UPLINK.get_or_init(|| Uplink { socket }))
}

/// Handles one message after the other, as long as this process lives.
fn listen(socket: &OwnedFd) {
    let mut packet = vec![0; 1 + LONGEST];
    loop {
        match recv(socket.as_raw_fd(), &mut packet, MsgFlags::empty()) {
            Ok(length) => handle(&packet[..length]),
            Err(Errno::EINTR) => {}
            // It does not fail; if it does, nobody waits for somebody who does not listen.
            Err(_) => return MARKS.close(),
        }
    }
}

fn handle(packet: &[u8]) {
    let Some((&first, message)) = packet.split_first() else {
        return;
    };
    if first == MARK {
        return MARKS.pass();
    }
    if let Some(hearer) = slot(first).and_then(OnceLock::get) {
        // The hook has told of a panic, and the next message is another one.
        let _ = catch_unwind(AssertUnwindSafe(|| hearer(message)));
    }
}

/// Waits until all that was sent before is heard.
pub(crate) fn flush_uplink() {
    let Some(uplink) = uplink().filter(|_| !Image::is_child()) else {
        return;
    };
    let mark = MARKS.make();
    if uplink.send_packet(MARK, &[]).is_ok() {
        MARKS.wait(mark);
    }
}

/// The first byte of a message that the root sends to itself, to see it come by.
const MARK: u8 = 0;

static MARKS: Marks = Marks {
    count: Mutex::new(Count { made: 0, passed: 0 }),
    passed: Condvar::new(),
};

/// The marks that are on the way.
struct Marks {
    count: Mutex<Count>,
    passed: Condvar,
}

struct Count {
    made: u64,
    passed: u64,
}

impl Marks {
    fn make(&self) -> u64 {
        let mut count = self.lock();
        count.made += 1;
        count.made
    }

    fn pass(&self) {
        self.lock().passed += 1;
        self.passed.notify_all();
    }

    fn close(&self) {
        self.lock().passed = u64::MAX;
        self.passed.notify_all();
    }

    fn wait(&self, mark: u64) {
        let count = self.lock();
        let passed = self.passed.wait_while(count, |count| count.passed < mark);
        drop(passed.unwrap_or_else(PoisonError::into_inner));
    }

    fn lock(&self) -> MutexGuard<'_, Count> {
        self.count.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::Mutex;

    use super::super::Parcel;
    use super::{LONGEST, flush_uplink, hear, open_uplink};

    #[test]
    fn messages_arrive_whole_and_in_order() {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let list = heard.clone();
        hear(Parcel::Log, move |message| {
            assert_ne!(message, b"panic");
            list.lock().expect("no panic").push(message.to_vec());
        });
        let uplink = open_uplink().expect("a socket");
        let long = vec![7; LONGEST];
        let sent: [&[u8]; 4] = [b"one", b"", &long, b"two"];
        for message in sent {
            uplink.send(Parcel::Log, message).expect("there is room");
            uplink.send(Parcel::Log, b"panic").expect("there is room");
        }
        assert!(uplink.send(Parcel::Log, &[0; LONGEST + 1]).is_err());
        flush_uplink();
        assert_eq!(*heard.lock().expect("no panic"), sent);
    }
}
