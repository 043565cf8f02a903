//! Handing a child its end of the link, and what it needs to know.
//!
//! The child gets its end as *stdin*: that needs no `pre_exec`, and cannot leak into a sibling
//! started at the same moment; nobody else can connect to it (N1). Once it runs, the link moves to
//! a descriptor that is closed on exec, and stdin becomes `/dev/null`.

use std::fs::File;
use std::io::{self, IoSlice, IoSliceMut};
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::net::UnixStream;

use bytes::BytesMut;
use nix::cmsg_space;
use nix::errno::Errno;
use nix::sys::socket::{ControlMessage, ControlMessageOwned, MsgFlags, recvmsg, sendmsg};

use super::uplink::know_uplink;
use crate::wire::{Decoder, Handed, Kind, Spec, encode};

/// No SIGPIPE, whatever the program has made of it; elsewhere std's default has to do.
#[cfg(any(target_os = "linux", target_os = "android"))]
const SEND: MsgFlags = MsgFlags::MSG_NOSIGNAL;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const SEND: MsgFlags = MsgFlags::empty();

/// Nothing that is received is inherited, not even for a moment where the kernel can do that.
#[cfg(any(target_os = "linux", target_os = "android"))]
const RECEIVE: MsgFlags = MsgFlags::MSG_CMSG_CLOEXEC;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const RECEIVE: MsgFlags = MsgFlags::empty();

/// More than any spec needs; a child trusts its parent, but not garbage on its stdin.
const SPEC_LIMIT: usize = 16 << 20;

/// What a child is told first.
pub(super) fn encode_spec(spec: &Spec) -> io::Result<Vec<u8>> {
    let mut frame = Vec::new();
    encode(&mut frame, SPEC_LIMIT, Kind::Spec, |frame| {
        frame.value(spec)
    })
    .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
    Ok(frame)
}

/// Sends descriptors with the first byte of the spec, which says what they are for; gives the rest.
pub(super) fn send_descriptors(
    link: &UnixStream,
    descriptors: &[RawFd],
    mut spec: Vec<u8>,
) -> io::Result<Vec<u8>> {
    if descriptors.is_empty() {
        return Ok(spec);
    }
    let rights = [ControlMessage::ScmRights(descriptors)];
    let first = [IoSlice::new(&spec[..1])];
    match sendmsg::<()>(link.as_raw_fd(), &first, &rights, SEND, None) {
        // A child that is gone already shows later, and how it ended tells the user more.
        Ok(_) | Err(Errno::EPIPE) => {}
        Err(error) => return Err(error.into()),
    }
    spec.remove(0);
    Ok(spec)
}

/// Takes the link from stdin; then nothing in this process can read or inherit it by accident.
pub(crate) fn take_link() -> io::Result<UnixStream> {
    let link = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    // A pipe or a terminal has no socket address: somebody else started this process.
    link.local_addr()?;
    link.set_nonblocking(false)?;
    nix::unistd::dup2_stdin(File::open("/dev/null")?)?;
    Ok(link)
}

/// Reads the spec from the link, puts the real stdout in place if it comes along, and notes the way to the
/// root; gives the memory that comes along.
pub(crate) fn receive_spec(link: &UnixStream) -> io::Result<(Spec, Option<OwnedFd>)> {
    let mut descriptors = Vec::new();
    let spec = receive_frame(link, &mut descriptors)?;
    let mut memory = None;
    for (descriptor, what) in descriptors.into_iter().zip(&spec.handed) {
        match what {
            Handed::Stdout => nix::unistd::dup2_stdout(descriptor)?,
            Handed::Memory => memory = Some(descriptor),
            Handed::Uplink => know_uplink(descriptor),
        }
    }
    Ok((spec, memory))
}

fn receive_frame(link: &UnixStream, descriptors: &mut Vec<OwnedFd>) -> io::Result<Spec> {
    let decoder = Decoder::new(SPEC_LIMIT);
    let mut buffer = BytesMut::new();
    loop {
        let spec = decoder
            .decode_only(Kind::Spec, &mut buffer)
            .map_err(|violation| io::Error::new(io::ErrorKind::InvalidData, violation))?;
        if let Some(spec) = spec {
            return Ok(spec);
        }
        let missing = decoder.missing(&buffer).unwrap_or(1).min(64 << 10);
        let mut chunk = vec![0; missing];
        let read = receive(link, &mut chunk, descriptors)?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        buffer.extend_from_slice(&chunk[..read]);
    }
}

/// Reads some bytes, and the descriptors that come with them.
fn receive(
    link: &UnixStream,
    chunk: &mut [u8],
    descriptors: &mut Vec<OwnedFd>,
) -> io::Result<usize> {
    let mut rights = cmsg_space!([RawFd; 3]);
    let mut parts = [IoSliceMut::new(chunk)];
    let message = loop {
        match recvmsg::<()>(link.as_raw_fd(), &mut parts, Some(&mut rights), RECEIVE) {
            Err(Errno::EINTR) => {}
            message => break message?,
        }
    };
    for control in message.cmsgs()? {
        if let ControlMessageOwned::ScmRights(received) = control {
            descriptors.extend(received.into_iter().map(adopt));
        }
    }
    Ok(message.bytes)
}

#[expect(
    unsafe_code,
    reason = "the kernel hands descriptors over as plain numbers"
)]
fn adopt(descriptor: RawFd) -> OwnedFd {
    // SAFETY: the kernel has just opened this descriptor for us, and nothing else knows of it.
    unsafe { OwnedFd::from_raw_fd(descriptor) }
}
