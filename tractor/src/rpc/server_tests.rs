use std::future::pending;
use std::task::Waker;

use bytes::Bytes;

use super::*;
use crate::rpc::Rpc;
use crate::session::Limits;
use crate::wire::FunctionId;

#[crate::rpc(crate = crate)]
async fn nap() {
    pending::<()>().await;
}

const LIMITS: Limits = Limits {
    in_flight: 2,
    frame: 1 << 20,
    window: 1 << 10,
};

fn server() -> Server {
    let aid = |path| Aid::of_this_process(path, 0);
    let link = Link::new(aid("root.worker"), aid("root"), LIMITS);
    let exposed = Exposed::new(&[nap::MODULE.to_owned()]);
    Server::new(link, exposed, FirstPoll::Inline, LIMITS.in_flight).0
}

fn start(server: &mut Server, slot: u32, function: FunctionId) -> Result<(), Violation> {
    let request = Request {
        call: CallId::new(slot, 1),
        function,
        remaining: None,
        trace: None,
        args: Bytes::new(),
    };
    server.start(request, &mut Context::from_waker(Waker::noop()))
}

#[tokio::test]
async fn caller_that_starts_a_call_twice_is_refused() {
    let mut server = server();
    let nap = nap::entry().id();
    assert_eq!(start(&mut server, 7, nap), Ok(()));
    let twice = Violation::StartedTwice(CallId::new(7, 1));
    assert_eq!(start(&mut server, 7, nap), Err(twice));
    assert_eq!(start(&mut server, 8, nap), Ok(()));
}

/// A caller keeps its own limit, which is the same.
#[tokio::test]
async fn caller_that_exceeds_the_limit_is_refused() {
    let mut server = server();
    let nap = nap::entry().id();
    assert_eq!(start(&mut server, 1, nap), Ok(()));
    assert_eq!(start(&mut server, 2, nap), Ok(()));
    let many = Violation::TooManyInFlight(LIMITS.in_flight);
    assert_eq!(start(&mut server, 3, nap), Err(many));
}

/// What is answered at once is in flight no more.
#[tokio::test]
async fn unknown_function_is_an_answer_and_no_violation() {
    let mut server = server();
    for _ in 0..=LIMITS.in_flight {
        assert_eq!(start(&mut server, 1, FunctionId(77)), Ok(()));
    }
}
