//! A tree that logs: `logging WHAT`. Where its lines go is said by its environment.

#![forbid(unsafe_code)]

use std::time::Duration;

use nix::sys::signal::{Signal, raise};
use tracing::{Level, debug, error, info, info_span, trace, warn};
use tractor::{LogTo, Result};

/// So many actors.
const ACTORS: usize = 8;

/// Logs so many lines, each with its number and a tail of so many bytes.
#[tractor::rpc]
async fn count(lines: usize, tail: usize) {
    let tail = "x".repeat(tail);
    for n in 0..lines {
        info!("line {n}. {tail}.");
        if n % 64 == 0 {
            tokio::task::yield_now().await;
        }
    }
}

/// Logs so many lines, and is killed.
#[tractor::rpc]
async fn count_and_die(lines: usize) {
    for n in 0..lines {
        info!("line {n}.");
    }
    let _ = raise(Signal::SIGKILL);
}

/// Logs a line of each level, and one of another target.
#[tractor::rpc]
async fn speak(word: String) {
    error!("{word} error");
    warn!("{word} warn");
    info!("{word} info");
    debug!("{word} debug");
    trace!("{word} trace");
    info!(target: "elsewhere", "{word} elsewhere");
}

/// Logs fields of every kind, in spans.
#[tractor::rpc]
async fn describe() {
    let cause = std::io::Error::other(std::fmt::Error);
    let outer = info_span!("outer", n = 1, late = tracing::field::Empty);
    let _outer = outer.enter();
    let _inner = info_span!("inner").entered();
    outer.record("late", "yes");
    warn!(
        signed = -1, unsigned = 2_u64, huge = u128::MAX, truth = true, float = 0.5, text = "a b",
        shown = %"c d", debugged = ?Some(1), cause = &cause as &(dyn std::error::Error + 'static),
        "described"
    );
}

/// Logs in a span, with fields that are called like those of a trace.
#[tractor::rpc]
async fn stand() {
    info_span!("mine", trace_id = 7).in_scope(|| info!(span_id = 8, "stands"));
}

/// Logs until it is cancelled, every few milliseconds.
#[tractor::rpc]
async fn tick() {
    loop {
        debug!("tick");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Starts a child that speaks.
#[tractor::rpc]
async fn have_child_speak(word: String) -> Result<()> {
    tractor::cluster! { modules: [self], names: ["child"] }
        .scope(async |an| an["child"].run(speak(word)).await)
        .await
}

/// Starts a child whose lines are to go to the root, which has not been told to listen.
#[tractor::rpc]
async fn collect_too_late() -> Result<()> {
    tractor::cluster! { modules: [self], names: ["child"], log_to: LogTo::Root }
        .scope(async |an| an["child"].run(speak("late".into())).await)
        .await
}

async fn count_everywhere(lines: usize, tail: usize) -> Result<()> {
    tractor::cluster! { modules: [self], count: ACTORS }
        .scope(async |workers| {
            let ended = workers.run_all(count(lines, tail)).await;
            ended.into_values().collect()
        })
        .await
}

async fn change() -> Result<()> {
    tractor::cluster! { modules: [self], names: ["a", "b"] }
        .scope(async |workers| {
            let (a, b) = (&workers["a"], &workers["b"]);
            let speak_all = async |word: &str| -> Result<()> {
                a.run(speak(word.into())).await?;
                b.run(speak(word.into())).await?;
                a.run(have_child_speak(word.into())).await
            };
            speak_all("first").await?;
            a.set_log_level("logging=trace").await?;
            speak_all("second").await?;
            tractor::set_log_level("elsewhere=info,error").await?;
            speak_all("third").await?;
            let refused = b.set_log_level("a=b=c").await.expect_err("it is no filter");
            println!("refused {refused}");
            Ok(())
        })
        .await
}

/// The root installs a subscriber of its own, which writes to stdout.
fn install_own(level: Level) {
    tracing_subscriber::fmt()
        .with_max_level(level)
        .with_ansi(false)
        .with_file(true)
        .with_line_number(true)
        .init();
}

#[tractor::main]
async fn main() -> Result<()> {
    let what = std::env::args().nth(1).unwrap_or_default();
    match what.as_str() {
        "count" => count_everywhere(1250, 0).await,
        "long" => count_everywhere(100, 20_000).await,
        "die" => {
            let died = tractor::cluster! { modules: [self], count: 1 }
                .scope(async |workers| workers["worker_0"].run(count_and_die(1000)).await)
                .await;
            println!("{}", died.expect_err("it is killed"));
            Ok(())
        }
        "change" => change().await,
        "stand" => {
            tractor::cluster! { modules: [self], names: ["a"] }
                .scope(async |workers| workers["a"].run(stand).await)
                .await
        }
        "own" => {
            install_own(Level::INFO);
            tractor::cluster! { modules: [self], count: 1, log_to: LogTo::Root }
                .scope(async |workers| {
                    let worker = &workers["worker_0"];
                    worker.run(describe).await?;
                    worker.run(have_child_speak("deep".into())).await?;
                    let refused = tractor::set_log_level("debug").await;
                    println!("refused {}", refused.expect_err("it has its own"));
                    worker.run(speak("loud".into())).await
                })
                .await
        }
        "late" => {
            tractor::cluster! { modules: [self], names: ["a"] }
                .scope(async |workers| workers["a"].run(collect_too_late).await)
                .await
        }
        "tick" => {
            tractor::cluster! { modules: [self], names: ["a", "b"] }
                .scope(async |workers| {
                    println!("up");
                    let (a, b) = tokio::join!(workers["a"].run(tick), workers["b"].run(tick));
                    a.and(b)
                })
                .await
        }
        other => panic!("what is `{other}`?"),
    }
}
