//! Errors that climb through several levels: each adds to them, none loses anything (E1).

use std::future::pending;

use anyhow::Context;
use serde::{Deserialize, Serialize};
use tests::HOUR;
use tests::actor::{assert_nobody_left, fresh_name, within};
use tractor::{Aid, Error, RemoteError, Result};

use crate::functions::{Empty, contexts, empty, fails_late, has_begun, panics, typed};

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
        modules: [self, crate::functions], names: [name.as_str()], env: [("RUST_BACKTRACE", "0")],
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
        "`errors::functions::typed` failed in {origin}: the shelf 9 is empty\n\
         ╭─ errors::functions::Empty\n\
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
        "`errors::functions::contexts` failed in {origin}: cannot count\n\
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
    assert!(
        location.starts_with("tests/tests/errors/functions.rs:"),
        "{location}"
    );
    let report = format!(
        "`errors::functions::panics` panicked in {origin}: cannot do 9\n\
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
            "\n`errors::functions::{function}` failed in {origin}: the shelf {shelf} is empty\n\
             ╭─ errors::functions::Empty\n\
             │ the shelf {shelf} is empty\n\
             │   caused by: nobody has filled it\n{}",
            relays(remote, &DEPTHS[..2])
        );
        report.push_str(&alone.replace('\n', "\n  "));
    }
    assert_eq!(error.report().to_string(), report);
    assert_nobody_left().await;
}
