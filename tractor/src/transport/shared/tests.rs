//! Two ends in one process, one of which may keep to no rules (W1).

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};

use proptest::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};

use super::attack::survive;
use super::header::End;
use super::ring::{Reader, Ring, Writer};
use super::watch::{Place, Wait};
use super::{Mapping, SharedStream, Socket};

/// How long other tests of this process may keep threads of theirs busy.
const PATIENCE: Duration = Duration::from_secs(60);

fn ring() -> Ring {
    let [ring, _] = Ring::both(Mapping::within_this_process());
    ring
}

fn writer(ring: &Ring) -> Writer {
    Writer::new(ring.clone(), Place::new(ring.clone(), End::Writer))
}

fn reader(ring: &Ring) -> Reader {
    Reader::new(ring.clone(), Place::new(ring.clone(), End::Reader))
}

fn ends() -> (Writer, Reader) {
    let ring = ring();
    (writer(&ring), reader(&ring))
}

fn read(reader: &mut Reader, most: usize) -> Vec<u8> {
    let mut bytes = vec![0; most];
    let mut buffer = ReadBuf::new(&mut bytes);
    let count = reader
        .read(&mut buffer)
        .expect("the writer keeps to the rules");
    assert_eq!(buffer.filled().len(), count);
    bytes.truncate(count);
    bytes
}

#[test]
fn nothing_is_read_from_an_empty_ring() {
    let (_, mut reader) = ends();
    assert!(read(&mut reader, 10).is_empty());
}

#[test]
fn full_ring_takes_no_more_until_it_is_read() {
    let (mut writer, mut reader) = ends();
    let mut written = 0;
    loop {
        match writer
            .write(&[7; 5000])
            .expect("the reader keeps to the rules")
        {
            0 => break,
            count => written += count,
        }
    }
    assert_eq!(read(&mut reader, 1).len(), 1);
    assert_eq!(writer.write(&[8; 5000]).expect("there is room"), 1);
    assert_eq!(writer.write(&[8; 5000]).expect("there is none"), 0);
    assert_eq!(
        read(&mut reader, 2 * written),
        [vec![7; written - 1], vec![8]].concat()
    );
}

#[test]
fn positions_that_make_no_sense_are_refused() {
    for position in [u64::MAX, 1 << 40, 1 << 20] {
        let ring = ring();
        ring.header().publish(End::Writer, position);
        let mut bytes = [0; 10];
        let error = reader(&ring).read(&mut ReadBuf::new(&mut bytes));
        let text = error.expect_err("so much does not fit").to_string();
        assert!(text.contains("make no sense"), "{text}");
    }
    for position in [u64::MAX, u64::MAX / 2] {
        let ring = ring();
        ring.header().publish(End::Reader, position);
        let mut writer = writer(&ring);
        let written = std::iter::repeat_with(|| writer.write(&[0; 4096]));
        let refused = written.take(100).find_map(io::Result::err);
        let text = refused.expect("nobody reads").to_string();
        assert!(text.contains("make no sense"), "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 4 } else { 256 }))]

    /// Whatever the sizes, what is written is what is read.
    #[test]
    fn bytes_arrive_in_order(
        sizes in prop::collection::vec((1..40_000_usize, 1..40_000_usize), 1..40)
    ) {
        let (mut writer, mut reader) = ends();
        let (mut sent, mut received) = (0_usize, 0_usize);
        let pattern = |at: usize| u8::try_from(at % 251).expect("it is a byte");
        for (write, most) in sizes {
            let bytes: Vec<_> = (sent..sent + write).map(pattern).collect();
            sent += writer.write(&bytes).expect("the reader keeps to the rules");
            for byte in read(&mut reader, most) {
                prop_assert_eq!(byte, pattern(received));
                received += 1;
            }
        }
        received += read(&mut reader, sent).len();
        prop_assert_eq!(received, sent);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 20 } else { 512 }))]

    /// No panic, no byte out of bounds; the fuzzer does the same with better luck.
    #[test]
    fn hostile_peer_is_survived(deeds in prop::collection::vec((0..9_u8, any::<u64>()), 0..60)) {
        let bytes = deeds.iter().flat_map(|(deed, number)| {
            [&[*deed][..], &number.to_le_bytes()].concat()
        });
        survive(&bytes.collect::<Vec<_>>());
    }
}

#[test]
fn bytes_arrive_from_another_thread() {
    const TOTAL: usize = if cfg!(miri) { 2_000 } else { 2_000_000 };
    let (mut writer, mut reader) = ends();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            let mut sent = 0;
            while sent < TOTAL {
                let size = (sent % 977 + 1).min(TOTAL - sent);
                let byte = u8::try_from(sent % 251).expect("it is a byte");
                let mut bytes = &vec![byte; size][..];
                while !bytes.is_empty() {
                    let count = writer.write(bytes).expect("the reader keeps to the rules");
                    bytes = &bytes[count..];
                    std::thread::yield_now();
                }
                sent += size;
            }
        });
        let (mut begins, mut byte, mut received) = (0, 0, 0);
        while received < TOTAL {
            for found in read(&mut reader, 333) {
                if received == begins {
                    byte = u8::try_from(begins % 251).expect("it is a byte");
                    begins += (begins % 977 + 1).min(TOTAL - begins);
                }
                assert_eq!(found, byte, "at {received}");
                received += 1;
            }
            std::thread::yield_now();
        }
    });
}

