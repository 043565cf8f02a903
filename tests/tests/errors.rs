//! What goes wrong in another process reaches the caller whole (E1).

use std::future::pending;
use std::io;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Context;
use futures_util::FutureExt;
use serde::de::Error as _;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use tests::actor::{assert_nobody_left, done, failure, fresh_name, within};
use tests::workers::{add, echo};
use tractor::{Aid, CodecSide, Error, Portal, RemoteError, Result, current_call, shield};

/// Of actors that must have the time to bring their own ones down.
const HOUR: Duration = Duration::from_secs(3600);

#[derive(Debug, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[error("the shelf {shelf} is empty")]
struct Empty {
    shelf: u32,
    source: Nested,
}

#[derive(Debug, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[error("nobody has filled it")]
struct Nested;

fn empty(shelf: u32) -> Empty {
    let source = Nested;
    Empty { shelf, source }
}

#[tractor::rpc]
async fn typed(shelf: u32) -> Result<u32, Empty> {
    Err(empty(shelf))
}

#[tractor::rpc]
async fn contexts() -> anyhow::Result<()> {
    let missing = io::Error::new(io::ErrorKind::NotFound, "no such shelf");
    Err(missing).context("cannot look").context("cannot count")
}

#[tractor::rpc]
async fn text() -> Result<(), String> {
    Err("just a text".to_owned())
}

#[tractor::rpc]
async fn boxed() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    Err(Box::new(empty(3)))
}

#[tractor::rpc]
async fn panics(n: u32) -> u32 {
    assert!(n > 100, "cannot do {n}");
    n
}

#[tractor::rpc]
fn panics_on_the_pool(n: u32) -> u32 {
    assert!(n > 100, "cannot do {n}");
    n
}

#[tractor::rpc]
async fn panics_after_an_await() {
    tokio::task::yield_now().await;
    panic!("too late");
}

#[tractor::rpc]
async fn panics_without_text() {
    std::panic::panic_any(5_u8);
}

#[tractor::rpc]
async fn zeros(bytes: usize) -> Vec<u8> {
    vec![0; bytes]
}

#[tractor::rpc]
async fn long_error(bytes: usize) -> Result<(), String> {
    Err("x".repeat(bytes))
}

/// What a `Serialize` or `Deserialize` by hand may do.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Touchy {
    Fine,
    FailsToWrite,
    PanicsOnWrite,
    FailsToRead,
    PanicsOnRead,
}

impl Serialize for Touchy {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::FailsToWrite => Err(S::Error::custom("will not be written")),
            Self::PanicsOnWrite => panic!("must not be written"),
            _ => serializer.serialize_u8(*self as u8),
        }
    }
}

impl<'de> Deserialize<'de> for Touchy {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match u8::deserialize(deserializer)? {
            byte if byte == Self::FailsToRead as u8 => Err(D::Error::custom("will not be read")),
            byte if byte == Self::PanicsOnRead as u8 => panic!("must not be read"),
            _ => Ok(Self::Fine),
        }
    }
}

#[tractor::rpc]
async fn touch(_it: Touchy) {}

#[tractor::rpc]
async fn touchy(mode: u8) -> Touchy {
    match mode {
        1 => Touchy::FailsToWrite,
        2 => Touchy::PanicsOnWrite,
        3 => Touchy::FailsToRead,
        4 => Touchy::PanicsOnRead,
        _ => Touchy::Fine,
    }
}

/// What is found below.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
enum Find {
    Typed,
    Chain,
    Panic,
    Group,
}

/// Goes down `depth` levels, and fails there.
#[tractor::rpc]
async fn dig(depth: u32, find: Find) -> anyhow::Result<()> {
    let name = format!("level_{depth}");
    if depth == 0 && find == Find::Group {
        return Ok(fail_twice().await?);
    }
    let found = tractor::cluster! {
        modules: [self], names: [name.as_str()], env: [("RUST_BACKTRACE", "0")],
    }
    .scope(async |workers| {
        let portal = &workers[name.as_str()];
        match (depth, find) {
            (0, Find::Typed) => portal.run(typed(9)).await.map(drop),
            (0, Find::Chain) => portal.run(contexts).await,
            (0, Find::Panic) => portal.run(panics(9)).await.map(drop),
            _ => portal.run(dig(depth - 1, find)).await,
        }
    })
    .await;
    found.with_context(|| format!("at depth {depth}"))
}

