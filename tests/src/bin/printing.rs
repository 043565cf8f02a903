//! A tree that prints, in debug mode: `printing HOW DIRECTORY LINES`.
//!
//! Round `n` of what is printed begins when there is a file `go n` in the directory, and when it is over, there
//! is a file `done n`.

#![forbid(unsafe_code)]

use std::error::Error;
use std::fs;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::signal::unix::{SignalKind, signal};
use tractor::{Config, modules};

type Result<T = (), E = Box<dyn Error + Send + Sync>> = std::result::Result<T, E>;

/// Panics after so many lines.
#[tractor::rpc]
async fn crash(lines: usize) {
    for line in 1..=lines {
        println!("before {line}");
    }
    panic!("crashed");
}

/// Prints so many lines in each round, by turns to stdout and stderr.
#[tractor::rpc]
async fn print(directory: PathBuf, rounds: usize, lines: usize) {
    for round in 1..=rounds {
        wait_for(&directory.join(format!("go {round}"))).await;
        for line in 1..=lines {
            match line % 2 {
                0 => println!("round {round} line {line}"),
                _ => eprintln!("round {round} line {line}"),
            }
        }
        fs::write(directory.join(format!("done {round}")), "").expect("it is ours");
    }
}

/// Prints for ever.
#[tractor::rpc]
async fn flood() {
    print_for_ever();
}

/// Does so even if nobody is left who could read.
#[tractor::rpc]
async fn flood_stubbornly() {
    loop {
        let _ = writeln!(io::stdout(), "and so on");
    }
}

/// Tells the size of its terminal, and does so again when that changes.
#[tractor::rpc]
async fn tell_size() {
    let mut changes = signal(SignalKind::window_change()).expect("it can be followed");
    loop {
        let [stdout, stderr] = [io::stdout().is_terminal(), io::stderr().is_terminal()];
        println!("terminals: {stdout} {stderr}");
        run("stty size <&1 && stty size <&2 >&1");
        changes.recv().await;
    }
}

/// Runs a command of the shell, whose output is that of this process.
fn run(command: &str) {
    #[expect(
        clippy::disallowed_methods,
        reason = "it is no actor, and this waits for its end"
    )]
    let ended = Command::new("sh").args(["-c", command]).status();
    assert!(ended.expect("there is a shell").success());
}

async fn wait_for(path: &Path) {
    while !path.exists() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

fn print_for_ever() -> ! {
    loop {
        println!("and so on");
    }
}

fn argument(number: usize) -> String {
    std::env::args().nth(number).unwrap_or_default()
}

fn main() -> Result {
    let (how, directory) = (argument(1), PathBuf::from(argument(2)));
    let lines = argument(3).parse().unwrap_or(0);
    let config = Config::new()
        .debug_mode(how != "below")
        .debug_hold(how != "open");
    let stdout = || fs::read_link("/proc/self/fd/1").expect("it is open");
    let before = stdout();
    tractor::run(config, async || match &*how {
        "beside" | "open" | "below" => beside(&directory, &["a"], lines).await,
        "three" => beside(&directory, &["a", "b", "c"], lines).await,
        "exit" => {
            print_last(lines);
            exit()
        }
        "exit beside" => {
            let may_exit = directory.join("exit");
            let stay = async {
                beside(&directory, &["a"], lines).await?;
                std::future::pending().await
            };
            tokio::select! {
                ended = stay => ended,
                () = wait_for(&may_exit) => exit(),
            }
        }
        "late crash" => {
            println!("begins");
            tractor::cluster! { modules: [self], names: ["a"] }
                .scope(async |workers| {
                    let a = &workers["a"];
                    a.run(print(directory.clone(), 1, lines)).await?;
                    Ok(a.run(crash(0)).await?)
                })
                .await
        }
        "fail" => {
            print_last(lines);
            Err("it has failed".into())
        }
        "end" => {
            println!("begins");
            print(directory, 1, lines).await;
            Ok(())
        }
        "flood" => print_for_ever(),
        "flood below" => {
            // It is written at the end, where that may have to wait.
            print!("{:1000}", "begun");
            tractor::cluster! { modules: [self], names: ["a", "b"] }
                .scope(async |workers| {
                    let (a, b) = (&workers["a"], &workers["b"]);
                    tokio::try_join!(a.run(flood()), b.run(flood_stubbornly()))?;
                    Ok(())
                })
                .await
        }
        "size" => {
            tractor::cluster! { modules: [self], names: ["a"] }
                .scope(async |workers| Ok(workers["a"].run(tell_size()).await?))
                .await
        }
        other => panic!("what is `{other}`?"),
    })?;
    assert_eq!(stdout(), before, "it is what it was");
    println!("after the tree");
    match &*how {
        "beside" => Err("told by main".into()),
        _ => Ok(()),
    }
}

/// Crashes in the actors of these names, which have printed a thousand lines if there is only one, and prints
/// beside that.
async fn beside(directory: &Path, crash_in: &[&str], lines: usize) -> Result {
    let rounds = crash_in.len();
    let before = if rounds == 1 { 1000 } else { 0 };
    tractor::nursery()
        .scope(async |an| {
            let start = |name: &str| {
                let actor = an.actor(name).modules(modules![self]);
                actor.config(Config::new().debug_mode(true)).start()
            };
            let printer = start("printer").await?;
            let prints = printer.run(print(directory.to_owned(), rounds, lines));
            let mut crashing = Vec::new();
            for name in crash_in {
                crashing.push(start(name).await?);
            }
            let crashes = crashing.iter().map(|actor| actor.run(crash(before)));
            let (printed, crashed) = tokio::join!(prints, join_all(crashes));
            printed?;
            for crash in crashed {
                println!("told: {}", crash.expect_err("it crashes"));
            }
            an.cancel().await;
            Ok(())
        })
        .await
}

/// So many lines, and one that is not ended.
fn print_last(lines: usize) {
    for line in 1..=lines {
        println!("last {line}");
    }
    print!("the very last");
}

#[expect(clippy::disallowed_methods, reason = "that is what is tested")]
fn exit() -> ! {
    std::process::exit(3)
}
