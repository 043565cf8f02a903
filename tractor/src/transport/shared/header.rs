//! What lies in front of a ring's bytes: where its two ends are, and whether they sleep.
//!
//! Positions count bytes from the beginning of the link, and never go back; a byte lies at its
//! position modulo the capacity. Each end keeps its own position to itself and only publishes it.
//! What the peer has published is believed no further than that it says how much is there, and it is
//! checked before anything is touched (W1).
//!
//! | | written by | ordering |
//! |---|---|---|
//! | the writer's position | the writer | *release* after the bytes are in place; the reader's *acquire* makes them seen |
//! | the reader's position | the reader | *release* after the bytes are copied out; the writer's *acquire* lets it write over them |
//! | whether an end sleeps | set by that end, taken by the other | *relaxed*, with a *sequentially consistent* fence on each side |
//! | what is around an end | that end | *relaxed*: a hint |
//!
//! Nobody sleeps while there is something to do: an end first says that it sleeps, and then looks
//! once more; its peer first publishes its position, and then looks whether somebody sleeps. With a
//! fence between the two steps on both sides, at least one of them sees what the other has done.

#[cfg(not(all(test, tractor_loom)))]
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering, fence};

#[cfg(all(test, tractor_loom))]
use loom::sync::atomic::{AtomicU32, AtomicU64, Ordering, fence};

/// An end of a ring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Reader,
    Writer,
}

/// What lies in front of a ring's bytes.
///
/// Integers only: whatever the peer writes is a value of them.
#[repr(C)]
#[derive(Debug, Default)]
pub(super) struct Header {
    writer: Told,
    reader: Told,
}

/// What one end tells the other.
#[repr(C)]
#[derive(Debug, Default)]
struct Told {
    position: Line<AtomicU64>,
    sleeps: Line<AtomicU32>,
    around: Line<Around>,
}

/// Where an end runs.
#[repr(C)]
#[derive(Debug, Default)]
struct Around {
    /// How many actors are at work there, as far as it knows.
    actors: AtomicU32,
    /// The processor it was last seen on, and 1: 0 is unknown.
    processor: AtomicU32,
}

/// A value that shares no cache line with another, nor the pair of lines that is fetched at once.
#[repr(C, align(128))]
#[derive(Debug, Default)]
struct Line<T>(T);

impl End {
    fn other(self) -> Self {
        match self {
            Self::Reader => Self::Writer,
            Self::Writer => Self::Reader,
        }
    }
}

impl Header {
    /// Tells the peer of `end` where that is.
    pub(super) fn publish(&self, end: End, position: u64) {
        self.of(end).position.0.store(position, Ordering::Release);
    }

    /// Where the peer of `end` is.
    pub(super) fn peer(&self, end: End) -> u64 {
        self.of(end.other()).position.0.load(Ordering::Acquire)
    }

    /// Says that `end` sleeps; it has to look at its [peer](Self::peer) once more before it does.
    pub(super) fn falls_asleep(&self, end: End) {
        self.of(end).sleeps.0.store(1, Ordering::Relaxed);
        fence(Ordering::SeqCst);
    }

    /// Says that `end` does not sleep.
    pub(super) fn wakes_up(&self, end: End) {
        let sleeps = &self.of(end).sleeps.0;
        // A line that is only read stays in the caches of both.
        if sleeps.load(Ordering::Relaxed) != 0 {
            sleeps.store(0, Ordering::Relaxed);
        }
    }

    /// True when the peer of `end`, which has just [published](Self::publish), sleeps and has to be
    /// woken; it is told once.
    pub(super) fn wakes_peer(&self, end: End) -> bool {
        let sleeps = &self.of(end.other()).sleeps.0;
        fence(Ordering::SeqCst);
        sleeps.load(Ordering::Relaxed) != 0 && sleeps.swap(0, Ordering::Relaxed) != 0
    }

    /// Tells the peer of `end` how many actors are at work around that, and on which processor it
    /// runs.
    pub(super) fn tell_around(&self, end: End, actors: u32, processor: u32) {
        let told = &self.of(end).around.0;
        for (told, known) in [(&told.actors, actors), (&told.processor, processor)] {
            // Most of the time nothing has changed, and the peer can keep its copy of the line.
            if told.load(Ordering::Relaxed) != known {
                told.store(known, Ordering::Relaxed);
            }
        }
    }

    /// How many actors are at work around the peer of `end`, and on which processor that runs.
    pub(super) fn around_peer(&self, end: End) -> (u32, u32) {
        let told = &self.of(end.other()).around.0;
        let read = |value: &AtomicU32| value.load(Ordering::Relaxed);
        (read(&told.actors), read(&told.processor))
    }

    fn of(&self, end: End) -> &Told {
        match end {
            End::Reader => &self.reader,
            End::Writer => &self.writer,
        }
    }
}

/// `RUSTFLAGS="--cfg tractor_loom" cargo test -p tractor --lib every_interleaving`
#[cfg(all(test, tractor_loom))]
mod tests {
    use loom::sync::Arc;
    use loom::sync::atomic::{AtomicBool, Ordering};
    use loom::thread;

    use super::{End, Header};

    /// One end publishes, the other sleeps unless it sees that: the bell is rung if it sleeps.
    fn nobody_sleeps_on(sleeper: End, publisher: End) {
        loom::model(move || {
            let header = Arc::new(Header::default());
            let bell = Arc::new(AtomicBool::new(false));
            let peer = {
                let (header, bell) = (header.clone(), bell.clone());
                thread::spawn(move || {
                    header.publish(publisher, 1);
                    if header.wakes_peer(publisher) {
                        bell.store(true, Ordering::SeqCst);
                    }
                })
            };
            header.falls_asleep(sleeper);
            let sleeps = header.peer(sleeper) == 0;
            peer.join().expect("it ends");
            assert!(!sleeps || bell.load(Ordering::SeqCst), "nobody wakes it");
        });
    }

    #[test]
    fn no_reader_sleeps_in_every_interleaving() {
        nobody_sleeps_on(End::Reader, End::Writer);
    }

    #[test]
    fn no_writer_sleeps_in_every_interleaving() {
        nobody_sleeps_on(End::Writer, End::Reader);
    }

    /// Both publish and sleep in turn, as in a call and its answer.
    #[test]
    fn a_call_ends_in_every_interleaving() {
        loom::model(|| {
            let rings = Arc::new([Header::default(), Header::default()]);
            let bells = Arc::new([AtomicBool::new(false), AtomicBool::new(false)]);
            let serve = {
                let (rings, bells) = (rings.clone(), bells.clone());
                thread::spawn(move || {
                    let [down, up] = &*rings;
                    down.falls_asleep(End::Reader);
                    let sleeps = down.peer(End::Reader) == 0;
                    up.publish(End::Writer, 1);
                    if up.wakes_peer(End::Writer) {
                        bells[1].store(true, Ordering::SeqCst);
                    }
                    sleeps
                })
            };
            let [down, up] = &*rings;
            down.publish(End::Writer, 1);
            if down.wakes_peer(End::Writer) {
                bells[0].store(true, Ordering::SeqCst);
            }
            up.falls_asleep(End::Reader);
            let sleeps = up.peer(End::Reader) == 0;
            let both = [serve.join().expect("it ends"), sleeps];
            for (sleeps, bell) in both.into_iter().zip(&*bells) {
                assert!(!sleeps || bell.load(Ordering::SeqCst), "nobody wakes it");
            }
        });
    }
}
