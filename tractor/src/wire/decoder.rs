//! Bytes into messages, whatever the bytes are (W1).

use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use serde::de::DeserializeOwned;

use super::{CallId, End, FunctionId, Kind, Message, StreamId, Violation, Wait};
use crate::base::TraceContext;

/// The bytes of a frame's length field.
const LEN: usize = 4;

/// Takes whole frames off the front of a read buffer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Decoder {
    limit: usize,
}

impl Decoder {
    /// A decoder that refuses frames longer than `limit` bytes.
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit }
    }

    /// The next message, or `None` until more bytes have arrived.
    #[inline]
    pub(crate) fn decode(self, buffer: &mut BytesMut) -> Result<Option<Message>, Violation> {
        match self.split(buffer)? {
            Some((kind, body)) => message(kind, body).map(Some),
            None => Ok(None),
        }
    }

    /// The next frame's value, when it is of the kind whose turn it is.
    pub(crate) fn decode_only<T: DeserializeOwned>(
        self,
        expected: Kind,
        buffer: &mut BytesMut,
    ) -> Result<Option<T>, Violation> {
        match self.split(buffer)? {
            Some((kind, body)) if kind == expected => value(kind, &body).map(Some),
            Some((kind, _)) => Err(Violation::OutOfTurn(kind)),
            None => Ok(None),
        }
    }

    /// How many bytes the frame at the front still lacks, as far as that is known.
    pub(crate) fn missing(self, buffer: &[u8]) -> Result<usize, Violation> {
        Ok(match self.frame_len(buffer)? {
            Some(len) => (LEN + len).saturating_sub(buffer.len()),
            None => LEN - buffer.len(),
        })
    }

    /// The kind of the frame at the front, once it is known.
    #[inline]
    pub(crate) fn kind(self, buffer: &[u8]) -> Result<Option<Kind>, Violation> {
        let Some(byte) = buffer.get(LEN) else {
            return Ok(None);
        };
        let kind = Kind::from_byte(*byte).ok_or(Violation::UnknownKind(*byte))?;
        Ok(Some(kind))
    }

    #[inline]
    fn split(self, buffer: &mut BytesMut) -> Result<Option<(Kind, Bytes)>, Violation> {
        // The kind is checked as soon as it is there: garbage is refused before it is awaited.
        let (Some(len), Some(kind)) = (self.frame_len(buffer)?, self.kind(buffer)?) else {
            return Ok(None);
        };
        if buffer.len() < LEN + len {
            return Ok(None);
        }
        let mut frame = buffer.split_to(LEN + len).freeze();
        frame.advance(LEN + 1);
        Ok(Some((kind, frame)))
    }

    /// The checked length of the frame at the front.
    #[inline]
    fn frame_len(self, buffer: &[u8]) -> Result<Option<usize>, Violation> {
        let Some(bytes) = buffer.first_chunk::<LEN>() else {
            return Ok(None);
        };
        match u32::from_le_bytes(*bytes) as usize {
            0 => Err(Violation::EmptyFrame),
            len if len > self.limit => Err(Violation::FrameTooLarge {
                len,
                limit: self.limit,
            }),
            len => Ok(Some(len)),
        }
    }
}

