//! `ipc-channel`: blocking channels between processes, one per direction and per stream.
//!
//! It has no calls, so that a request carries no number and one has to wait for the answer to the
//! last. As its documentation advises, bytes travel as shared memory when they are large and on a
//! channel of bytes when they are not.

use std::cell::RefCell;

use anyhow::{Context, Result};
use bytes::Bytes;
use ipc_channel::ipc::{
    self, IpcBytesReceiver, IpcBytesSender, IpcOneShotServer, IpcReceiver, IpcSender,
    IpcSharedMemory,
};
use serde::{Deserialize, Serialize};

use super::Peer;
use super::server::start_named;
use crate::answer;
use crate::payload::Row;

/// From how many bytes on they travel as shared memory.
const LARGE: usize = 64 << 10;

#[derive(Serialize, Deserialize)]
enum Request {
    Echo(u64),
    /// The bytes follow on their channel.
    Bytes(u64),
    Shared(IpcSharedMemory, u64),
    Rows(Vec<Row>),
    Numbers(u64, IpcSender<u64>),
    Items(u64, IpcBytesSender),
}

/// The client's ends of the three channels that both sides keep.
#[derive(Serialize, Deserialize)]
struct Ends {
    requests: IpcSender<Request>,
    bytes: IpcBytesSender,
    answers: IpcReceiver<u64>,
}

/// A client.
pub(crate) struct IpcChannel {
    // Their types are not `Sync`, and nothing here is.
    ends: RefCell<Ends>,
    pid: u32,
}

impl IpcChannel {
    /// What `serve` is told.
    pub(crate) const NAME: &str = "ipc-channel";

    fn call(&self, request: Request) -> Result<u64> {
        let ends = self.ends.borrow();
        ends.requests.send(request)?;
        Ok(ends.answers.recv()?)
    }
}

impl Peer for IpcChannel {
    async fn scope<R>(count: usize, body: impl AsyncFnOnce(&[Self]) -> Result<R>) -> Result<R> {
        let mut servers = Vec::new();
        let mut peers = Vec::new();
        for _ in 0..count {
            let (meeting, name) = IpcOneShotServer::<Ends>::new()?;
            let (server, pid) = start_named(Self::NAME, name)?;
            servers.push(server);
            let (_, ends) = meeting.accept()?;
            let ends = RefCell::new(ends);
            peers.push(Self { ends, pid });
        }
        let result = body(&peers).await;
        // The servers end when they cannot receive any more, and are then reaped.
        drop(peers);
        result
    }

    async fn pid(&self) -> Result<u32> {
        Ok(self.pid)
    }

    async fn echo(&self, n: u64) -> Result<u64> {
        self.call(Request::Echo(n))
    }

    async fn bytes(&self, bytes: Bytes, stride: u64) -> Result<u64> {
        if bytes.len() >= LARGE {
            let shared = IpcSharedMemory::from_bytes(&bytes);
            return self.call(Request::Shared(shared, stride));
        }
        let ends = self.ends.borrow();
        ends.requests.send(Request::Bytes(stride))?;
        ends.bytes.send(&bytes)?;
        Ok(ends.answers.recv()?)
    }

    async fn rows(&self, rows: Vec<Row>) -> Result<u64> {
        self.call(Request::Rows(rows))
    }

    async fn numbers(&self, count: u64, mut each: impl FnMut(u64) -> Result<()>) -> Result<()> {
        let (sender, numbers) = ipc::channel()?;
        let request = Request::Numbers(count, sender);
        self.ends.borrow().requests.send(request)?;
        for _ in 0..count {
            each(numbers.recv()?)?;
        }
        Ok(())
    }

    async fn items(&self, count: u64, mut each: impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
        let (sender, items) = ipc::bytes_channel()?;
        let request = Request::Items(count, sender);
        self.ends.borrow().requests.send(request)?;
        for _ in 0..count {
            each(&items.recv()?)?;
        }
        Ok(())
    }
}

/// Answers until the caller hangs up.
pub(crate) fn serve(meeting: String) -> Result<()> {
    let (requests, incoming) = ipc::channel()?;
    let (bytes, incoming_bytes) = ipc::bytes_channel()?;
    let (outgoing, answers) = ipc::channel()?;
    let ends = Ends {
        requests,
        bytes,
        answers,
    };
    IpcSender::connect(meeting)?.send(ends).context("meeting")?;
    while let Ok(request) = incoming.recv() {
        answer(request, &incoming_bytes, &outgoing)?;
    }
    Ok(())
}

fn answer(request: Request, bytes: &IpcBytesReceiver, outgoing: &IpcSender<u64>) -> Result<()> {
    let answer = match request {
        Request::Echo(n) => answer::echo(n),
        Request::Bytes(stride) => answer::bytes(&bytes.recv()?, stride),
        Request::Shared(shared, stride) => answer::bytes(&shared, stride),
        Request::Rows(rows) => answer::rows(&rows),
        Request::Numbers(count, sender) => {
            return Ok(answer::numbers(count).try_for_each(|n| sender.send(n))?);
        }
        Request::Items(count, sender) => {
            return Ok(answer::items(count).try_for_each(|item| sender.send(&item))?);
        }
    };
    Ok(outgoing.send(answer)?)
}
