//! One end of a link through shared memory whose other end keeps to no rules (W1).

use std::task::{Context, Waker};

use bytes::Buf;
use tokio::io::ReadBuf;

use super::header::End;
use super::memory::Mapping;
use super::ring::{Reader, Ring, Writer};
use super::watch::Place;

/// The most bytes that are read or written at once.
const MOST: u64 = 200_000;

/// Lets `bytes` say what the peer does to the memory, and when this end reads and writes.
///
/// # Panics
///
/// When this end takes more bytes than it has room for, or gives more than were asked for.
pub(crate) fn survive(mut bytes: &[u8]) {
    let [down, up] = Ring::both(Mapping::within_this_process());
    let place = Place::new(down.clone(), End::Writer);
    let mut reader = Reader::new(up.clone(), place.clone());
    let mut writer = Writer::new(down.clone(), place);
    let mut cx = Context::from_waker(Waker::noop());
    // Where this end really is.
    let (mut read, mut written) = (0_u64, 0_u64);
    while bytes.len() >= 9 {
        let (deed, number) = (bytes.get_u8(), bytes.get_u64_le());
        let size = usize::try_from(number % MOST).expect("it is small");
        match deed % 9 {
            // Positions that cannot be, and some that could.
            0 => up.header().publish(End::Writer, number),
            1 => down.header().publish(End::Reader, number),
            2 => up
                .header()
                .publish(End::Writer, read.wrapping_add(number % MOST)),
            3 => down
                .header()
                .publish(End::Reader, written.saturating_sub(number % MOST)),
            4 => {
                up.header().falls_asleep(End::Writer);
                down.header().falls_asleep(End::Reader);
            }
            5 => {
                up.header().tell_around(End::Writer, deed.into(), u32::MAX);
                down.header()
                    .tell_around(End::Reader, u32::MAX, deed.into());
            }
            6 => {
                let mut room = vec![0; size];
                let mut buffer = ReadBuf::new(&mut room);
                // The link is lost; what is done with it nevertheless is as harmless.
                let Ok(count) = reader.read(&mut buffer) else {
                    continue;
                };
                assert_eq!(count, buffer.filled().len());
                read += count as u64;
                reader.wakes_writer();
            }
            7 => {
                let Ok(count) = writer.write(&vec![deed; size]) else {
                    continue;
                };
                assert!(count <= size, "more is written than was given");
                written += count as u64;
                writer.wakes_reader();
            }
            _ => {
                reader.wait(&mut cx);
                writer.wait(&mut cx);
            }
        }
    }
}
