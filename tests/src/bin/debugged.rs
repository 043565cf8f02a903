//! A tree that crashes, in debug mode: `debugged HOW`.

#![forbid(unsafe_code)]

use std::fmt;
use std::fs;
use std::io;
use std::num::ParseIntError;
use std::panic::catch_unwind;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::{Stream, StreamExt, stream};
use nix::sys::signal::{Signal, killpg, raise};
use nix::unistd::getpgrp;
use serde::{Deserialize, Serialize, Serializer};
use tracing::trace_span;
use tractor::{Config, Error, Nursery, Restart, Result, current_actor, modules};

/// What has no `Debug`.
#[derive(Serialize, Deserialize)]
struct Secret(u8);

/// What tells when a panic drops it.
struct Witness;

impl Drop for Witness {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("it is dropped");
        }
    }
}

/// What panics when it is shown.
#[derive(Serialize, Deserialize)]
struct Prickly;

impl fmt::Debug for Prickly {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("do not look")
    }
}

/// What panics when it is encoded.
#[derive(Debug, Serialize, Deserialize)]
struct Unspeakable(#[serde(serialize_with = "panics")] u8);

fn panics<S: Serializer>(_: &u8, _: S) -> std::result::Result<S::Ok, S::Error> {
    panic!("do not speak")
}

/// What panics when it is dropped, but in the root.
#[derive(Debug, Serialize, Deserialize)]
struct Clinging;

impl Drop for Clinging {
    fn drop(&mut self) {
        assert!(current_actor().is_root(), "do not let go");
    }
}

/// Panics where that cannot be done.
#[tractor::rpc]
async fn divide(a: i64, b: i64) -> i64 {
    let _witness = Witness;
    a / b
}

/// Panics on a thread of its own.
#[tractor::rpc]
fn divide_plainly(a: i64, b: i64) -> i64 {
    let _witness = Witness;
    a / b
}

/// Fails where there is no such file.
#[tractor::rpc]
async fn size(path: String, _secret: Secret) -> std::result::Result<u64, io::Error> {
    fs::metadata(path).map(|metadata| metadata.len())
}

/// Fails unless it is called in a process for the first time.
#[tractor::rpc]
async fn pick(name: String) -> std::result::Result<String, String> {
    static PICKED: AtomicBool = AtomicBool::new(false);
    match PICKED.swap(true, Ordering::Relaxed) {
        true => Err(format!("`{name}` comes too late")),
        false => Ok(name),
    }
}

/// Crashes a level below.
#[tractor::rpc]
async fn below() -> Result<i64> {
    tractor::nursery()
        .scope(async |an| {
            let deep = an.start_actor("deep", modules![self]).await?;
            deep.run(divide(7, 0)).await
        })
        .await
}

/// Crashes in an actor that alone is in debug mode, two levels below.
#[tractor::rpc]
async fn far_below() -> Result<i64> {
    tractor::nursery()
        .scope(async |an| {
            let middle = an.start_actor("middle", modules![self]).await?;
            middle.run(below_alone).await
        })
        .await
}

#[tractor::rpc]
async fn below_alone() -> Result<i64> {
    tractor::nursery()
        .scope(async |an| {
            let deep = an.actor("deep").modules(modules![self]);
            let deep = deep.config(Config::new().debug_mode(true)).start().await?;
            deep.run(divide(7, 0)).await
        })
        .await
}

/// Pauses before it gives 3.
#[tractor::rpc]
fn count() -> impl Stream<Item = u64> {
    stream::iter(1..=4).then(async |n| {
        if n == 3 {
            tractor::pause().await;
        }
        n
    })
}

/// Fails with an error that is no reason to stop.
#[tractor::rpc]
async fn parse(number: String) -> std::result::Result<u64, ParseIntError> {
    number.parse()
}

/// Never ends.
#[tractor::rpc]
async fn wait() {
    std::future::pending::<()>().await;
}

/// Ends as whoever does that a service manager ends.
#[tractor::rpc]
async fn end() {
    let _ = raise(Signal::SIGTERM);
    std::future::pending::<()>().await;
}

/// Panics, and catches that itself.
#[tractor::rpc]
async fn catches() -> bool {
    catch_unwind(|| panic!("caught by whoever throws")).is_err()
}

#[tractor::rpc]
async fn clings() -> Clinging {
    Clinging
}

#[tractor::rpc]
async fn cannot_say() -> Unspeakable {
    Unspeakable(1)
}

#[tractor::rpc]
async fn pricks(_what: Prickly, times: u8) {
    panic!("pricked {times} times");
}

/// Panics in a span of the lowest level.
#[tractor::rpc]
async fn dives(depth: u8) {
    let _dive = trace_span!("dive", depth).entered();
    panic!("too deep");
}

/// Panics while nobody else can write to stderr.
#[tractor::rpc]
async fn shouts() {
    let _stderr = io::stderr().lock();
    panic!("heard all the same");
}

/// Panics in the actor `a`, and never ends elsewhere.
#[tractor::rpc]
fn sticks() {
    assert_ne!(current_actor().aid().name(), "a", "it does not stick here");
    loop {
        std::thread::park();
    }
}

/// Fails in the actor `a`, and tells elsewhere what that exposes.
#[tractor::rpc]
async fn tells_what_the_actor_exposes_and_has_a_name_that_no_actor_could_have_as_it_is_too_long()
-> std::result::Result<Vec<String>, String> {
    match current_actor().aid().name() {
        "a" => Err("not here".to_owned()),
        _ => Ok(current_actor().exposes().to_vec()),
    }
}

mod other {
    #[tractor::rpc]
    pub(super) async fn nothing() {}
}

fn main() -> Result<()> {
    let config = Config::new()
        .debug_mode(argument(1) != "alone")
        .debug_ignore("ParseIntError");
    if argument(1) == "twice" {
        tractor::run_daemon(config.clone(), tractor::nursery(), async |an| {
            let a = an.start_actor("a", modules![self]).await?;
            tell(a.run(divide(7, 0)).await);
            Ok::<_, Error>(())
        })?;
        println!("once more");
    }
    match &*argument(1) {
        "daemon" => tractor::run_daemon(config, tractor::nursery(), async |an| {
            let a = an.start_actor("a", modules![self]).await?;
            match &*argument(2) {
                "end" => end_all(a.run(end).await),
                _ => a.run(divide(7, 0)).await.map(drop),
            }
        }),
        "end" => tractor::run(config, async || end_all(in_a_cluster().await)),
        "group" => tractor::run(config, async || {
            tractor::nursery()
                .restart(Restart::OneForOne)
                .scope(in_a_group)
                .await
        }),
        _ => tractor::run(config, in_a_cluster),
    }
}

fn argument(number: usize) -> String {
    std::env::args().nth(number).unwrap_or_default()
}

/// Has everybody end, before the executor can hear of that. Gives how the first one did.
fn end_all(first: Result<()>) -> Result<()> {
    killpg(getpgrp(), Signal::SIGTERM).expect("it is ours");
    first
}

/// Crashes in an actor with a process group of its own, then in one without.
async fn in_a_group(an: Nursery) -> Result<()> {
    let a = an.actor("a").modules(modules![self]).process_group();
    let (a, b) = (a.start().await?, an.start_actor("b", modules![self]).await?);
    tell(a.run(divide(7, 0)).await);
    tell(b.run(divide(7, 0)).await);
    an.cancel().await;
    Ok(())
}

async fn in_a_cluster() -> Result<()> {
    let names = match &*argument(1) {
        "three" | "stream" => vec!["a", "b", "c"],
        _ => vec!["a"],
    };
    let patience = match &*argument(2) {
        "brief" => Duration::ZERO,
        _ => Duration::from_secs(5),
    };
    tractor::cluster! {
        modules: [self, other],
        names: names,
        cancel_timeout: patience,
        kill_timeout: patience,
    }
    .scope(async |workers| {
        let a = workers.get("a").expect("it is there");
        match &*argument(1) {
            "panic" | "twice" => tell(a.run(divide(7, 0)).await),
            "plain" => tell(a.run(divide_plainly(7, 0)).await),
            "error" => tell(a.run(size("/nowhere".into(), Secret(7))).await),
            "below" => tell(a.run(below).await),
            "alone" => tell(a.run(far_below).await),
            "caught" => {
                tell(a.run(catches).await);
                tell(a.run(clings).await);
                tell(a.run(catches).await);
                println!("{}", tractor::snapshot().await?);
            }
            "unspeakable" => tell(a.run(cannot_say).await),
            "prickly" => tell(a.run(pricks(Prickly, 7)).await),
            "dive" => tell(a.run(dives(9)).await),
            "locked" => tell(a.run(shouts).await),
            "retry" => {
                tell(a.run(pick("first".into())).await);
                tell(a.run(pick("second".into())).await);
            }
            "exposes" => {
                let what = a.run(
                    tells_what_the_actor_exposes_and_has_a_name_that_no_actor_could_have_as_it_is_too_long,
                );
                tell(what.await);
            }
            "sticks" => {
                tokio::select! {
                    stuck = a.run(sticks) => tell(stuck),
                    () = until_there_is(true, "sticks") => println!("sticks"),
                }
                until_there_is(false, "sticks").await;
                println!("is loose");
            }
            "three" => {
                for (_, result) in workers.run_all(divide(7, 0)).await {
                    tell(result);
                }
            }
            "stream" => {
                let numbers = async {
                    let mut numbers = a.open_stream_from(count());
                    while let Some(number) = numbers.next().await {
                        tell(number);
                    }
                };
                let crash = async { tell(workers["b"].run(divide(1, 0)).await) };
                tokio::join!(numbers, crash);
            }
            "fails" => a.run(divide(7, 0)).await.map(drop)?,
            "ignored" => tell(a.run(parse("x".into())).await),
            "root" => {
                tractor::pause().await;
                println!("goes on");
            }
            "end" => a.run(end).await?,
            "wait" => {
                println!("waits");
                a.run(wait).await?;
            }
            other => panic!("what is `{other}`?"),
        }
        Ok::<_, Error>(())
    })
    .await
}

/// Waits until the tree has an actor of that name, or none any more.
async fn until_there_is(any: bool, name: &str) {
    loop {
        let tree = tractor::snapshot().await;
        let tree = tree.expect("the root can always look").to_string();
        if tree.contains(&format!(" {name}[")) == any {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

fn tell<T: fmt::Debug>(result: Result<T>) {
    match result {
        Ok(value) => println!("gave {value:?}"),
        Err(error) => println!("told: {error}"),
    }
}