/// Fails because of one actor, and another one fails when it is cancelled for that.
async fn fail_twice() -> Result<()> {
    tractor::nursery()
        .scope(async |an| {
            let late = an.run_in_actor(fails_late(2)).await?;
            while !late.portal().run(has_begun).await? {
                tokio::time::sleep(tests::GLANCE).await;
            }
            // What the scope makes of it counts, so the body does not look.
            drop(an.run_in_actor(typed(1)).await?);
            pending().await
        })
        .await
}

static BEGUN: AtomicBool = AtomicBool::new(false);

#[tractor::rpc]
async fn has_begun() -> bool {
    BEGUN.load(Ordering::Relaxed)
}

/// Fails when it is cancelled.
#[tractor::rpc]
async fn fails_late(shelf: u32) -> Result<(), Empty> {
    let call = current_call().expect("this runs as the answer to a call");
    BEGUN.store(true, Ordering::Relaxed);
    shield(call.cancelled()).await;
    Err(empty(shelf))
}

fn remote<T>(result: Result<T>) -> RemoteError {
    match failure(result) {
        Error::Remote(error) => error,
        other => panic!("not Error::Remote but {other}"),
    }
}

macro_rules! with_worker {
    ($(max_frame: $frame:expr,)? |$portal:ident| $body:block) => {{
        tractor::cluster! {
            modules: [self, tests::workers], names: ["worker"],
            env: [("RUST_BACKTRACE", "0")], $(max_frame: $frame,)?
        }
        .scope(async |workers| {
            let $portal = &workers["worker"];
            $body
            // Whatever went wrong, the actor and its link serve on.
            assert_eq!(within("an answer", $portal.run(add(1, 2))).await?, 3);
            done()
        })
        .await?;
        assert_nobody_left().await;
        Ok(())
    }};
}

#[tractor::test(name = fresh_name())]
async fn typed_error_comes_back_whole() -> Result<()> {
    with_worker!(|portal| {
        let error = remote(within("an answer", portal.run(typed(7))).await);
        assert!(error.is::<Empty>());
        assert!(!error.is::<Nested>());
        assert!(!error.is_panic());
        assert_eq!(error.type_name(), std::any::type_name::<Empty>());
        assert_eq!(error.message(), "the shelf 7 is empty");
        assert_eq!(error.chain().collect::<Vec<_>>(), ["nobody has filled it"]);
        assert_eq!(error.origin(), &portal.aid());
        assert_eq!(error.function(), "errors::typed");
        assert_eq!(error.relay_path(), []);
        let error = error.downcast::<Nested>().expect_err("it is another type");
        assert_eq!(error.downcast::<Empty>().expect("it is that"), empty(7));
    })
}

#[tractor::test(name = fresh_name())]
async fn anyhow_error_keeps_its_chain() -> Result<()> {
    with_worker!(|portal| {
        let error = remote(within("an answer", portal.run(contexts)).await);
        assert_eq!(error.message(), "cannot count");
        assert_eq!(
            error.chain().collect::<Vec<_>>(),
            ["cannot look", "no such shelf"]
        );
        let source = std::error::Error::source(&error).expect("it has one");
        assert_eq!(source.to_string(), "cannot look");
        let root = source.source().expect("it has one, too");
        assert_eq!(root.to_string(), "no such shelf");
        assert!(root.source().is_none());
        assert!(error.downcast::<Empty>().is_err());
    })
}

#[tractor::test(name = fresh_name())]
async fn texts_and_boxes_are_errors_too() -> Result<()> {
    with_worker!(|portal| {
        let error = remote(within("an answer", portal.run(text)).await);
        assert_eq!(
            error.downcast::<String>().expect("it is a text"),
            "just a text"
        );
        let error = remote(within("an answer", portal.run(boxed)).await);
        assert_eq!(error.message(), "the shelf 3 is empty");
        assert_eq!(error.chain().collect::<Vec<_>>(), ["nobody has filled it"]);
    })
}