#[inline]
fn message(kind: Kind, mut body: Bytes) -> Result<Message, Violation> {
    let message = match kind {
        Kind::Start | Kind::StartTraced => Message::Start {
            call: call(kind, &mut body)?,
            function: FunctionId(fixed(kind, &mut body)?),
            remaining: match fixed(kind, &mut body)? {
                0 => None,
                nanos => Some(Duration::from_nanos(nanos)),
            },
            trace: match kind {
                Kind::StartTraced => Some(trace(kind, &mut body)?),
                _ => None,
            },
            args: body,
        },
        Kind::Return => Message::Return {
            call: call(kind, &mut body)?,
            value: body,
        },
        Kind::Error => Message::Error {
            call: call(kind, &mut body)?,
            error: value(kind, &body)?,
        },
        Kind::Cancel => Message::Cancel {
            call: only(kind, body, call)?,
        },
        Kind::CancelAck => Message::CancelAck {
            call: call(kind, &mut body)?,
            by: value(kind, &body)?,
        },
        Kind::Started => Message::Started {
            call: call(kind, &mut body)?,
            value: body,
        },
        Kind::Yield => Message::Yield {
            stream: stream(kind, &mut body)?,
            items: some(kind, body)?,
        },
        Kind::Part => Message::Part {
            stream: stream(kind, &mut body)?,
            bytes: some(kind, body)?,
        },
        Kind::Stop => Message::Stop {
            stream: only(kind, body, stream)?,
        },
        Kind::Credit => only(kind, body, |kind, body| {
            let stream = stream(kind, body)?;
            let bytes = fixed(kind, body)?;
            Ok(Message::Credit { stream, bytes })
        })?,
        Kind::Discard => Message::Discard {
            stream: only(kind, body, stream)?,
        },
        Kind::Starved => only(kind, body, |kind, body| {
            let stream = stream(kind, body)?;
            let wait = choice(
                kind,
                body,
                &[Wait::No, Wait::Shared, Wait::Alone, Wait::Deadlocked],
            )?;
            let heard = fixed(kind, body)?;
            Ok(Message::Starved {
                stream,
                wait,
                heard,
            })
        })?,
        Kind::CancelActor => Message::CancelActor {
            by: value(kind, &body)?,
        },
        Kind::CancelActorAck => only(kind, body, |_, _| Ok(Message::CancelActorAck))?,
        Kind::Spec | Kind::Hello => return Err(Violation::OutOfTurn(kind)),
    };
    Ok(message)
}

#[inline]
fn call(kind: Kind, body: &mut Bytes) -> Result<CallId, Violation> {
    let mut field = || {
        body.try_get_u32_le()
            .map_err(|_| Violation::Truncated(kind))
    };
    Ok(CallId::new(field()?, field()?))
}

fn stream(kind: Kind, body: &mut Bytes) -> Result<StreamId, Violation> {
    let call = call(kind, body)?;
    let source = choice(kind, body, &[End::Caller, End::Callee])?;
    Ok(StreamId { call, source })
}

fn trace(kind: Kind, body: &mut Bytes) -> Result<Box<TraceContext>, Violation> {
    let truncated = |_| Violation::Truncated(kind);
    let trace_id = body.try_get_u128_le().map_err(truncated)?;
    let span_id = fixed(kind, body)?;
    let flags = body.try_get_u8().map_err(truncated)?;
    let trace = TraceContext::new(trace_id, span_id, flags);
    trace.map(Box::new).ok_or_else(|| Violation::Malformed {
        kind,
        reason: "zero identifies no trace and no span".to_owned(),
    })
}

/// One byte that is an index.
fn choice<T: Copy>(kind: Kind, body: &mut Bytes, choices: &[T]) -> Result<T, Violation> {
    let byte = body.try_get_u8().map_err(|_| Violation::Truncated(kind))?;
    choices
        .get(usize::from(byte))
        .copied()
        .ok_or_else(|| Violation::Malformed {
            kind,
            reason: format!("{byte} is none of {} choices", choices.len()),
        })
}

/// A body that is not empty.
fn some(kind: Kind, body: Bytes) -> Result<Bytes, Violation> {
    match body.is_empty() {
        true => Err(Violation::Truncated(kind)),
        false => Ok(body),
    }
}

#[inline]
fn fixed(kind: Kind, body: &mut Bytes) -> Result<u64, Violation> {
    body.try_get_u64_le()
        .map_err(|_| Violation::Truncated(kind))
}

/// Reads a body that holds nothing but fixed fields.
fn only<T>(
    kind: Kind,
    mut body: Bytes,
    read: impl FnOnce(Kind, &mut Bytes) -> Result<T, Violation>,
) -> Result<T, Violation> {
    let fields = read(kind, &mut body)?;
    if body.is_empty() {
        return Ok(fields);
    }
    Err(Violation::Malformed {
        kind,
        reason: format!("{} bytes too many", body.len()),
    })
}

fn value<T: DeserializeOwned>(kind: Kind, body: &[u8]) -> Result<T, Violation> {
    let malformed = |reason| Violation::Malformed { kind, reason };
    match postcard::take_from_bytes(body) {
        Ok((value, [])) => Ok(value),
        Ok((_, rest)) => Err(malformed(format!("{} bytes too many", rest.len()))),
        Err(error) => Err(malformed(error.to_string())),
    }
}
