//! Invariant W1: whatever arrives is a message, a wait for more, or one violation.

use std::time::Duration;

use bytes::{BufMut, BytesMut};
use proptest::collection::vec;
use proptest::prelude::{Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest};

use super::{CallId, Decoder, FunctionId, Kind, Message, Terms, Violation, encode};
use crate::base::{Aid, ConfigError, Error, TraceContext};

const LIMIT: usize = 4096;

fn aid() -> Aid {
    Aid::of_this_process("root.worker_0", 7)
}

fn frame(kind: Kind, fill: impl FnOnce(&mut super::Encoder<'_>)) -> Vec<u8> {
    let mut out = Vec::new();
    encode(&mut out, LIMIT, kind, |frame| {
        fill(frame);
        Ok::<_, super::EncodeError>(())
    })
    .expect("far below the limit");
    out
}

fn raw(kind: u8, body: &[u8]) -> BytesMut {
    let mut out = BytesMut::new();
    out.put_u32_le(u32::try_from(body.len() + 1).expect("short"));
    out.put_u8(kind);
    out.put_slice(body);
    out
}

fn decode_all(bytes: &[u8]) -> (Vec<String>, Option<Violation>) {
    let (mut buffer, mut messages) = (BytesMut::from(bytes), Vec::new());
    loop {
        match Decoder::new(LIMIT).decode(&mut buffer) {
            Ok(Some(message)) => messages.push(format!("{message:?}")),
            Ok(None) => return (messages, None),
            Err(violation) => return (messages, Some(violation)),
        }
    }
}

/// Where a caller stands in a trace, if it is in one.
fn any_trace() -> impl Strategy<Value = Option<TraceContext>> {
    any::<Option<(u128, u64, u8)>>().prop_map(|trace| {
        let (trace_id, span_id, flags) = trace?;
        TraceContext::new(trace_id, span_id, flags)
    })
}

/// One valid frame of any kind that a session knows.
fn any_frame() -> impl Strategy<Value = Vec<u8>> {
    let call = || (any::<u32>(), any::<u32>()).prop_map(|(slot, gen_)| CallId::new(slot, gen_));
    prop_oneof![
        (
            call(),
            any::<u64>(),
            any::<Option<u64>>(),
            any_trace(),
            vec(any::<u8>(), 0..64)
        )
            .prop_map(|(call, function, remaining, trace, args)| {
                let remaining = remaining.map(Duration::from_nanos);
                let trace = trace.as_ref();
                let terms = Terms { remaining, trace };
                frame(terms.kind(), |frame| {
                    frame.call(call);
                    frame.function(FunctionId(function));
                    frame.terms(&terms);
                    frame.encoded(&args).expect("short");
                })
            }),
        (call(), vec(any::<u8>(), 0..64)).prop_map(|(call, value)| frame(Kind::Return, |frame| {
            frame.call(call);
            frame.encoded(&value).expect("short");
        })),
        (call(), "[a-z]{0,20}").prop_map(|(call, text)| frame(Kind::Error, |frame| {
            frame.call(call);
            frame.error(&ConfigError::new(text).into()).expect("short");
        })),
        call().prop_map(|call| frame(Kind::Cancel, |frame| frame.call(call))),
        call().prop_map(|call| frame(Kind::CancelAck, |frame| {
            frame.call(call);
            frame.aid(&aid());
        })),
        any::<()>().prop_map(|()| frame(Kind::CancelActor, |frame| frame.aid(&aid()))),
        any::<()>().prop_map(|()| frame(Kind::CancelActorAck, |_| {})),
    ]
}

proptest! {
    #[test]
    fn any_bytes_are_decoded_or_refused(bytes in vec(any::<u8>(), 0..512)) {
        let _ = decode_all(&bytes);
    }

    #[test]
    fn any_body_of_any_kind_is_decoded_or_refused(kind in 0_u8..64, body in vec(any::<u8>(), 0..256)) {
        let (messages, violation) = decode_all(&raw(kind, &body));
        prop_assert_eq!(messages.len() + usize::from(violation.is_some()), 1);
    }

    #[test]
    fn damaged_frames_are_decoded_or_refused(
        mut frame in any_frame(), at in any::<proptest::sample::Index>(), byte in any::<u8>(),
    ) {
        let at = at.index(frame.len());
        frame[at] = byte;
        let _ = decode_all(&frame);
    }

    #[test]
    fn frames_survive_any_split(frames in vec(any_frame(), 1..8), cuts in vec(1_usize..40, 1..40)) {
        let bytes = frames.concat();
        let (whole, violation) = decode_all(&bytes);
        prop_assert_eq!(violation, None);
        prop_assert_eq!(whole.len(), frames.len());

        let (mut buffer, mut rest, mut pieces) = (BytesMut::new(), bytes.as_slice(), Vec::new());
        for cut in cuts.iter().cycle() {
            let (piece, left) = rest.split_at((*cut).min(rest.len()));
            buffer.extend_from_slice(piece);
            while let Ok(Some(message)) = Decoder::new(LIMIT).decode(&mut buffer) {
                pieces.push(format!("{message:?}"));
            }
            rest = left;
            if rest.is_empty() {
                break;
            }
        }
        prop_assert_eq!(pieces, whole);
    }

    #[test]
    fn missing_is_what_completes_a_frame(frame in any_frame(), cut in any::<proptest::sample::Index>()) {
        let cut = cut.index(frame.len());
        let missing = Decoder::new(LIMIT).missing(&frame[..cut]).expect("a valid frame");
        prop_assert!(missing >= 1);
        prop_assert!(cut + missing <= frame.len());
        if cut >= 4 {
            prop_assert_eq!(cut + missing, frame.len());
        }
    }
}

#[test]
fn claimed_length_is_refused_before_its_bytes_arrive() {
    let mut buffer = BytesMut::new();
    buffer.put_u32_le(u32::MAX);
    let refused = Decoder::new(LIMIT)
        .decode(&mut buffer)
        .expect_err("too large");
    assert_eq!(
        refused,
        Violation::FrameTooLarge {
            len: u32::MAX as usize,
            limit: LIMIT
        }
    );
    assert!(buffer.capacity() < LIMIT, "nothing was allocated for it");
}

#[test]
fn frame_of_exactly_the_limit_passes() {
    let body = vec![0; LIMIT - 9];
    let mut out = Vec::new();
    let fill = |frame: &mut super::Encoder<'_>| {
        frame.call(CallId::new(0, 0));
        frame.encoded(&body)
    };
    encode(&mut out, LIMIT, Kind::Return, fill).expect("it fits");
    assert!(matches!(decode_all(&out), (messages, None) if messages.len() == 1));
    encode(&mut out, LIMIT - 1, Kind::Return, fill).expect_err("one byte too many");
}

