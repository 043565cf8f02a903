//! A call that fails: its caller is told everything (E1).

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use tests::actor::{assert_nobody_left, done, failure, fresh_name, within};
use tests::workers::{add, echo};
use tractor::{CodecSide, Error, Portal, RemoteError, Result};

use crate::functions::{
    Empty, Nested, boxed, contexts, empty, panics, panics_after_an_await, panics_on_the_pool,
    panics_without_text, text, typed,
};
use crate::values::{Touchy, long_error, touch, touchy, zeros};

fn remote<T>(result: Result<T>) -> RemoteError {
    match failure(result) {
        Error::Remote(error) => error,
        other => panic!("not Error::Remote but {other}"),
    }
}

macro_rules! with_worker {
    ($(max_frame: $frame:expr,)? |$portal:ident| $body:block) => {{
        tractor::cluster! {
            modules: [crate::functions, crate::values, tests::workers], names: ["worker"],
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
        assert_eq!(error.function(), "errors::functions::typed");
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
            assert!(
                location.starts_with("tests/tests/errors/functions.rs:"),
                "{location}"
            );
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
    tractor::cluster! { modules: [crate::functions], count: 1, env: [("RUST_BACKTRACE", "1")] }
        .scope(async |workers| {
            let portal = &workers["worker_0"];
            // What is inlined has a place, but not its whole name.
            let error = remote(within("an answer", portal.run(panics(1))).await);
            let backtrace = error.backtrace().expect("it was asked for");
            let location = error.location().expect("it is known");
            let (_, place) = location.rsplit_once('/').expect("it has a path");
            assert!(backtrace.contains(place), "{backtrace}");
            let error = remote(within("an answer", portal.run(panics_on_the_pool(1))).await);
            let backtrace = error.backtrace().expect("it was asked for");
            assert!(backtrace.contains("panics_on_the_pool"), "{backtrace}");
            done()
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn errors_read_well() -> Result<()> {
    with_worker!(|portal| {
        let aid = portal.aid();
        let error = failure(within("an answer", portal.run(typed(7))).await);
        let line = format!("`errors::functions::typed` failed in {aid}: the shelf 7 is empty");
        assert_eq!(error.to_string(), line);
        let report = format!(
            "{line}\n\
             ╭─ errors::functions::Empty\n\
             │ the shelf 7 is empty\n\
             │   caused by: nobody has filled it\n\
             │ in errors::functions::typed, actor {aid}\n\
             ╰─"
        );
        assert_eq!(error.report().to_string(), report);
        assert_eq!(format!("{error:#}"), report);
        assert_eq!(format!("{error:?}"), report);

        let error = failure(within("an answer", portal.run(panics(1))).await);
        let line = format!("`errors::functions::panics` panicked in {aid}: cannot do 1");
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
            (failure(got), "errors::values::zeros", CodecSide::EncodeResult),
            (failure(failed), "errors::values::long_error", CodecSide::EncodeResult),
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
        codec(result, "errors::values::touch", CodecSide::EncodeArguments);
        let call = portal.run(touch(Touchy::FailsToRead));
        let result = within("an answer", call).await;
        codec(result, "errors::values::touch", CodecSide::DecodeArguments);
        let result = within("an answer", portal.run(touchy(1))).await;
        codec(result, "errors::values::touchy", CodecSide::EncodeResult);
        let result = within("an answer", portal.run(touchy(3))).await;
        codec(result, "errors::values::touchy", CodecSide::DecodeResult);
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
