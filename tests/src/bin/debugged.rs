//! A tree that crashes, in debug mode: `debugged HOW`.

#![forbid(unsafe_code)]

use std::fs;
use std::io;
use std::num::ParseIntError;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::{Stream, StreamExt, stream};
use serde::{Deserialize, Serialize};
use tractor::{Error, Result, modules};

/// What has no `Debug`.
#[derive(Serialize, Deserialize)]
struct Secret(u8);

/// Panics where that cannot be done.
#[tractor::rpc]
async fn divide(a: i64, b: i64) -> i64 {
    a / b
}

/// Panics on a thread of its own.
#[tractor::rpc]
fn divide_plainly(a: i64, b: i64) -> i64 {
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

#[tractor::main(debug_mode = true, debug_ignore = "ParseIntError")]
async fn main() -> Result<()> {
    let how = std::env::args().nth(1).unwrap_or_default();
    let names = match &*how {
        "three" | "stream" => vec!["a", "b", "c"],
        _ => vec!["a"],
    };
    tractor::cluster! { modules: [self], names: names }
        .scope(async |workers| {
            let a = workers.get("a").expect("it is there");
            match &*how {
                "panic" => tell(a.run(divide(7, 0)).await),
                "plain" => tell(a.run(divide_plainly(7, 0)).await),
                "error" => tell(a.run(size("/nowhere".into(), Secret(7))).await),
                "below" => tell(a.run(below).await),
                "retry" => {
                    tell(a.run(pick("first".into())).await);
                    tell(a.run(pick("second".into())).await);
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
                "ignored" => tell(a.run(parse("x".into())).await),
                "root" => {
                    tractor::pause().await;
                    println!("goes on");
                }
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

fn tell<T: std::fmt::Debug>(result: Result<T>) {
    match result {
        Ok(value) => println!("gave {value:?}"),
        Err(error) => println!("told: {error}"),
    }
}