#[tractor::test(name = fresh_name())]
async fn panic_keeps_message_and_location() -> Result<()> {
    with_worker!(|portal| {
        let results = [
            (
                "cannot do 1",
                within("an answer", portal.run(panics(1))).await,
            ),
            (
                "cannot do 2",
                within("an answer", portal.run(panics_on_the_pool(2))).await,
            ),
        ];
        for (message, result) in results {
            let error = remote(result);
            assert!(error.is_panic());
            assert_eq!(error.message(), message);
            let location = error.location().expect("it is known");
            assert!(location.starts_with("tests/tests/errors.rs:"), "{location}");
            assert_eq!(error.backtrace(), None);
            assert_eq!(error.origin(), &portal.aid());
        }
        let error = remote(within("an answer", portal.run(panics_after_an_await)).await);
        assert_eq!(error.message(), "too late");
        let error = remote(within("an answer", portal.run(panics_without_text)).await);
        assert!(error.is_panic() && error.location().is_some());
    })
}

#[tractor::test(name = fresh_name())]
async fn panic_has_a_backtrace_when_asked_for() -> Result<()> {
    tractor::cluster! { modules: [self], count: 1, env: [("RUST_BACKTRACE", "1")] }
        .scope(async |workers| {
            let portal = &workers["worker_0"];
            let error = remote(within("an answer", portal.run(panics(1))).await);
            let backtrace = error.backtrace().expect("it was asked for");
            assert!(backtrace.contains("panics"), "{backtrace}");
            let error = remote(within("an answer", portal.run(panics_on_the_pool(1))).await);
            let backtrace = error.backtrace().expect("it was asked for");
            assert!(backtrace.contains("panics_on_the_pool"), "{backtrace}");
            done()
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

/// The error that is found three levels below, and the names of the actors that have relayed it.
async fn dug_up(find: Find) -> (Error, Vec<String>) {
    let root = tractor::current_actor().aid().path().to_owned();
    let dug = within("it climbs", dig(3, find).into_future()).await;
    let error = dug.expect_err("it was to fail");
    assert_eq!(error.to_string(), "at depth 3");
    let error: &Error = error.downcast_ref().expect("it is tractor's own");
    let paths = [
        format!("{root}.level_3.level_2.level_1"),
        format!("{root}.level_3.level_2"),
        format!("{root}.level_3"),
    ];
    (error.clone(), paths.to_vec())
}

/// What the lowest three levels have in common: how far `error` has come, and what was said of it.
fn assert_climbed(error: &RemoteError, relays: &[String], contexts: &[&str]) {
    let path: Vec<_> = error.relay_path().iter().map(Aid::path).collect();
    assert_eq!(path, relays);
    assert_eq!(error.context().collect::<Vec<_>>(), contexts);
}

/// The end of the box of an error that three actors have relayed.
fn relays(error: &RemoteError, contexts: &[&str]) -> String {
    let mut lines = format!("│ in {}, actor {}", error.function(), error.origin());
    for context in contexts {
        lines.push_str(&format!("\n│ while: {context}"));
    }
    for aid in error.relay_path() {
        lines.push_str(&format!("\n│ relayed by {aid}"));
    }
    lines + "\n╰─"
}

const DEPTHS: [&str; 3] = ["at depth 2", "at depth 1", "at depth 0"];

#[tractor::test(name = fresh_name(), cancel_timeout = HOUR, kill_timeout = HOUR)]
async fn typed_error_climbs_with_its_origin() {
    let (error, paths) = dug_up(Find::Typed).await;
    let Error::Remote(remote) = &error else {
        panic!("not Error::Remote but {error}");
    };
    assert_climbed(remote, &paths, &DEPTHS);
    let origin = remote.origin();
    assert_eq!(origin.path(), format!("{}.level_0", paths[0]));
    let report = format!(
        "`errors::typed` failed in {origin}: the shelf 9 is empty\n\
         ╭─ errors::Empty\n\
         │ the shelf 9 is empty\n\
         │   caused by: nobody has filled it\n{}",
        relays(remote, &DEPTHS)
    );
    assert_eq!(error.report().to_string(), report);
    let original = remote.clone().downcast::<Empty>();
    assert_eq!(original.expect("it is that"), empty(9));
    assert_nobody_left().await;
}

#[tractor::test(name = fresh_name(), cancel_timeout = HOUR, kill_timeout = HOUR)]
async fn chain_climbs_with_its_origin() {
    let (error, paths) = dug_up(Find::Chain).await;
    let Error::Remote(remote) = &error else {
        panic!("not Error::Remote but {error}");
    };
    assert_climbed(remote, &paths, &DEPTHS);
    let origin = remote.origin();
    assert_eq!(origin.path(), format!("{}.level_0", paths[0]));
    let chain: Vec<_> = remote.chain().collect();
    assert_eq!(chain, ["cannot look", "no such shelf"]);
    let report = format!(
        "`errors::contexts` failed in {origin}: cannot count\n\
         ╭─ anyhow::Error\n\
         │ cannot count\n\
         │   caused by: cannot look\n\
         │   caused by: no such shelf\n{}",
        relays(remote, &DEPTHS)
    );
    assert_eq!(error.report().to_string(), report);
    assert_nobody_left().await;
}

#[tractor::test(name = fresh_name(), cancel_timeout = HOUR, kill_timeout = HOUR)]
async fn panic_climbs_with_its_origin() {
    let (error, paths) = dug_up(Find::Panic).await;
    let Error::Remote(remote) = &error else {
        panic!("not Error::Remote but {error}");
    };
    assert!(remote.is_panic());
    assert_climbed(remote, &paths, &DEPTHS);
    let origin = remote.origin();
    assert_eq!(origin.path(), format!("{}.level_0", paths[0]));
    let location = remote.location().expect("it is known");
    assert!(location.starts_with("tests/tests/errors.rs:"), "{location}");
    let report = format!(
        "`errors::panics` panicked in {origin}: cannot do 9\n\
         ╭─ panic\n\
         │ cannot do 9\n\
         │ at {location}\n{}",
        relays(remote, &DEPTHS)
    );
    assert_eq!(error.report().to_string(), report);
    assert_nobody_left().await;
}

/// Its members climb each for itself.
#[tractor::test(name = fresh_name(), cancel_timeout = HOUR, kill_timeout = HOUR)]
async fn group_climbs_with_its_origins() {
    let (error, paths) = dug_up(Find::Group).await;
    let Error::Group(group) = &error else {
        panic!("not Error::Group but {error}");
    };
    let members = group.errors().iter().map(|error| match error {
        Error::Remote(remote) => remote,
        other => panic!("not Error::Remote but {other}"),
    });
    let members: Vec<_> = members.collect();
    assert_eq!(members.len(), 2, "{error}");
    let mut report = "2 failures:".to_owned();
    for ((remote, shelf), function) in members.iter().zip([1, 2]).zip(["typed", "fails_late"]) {
        assert_climbed(remote, &paths, &DEPTHS[..2]);
        let origin = remote.origin();
        assert_eq!(origin.path(), format!("{}.{function}", paths[0]));
        let original = (*remote).clone().downcast::<Empty>();
        assert_eq!(original.expect("it is that"), empty(shelf));
        let alone = format!(
            "\n`errors::{function}` failed in {origin}: the shelf {shelf} is empty\n\
             ╭─ errors::Empty\n\
             │ the shelf {shelf} is empty\n\
             │   caused by: nobody has filled it\n{}",
            relays(remote, &DEPTHS[..2])
        );
        report.push_str(&alone.replace('\n', "\n  "));
    }
    assert_eq!(error.report().to_string(), report);
    assert_nobody_left().await;
}

#[tractor::test(name = fresh_name())]
async fn errors_read_well() -> Result<()> {
    with_worker!(|portal| {
        let aid = portal.aid();
        let error = failure(within("an answer", portal.run(typed(7))).await);
        let line = format!("`errors::typed` failed in {aid}: the shelf 7 is empty");
        assert_eq!(error.to_string(), line);
        let report = format!(
            "{line}\n\
             ╭─ errors::Empty\n\
             │ the shelf 7 is empty\n\
             │   caused by: nobody has filled it\n\
             │ in errors::typed, actor {aid}\n\
             ╰─"
        );
        assert_eq!(error.report().to_string(), report);
        assert_eq!(format!("{error:#}"), report);
        assert_eq!(format!("{error:?}"), report);

        let error = failure(within("an answer", portal.run(panics(1))).await);
        let line = format!("`errors::panics` panicked in {aid}: cannot do 1");
        assert_eq!(error.to_string(), line);
        let report = error.report().to_string();
        assert!(
            report.starts_with(&format!("{line}\n╭─ panic\n│ cannot do 1\n│ at ")),
            "{report}"
        );
    })
}

#[tractor::test(name = fresh_name())]
async fn too_large_values_name_function_and_limit() -> Result<()> {
    const LIMIT: usize = 100_000;
    with_worker!(max_frame: LIMIT, |portal| {
        let sent = within("an answer", portal.run(echo(vec![7; LIMIT]))).await;
        let got = within("an answer", portal.run(zeros(LIMIT))).await;
        let failed = within("an answer", portal.run(long_error(LIMIT))).await;
        let kinds = [
            (failure(sent), "tests::workers::echo", CodecSide::EncodeArguments),
            (failure(got), "errors::zeros", CodecSide::EncodeResult),
            (failure(failed), "errors::long_error", CodecSide::EncodeResult),
        ];
        for (error, function, side) in kinds {
            let Error::Codec(error) = error else {
                panic!("not Error::Codec but {error}");
            };
            assert_eq!((error.function(), error.side()), (function, side));
            let text = error.to_string();
            assert!(text.contains(function) && text.contains("max_frame"), "{text}");
            assert!(text.contains("100000 bytes"), "{text}");
            assert!(text.len() < 3000, "an error can be printed");
        }
        let fits = LIMIT - 100;
        assert_eq!(within("an answer", portal.run(echo(vec![7; fits]))).await?.len(), fits);
        assert_eq!(within("an answer", portal.run(zeros(fits))).await?.len(), fits);
    })
}

#[tractor::test(name = fresh_name())]
async fn values_that_fail_to_encode_are_named() -> Result<()> {
    fn codec<T>(result: Result<T>, function: &str, side: CodecSide) {
        let Error::Codec(error) = failure(result) else {
            panic!("not Error::Codec");
        };
        assert_eq!((error.function(), error.side()), (function, side));
    }

    with_worker!(|portal| {
        let call = portal.run(touch(Touchy::FailsToWrite));
        let result = within("an answer", call).await;
        codec(result, "errors::touch", CodecSide::EncodeArguments);
        let call = portal.run(touch(Touchy::FailsToRead));
        let result = within("an answer", call).await;
        codec(result, "errors::touch", CodecSide::DecodeArguments);
        let result = within("an answer", portal.run(touchy(1))).await;
        codec(result, "errors::touchy", CodecSide::EncodeResult);
        let result = within("an answer", portal.run(touchy(3))).await;
        codec(result, "errors::touchy", CodecSide::DecodeResult);
    })
}

#[tractor::test(name = fresh_name())]
async fn values_that_panic_break_nothing() -> Result<()> {
    /// A panic of the caller's own code is the caller's own panic.
    async fn panics_here<T>(portal: &Portal<T>, call: impl Future) {
        let caught = AssertUnwindSafe(within("an end", call))
            .catch_unwind()
            .await;
        assert!(caught.is_err(), "it panics here, not in {}", portal.aid());
    }

    with_worker!(|portal| {
        panics_here(portal, portal.run(touch(Touchy::PanicsOnWrite))).await;
        panics_here(portal, portal.run(touchy(4))).await;
        let error = remote(within("an answer", portal.run(touch(Touchy::PanicsOnRead))).await);
        assert!(error.is_panic());
        assert_eq!(error.message(), "must not be read");
        let error = remote(within("an answer", portal.run(touchy(2))).await);
        assert!(error.is_panic());
        assert_eq!(error.message(), "must not be written");
        assert_eq!(
            within("an answer", portal.run(touchy(0))).await?,
            Touchy::Fine
        );
    })
}
