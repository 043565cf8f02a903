//! What the instruction counter runs; here only under `cfg(tractor_measuring)`, and not part of the API.
//!
//! Both ends of a session are in one process, with memory between them: what is counted is the work of
//! tractor and of its runtime, without the kernel's, and comes out the same each time.

use bytes::BytesMut;
use futures_util::{StreamExt, stream};
use tokio::io::{DuplexStream, duplex};
use tokio::task::JoinSet;

use crate::base::Aid;
use crate::rpc::registry::Exposed;
use crate::rpc::{FirstPoll, Rpc, Run, Server};
use crate::session::{Driver, Ended, Finish, Limits, Link, Route};
use crate::transport::Frames;
use crate::wire::{CallId, Decoder, Encoder, Kind, Outbox, Terms};

const LIMITS: Limits = Limits {
    in_flight: 1024,
    frame: 1 << 20,
    window: 64 << 10,
};

/// The bytes that are under way at most.
const CARRIER: usize = 64 << 10;

#[crate::rpc(crate = crate)]
async fn echo(n: u64) -> u64 {
    n
}

/// Encodes `count` calls with a number as their argument.
pub fn encode(count: u64) {
    let mut outbox = Outbox::default();
    for n in 0..count {
        outbox.clear(usize::MAX);
        encode_start(&mut outbox, n);
        assert!(!outbox.is_empty());
    }
}

/// Decodes `count` of them.
///
/// # Panics
///
/// When one is lost.
pub fn decode(count: u64) {
    let mut outbox = Outbox::default();
    encode_start(&mut outbox, 7);
    let frame = outbox.pieces().collect::<Vec<_>>().concat();
    let decoder = Decoder::new(LIMITS.frame);
    let mut inbound = BytesMut::new();
    for _ in 0..count {
        inbound.extend_from_slice(&frame);
        let message = decoder.decode(&mut inbound).expect("it is well-formed");
        assert!(message.is_some() && inbound.is_empty());
    }
}

fn encode_start(outbox: &mut Outbox, n: u64) {
    let fill = |frame: &mut Encoder<'_>| {
        frame.call(CallId::new(1, 1));
        frame.function(echo::entry().id());
        frame.terms(&Terms::default());
        frame.value(&n)
    };
    outbox
        .encode(LIMITS.frame, Kind::Start, fill)
        .expect("a number fits");
}

/// Makes `count` calls, `in_flight` of them at a time.
///
/// # Panics
///
/// When an answer is wrong.
pub fn calls(count: u64, in_flight: usize) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("it needs nothing");
    runtime.block_on(async {
        let mut ends = JoinSet::new();
        let (here, there) = duplex(CARRIER);
        let caller = end(&mut ends, ["caller", "callee"], here);
        let _callee = end(&mut ends, ["callee", "caller"], there);
        let route = Route::Only(caller.0.clone());
        let answers = stream::iter(0..count).map(|n| {
            let run = Run::new(route.clone(), echo(n));
            async move { (n, run.await) }
        });
        let mut answers = answers.buffer_unordered(in_flight);
        while let Some((n, answer)) = answers.next().await {
            assert_eq!(answer.expect("nobody fails"), n);
        }
    });
}

/// One end of a session, which lives as long as what is returned.
fn end(
    ends: &mut JoinSet<Ended>,
    [me, peer]: [&str; 2],
    carrier: DuplexStream,
) -> (Link, tokio::sync::oneshot::Sender<Finish>) {
    let aid = |name| Aid::of_this_process(name, 0);
    let link = Link::new(aid(me), aid(peer), LIMITS);
    let exposed = Exposed::new(&[echo::MODULE.to_owned()]);
    let (server, ..) = Server::new(link.clone(), exposed, FirstPoll::Inline, LIMITS.in_flight);
    let frames = Frames::new(carrier, LIMITS.frame);
    let (driver, finish) = Driver::new(frames, link.clone(), server);
    ends.spawn(driver.run());
    (link, finish)
}