/// The two ends of a link.
fn link() -> (SharedStream, SharedStream) {
    let (ours, theirs) = Socket::pair().expect("a pair");
    let mapping = Mapping::within_this_process();
    SharedStream::pair((ours, theirs), mapping)
}

#[tokio::test]
async fn large_messages_go_both_ways() {
    let (mut parent, mut child) = link();
    let message: Vec<_> = (0..3_000_000_u32).map(|n| n.to_le_bytes()[1]).collect();
    let echo = async {
        let mut bytes = vec![0; message.len()];
        child.read_exact(&mut bytes).await.expect("it arrives");
        child.write_all(&bytes).await.expect("it is taken");
    };
    let talk = async {
        parent.write_all(&message).await.expect("it is taken");
        let mut bytes = vec![0; message.len()];
        parent.read_exact(&mut bytes).await.expect("it arrives");
        bytes
    };
    let (bytes, ()) = tokio::join!(talk, echo);
    assert!(bytes == message);
}

#[tokio::test]
async fn what_was_written_before_the_end_is_read() {
    let (mut parent, mut child) = link();
    child
        .write_all(b"last words")
        .await
        .expect("they are taken");
    drop(child);
    let mut words = Vec::new();
    parent.read_to_end(&mut words).await.expect("then it ends");
    assert_eq!(words, b"last words");
}

#[tokio::test]
async fn full_ring_of_a_dead_reader_is_a_broken_pipe() {
    let (mut parent, child) = link();
    let dying = async {
        tokio::task::yield_now().await;
        drop(child);
    };
    let writing = async {
        let error = parent.write_all(&vec![0; 10_000_000]).await;
        error.expect_err("nobody reads").kind()
    };
    let (kind, ()) = tokio::join!(writing, dying);
    assert_eq!(kind, io::ErrorKind::BrokenPipe);
}

/// A peer that rings all the time, and never writes, costs no more than the noise.
#[tokio::test]
async fn bells_without_bytes_are_nothing_to_read() {
    let (mut parent, child) = link();
    for _ in 0..10_000 {
        child.ring_the_bell();
    }
    drop(child);
    assert_eq!(parent.read(&mut [0; 10]).await.expect("it ends"), 0);
}

#[tokio::test]
async fn end_is_rung_for_when_it_sleeps_and_not_when_it_looks() {
    let (mut writer, mut reader) = ends();
    let mut cx = Context::from_waker(Waker::noop());
    let mut byte_is_rung_for = |reader: &mut Reader, byte| {
        assert_eq!(writer.write(&[byte]).expect("there is room"), 1);
        let rung_for = writer.wakes_reader();
        assert_eq!(read(reader, 10), [byte]);
        rung_for
    };
    while reader.wait(&mut cx) == Wait::Looks {}
    assert!(byte_is_rung_for(&mut reader, 1));
    // It looks once other tests of this process do not keep threads of theirs busy.
    let began = Instant::now();
    while reader.wait(&mut cx) == Wait::Sleeps {
        assert!(began.elapsed() < PATIENCE, "it never looks");
        std::thread::yield_now();
    }
    assert!(!byte_is_rung_for(&mut reader, 2));
}

/// It gives way while it looks, so that it need not do without.
#[tokio::test]
async fn end_in_a_crowd_looks_as_well() {
    let ring = ring();
    ring.header().tell_around(End::Writer, 1000, 0);
    let mut reader = reader(&ring);
    let mut cx = Context::from_waker(Waker::noop());
    let began = Instant::now();
    while reader.wait(&mut cx) == Wait::Sleeps {
        assert!(began.elapsed() < PATIENCE, "it never looks");
        std::thread::yield_now();
    }
}

#[derive(Default)]
struct Counter(AtomicUsize);

impl Wake for Counter {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[tokio::test]
async fn room_wakes_a_writer_that_sleeps() {
    let (mut parent, mut child) = link();
    let counter = Arc::new(Counter::default());
    let waker = Waker::from(counter.clone());
    let mut cx = Context::from_waker(&waker);
    let before = loop {
        let before = counter.0.load(Ordering::Relaxed);
        match Pin::new(&mut parent).poll_write(&mut cx, &[0; 4096]) {
            Poll::Ready(written) => assert!(written.is_ok_and(|count| count > 0)),
            Poll::Pending if counter.0.load(Ordering::Relaxed) == before => break before,
            // It looks for a while before it sleeps.
            Poll::Pending => {}
        }
    };
    child.read_exact(&mut [0; 4096]).await.expect("it is there");
    while counter.0.load(Ordering::Relaxed) == before {
        tokio::task::yield_now().await;
    }
}