#[test]
fn failed_frame_leaves_no_trace() {
    let mut out = b"earlier".to_vec();
    let large = vec![0_u8; LIMIT + 1];
    encode(&mut out, LIMIT, Kind::Return, |frame| frame.value(&large)).expect_err("too large");
    assert_eq!(out, b"earlier");
}

#[test]
fn panic_while_encoding_leaves_no_trace() {
    let mut out = b"earlier".to_vec();
    let encoding = std::panic::AssertUnwindSafe(|| {
        encode(&mut out, LIMIT, Kind::Return, |_| -> Result<(), ()> {
            panic!("in user code")
        })
    });
    assert!(std::panic::catch_unwind(encoding).is_err());
    assert_eq!(out, b"earlier");
}

#[test]
fn deeply_nested_groups_are_refused() {
    // Variant 10 is `Group`, and each level holds one error: the next level.
    let mut body = vec![0; 8];
    body.extend([10, 1].repeat(1000));
    let (_, violation) = decode_all(&raw(Kind::Error as u8, &body));
    assert!(
        matches!(violation, Some(Violation::Malformed { .. })),
        "{violation:?}"
    );
}

/// What traces cost where there are none: nothing on the wire.
#[test]
fn only_a_call_in_a_trace_tells_of_one() {
    let trace = TraceContext::new(1 << 127 | 5, 7, 1);
    let start = |trace: Option<&TraceContext>| {
        let terms = Terms {
            remaining: None,
            trace,
        };
        frame(terms.kind(), |frame| {
            frame.call(CallId::new(1, 2));
            frame.function(FunctionId(3));
            frame.terms(&terms);
            frame.encoded(b"args").expect("short");
        })
    };
    let (plain, traced) = (start(None), start(trace.as_ref()));
    assert_eq!(plain.len(), 4 + 1 + 8 + 8 + 8 + 4);
    assert_eq!(traced.len(), plain.len() + 16 + 8 + 1);
    let decode = |bytes: &[u8]| Decoder::new(LIMIT).decode(&mut BytesMut::from(bytes));
    for (sent, bytes) in [(None, plain), (trace, traced)] {
        let Ok(Some(Message::Start { trace, args, .. })) = decode(&bytes) else {
            panic!("it is a valid frame");
        };
        assert_eq!((trace.as_deref(), &*args), (sent.as_ref(), &b"args"[..]));
    }
}

#[test]
fn trace_without_an_identity_is_refused() {
    let body = [0; 8 + 8 + 8 + 16 + 8 + 1];
    let (_, violation) = decode_all(&raw(Kind::StartTraced as u8, &body));
    assert!(
        matches!(violation, Some(Violation::Malformed { .. })),
        "{violation:?}"
    );
}

/// Invariant E1.
#[test]
fn every_error_survives_the_wire() {
    let error = Error::collect(vec![
        ConfigError::new("one").into(),
        ConfigError::new("two").into(),
    ]);
    let sent = error.expect("there are two");
    let bytes = frame(Kind::Error, |frame| {
        frame.call(CallId::new(1, 2));
        frame.error(&sent).expect("short");
    });
    let message = Decoder::new(LIMIT).decode(&mut BytesMut::from(bytes.as_slice()));
    let Ok(Some(Message::Error { error, .. })) = message else {
        panic!("not an error: {message:?}");
    };
    assert_eq!(error.to_string(), sent.to_string());
}
