//! What the kernel gives to an actor's process: its directory, its output, its core.

use std::fs;
use std::io::{Read, pipe};
use std::path::PathBuf;

use nix::sys::signal::Signal;
use tests::HOUR;
use tests::actor::{assert_nobody_left, done, failure, fresh_name, within};
use tests::disk::TempDir;
use tests::fixture::Fixture;
use tests::workers::die;
use tractor::{Error, Restart, RestartType, Result, Stdio, modules};

/// The directory of this process.
#[tractor::rpc]
async fn cwd() -> PathBuf {
    std::env::current_dir().expect("it is there")
}

/// True when this process leads a group of its own.
#[tractor::rpc]
async fn leads() -> bool {
    nix::unistd::getpgrp() == nix::unistd::getpid()
}

/// What holds for all workers of a cluster is said once.
#[tractor::test(name = fresh_name())]
async fn workers_of_a_cluster_have_what_it_says() -> Result<()> {
    let dir = TempDir::new();
    let path = dir.path().canonicalize().expect("it is there");
    tractor::cluster! {
        modules: [self, tests::workers], count: 2,
        restart: OneForOne, restart_type: RestartType::Temporary,
    }
    .cwd(dir.path())
    .stdout(Stdio::null())
    .process_group()
    .scope(async |workers| {
        for portal in workers.portals() {
            assert_eq!(within("an answer", portal.run(cwd)).await?, path);
            let [stdout, stderr] = within("an answer", portal.run(outputs)).await?;
            assert_eq!(stdout, PathBuf::from("/dev/null"));
            assert_ne!(stderr, stdout);
            assert!(within("an answer", portal.run(leads)).await?);
        }
        let victim = &workers["worker_0"];
        failure(within("its end", victim.run(die(Signal::SIGKILL as i32))).await);
        failure(within("it stays away", victim.run(cwd)).await);
        assert_eq!(workers.report().restarts(), 0);
        done()
    })
    .await?;
    assert_nobody_left().await;
    Ok(())
}

/// The settings of a nursery can be given one by one.
#[tractor::test(name = fresh_name())]
async fn settings_of_a_nursery_are_those_of_its_actors() -> Result<()> {
    tractor::nursery()
        .worker_threads(2)
        .env("RUST_BACKTRACE", "0")
        .log_level("off")
        .cancel_timeout(HOUR)
        .kill_timeout(HOUR)
        .scope(async |an| {
            let actor = an.run_in_actor(tests::workers::threads).await?;
            assert_eq!(within("an answer", actor.result()).await?, 2);
            done()
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

/// The directory of an actor below this one.
#[tractor::rpc]
async fn cwd_below() -> Result<PathBuf> {
    tractor::nursery()
        .scope(async |an| an.run_in_actor(cwd).await?.result().await)
        .await
}

#[tractor::rpc]
async fn say(text: String) {
    println!("{text}");
    eprintln!("{text}!");
}

/// What stdout and stderr stand for.
#[tractor::rpc]
async fn outputs() -> [PathBuf; 2] {
    [1, 2].map(|number| fs::read_link(format!("/proc/self/fd/{number}")).expect("it is open"))
}

/// The cores that each thread of this process may run on, as the kernel writes them.
#[tractor::rpc]
async fn cores() -> Vec<String> {
    let tasks = fs::read_dir("/proc/self/task").expect("/proc is mounted");
    let lists = tasks.filter_map(|task| {
        // A thread may end while one looks.
        let status = fs::read_to_string(task.ok()?.path().join("status")).ok()?;
        let list = status
            .lines()
            .find_map(|line| line.strip_prefix("Cpus_allowed_list:"))?;
        Some(list.trim().to_owned())
    });
    lists.collect()
}

/// The cores of an actor below this one that is pinned to `core`, if any.
#[tractor::rpc]
async fn cores_below(core: Option<usize>) -> Result<Vec<String>> {
    tractor::nursery()
        .scope(async |an| {
            let mut actor = an.actor("below");
            if let Some(core) = core {
                actor = actor.pin_to_core(core);
            }
            actor.run(cores).await?.result().await
        })
        .await
}

/// Numbers as the kernel writes them: `0-3,8`.
fn numbers(list: &str) -> Vec<usize> {
    let number = |text: &str| text.parse().expect("a number");
    let ranges = list
        .split(',')
        .map(|range| range.split_once('-').unwrap_or((range, range)));
    ranges
        .flat_map(|(first, last)| number(first)..=number(last))
        .collect()
}

#[tractor::test(name = fresh_name())]
async fn actor_starts_in_its_directory() -> Result<()> {
    let dir = TempDir::new();
    let here = std::env::current_dir().expect("it is there");
    let there = dir.path().canonicalize().expect("it is there");
    tractor::nursery()
        .scope(async |an| {
            let away = an.actor("away").cwd(dir.path()).modules(modules![self]);
            let away = away.start().await?;
            assert_eq!(within("an answer", away.run(cwd)).await?, there);
            assert_eq!(within("an answer", away.run(cwd_below)).await?, there);
            let above = an.actor("above").cwd("..").run(cwd).await?.result().await?;
            assert_eq!(Some(above.as_path()), here.parent());
            assert_eq!(an.run_in_actor(cwd).await?.result().await?, here);
            away.cancel_actor().await
        })
        .await?;
    assert_eq!(std::env::current_dir().expect("it is there"), here);
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn directory_that_cannot_be_entered_is_named() -> Result<()> {
    let dir = TempDir::new();
    let file = dir.join("file");
    fs::write(&file, "").expect("it is ours");
    tractor::nursery()
        .scope(async |an| {
            for (path, why) in [
                (dir.join("missing"), "No such file or directory"),
                (file, "Not a directory"),
                (PathBuf::new(), "No such file or directory"),
            ] {
                let error = failure(an.actor("lost").cwd(&path).start().await);
                assert!(matches!(error, Error::Spawn(_)), "{error}");
                let text = error.to_string();
                let told = format!("cannot enter `{}`: {why}", path.display());
                assert!(text.contains(&told), "{text}");
                assert!(!text.contains("/proc"), "the program is there: {text}");
            }
            done()
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn output_goes_to_a_file() -> Result<()> {
    let dir = TempDir::new();
    let path = dir.join("log");
    let log = Stdio::from(fs::File::create(&path).expect("it is ours"));
    tractor::nursery()
        .scope(async |an| {
            for name in ["a", "b"] {
                let actor = an.actor(name).stdout(log.clone()).stderr(log.clone());
                actor.run(say(name.to_owned())).await?.result().await?;
            }
            done()
        })
        .await?;
    let written = fs::read_to_string(&path).expect("it is there");
    assert_eq!(written, "a\na!\nb\nb!\n");
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn output_is_inherited_or_discarded() -> Result<()> {
    let ours = outputs().await;
    let null = PathBuf::from("/dev/null");
    tractor::nursery()
        .scope(async |an| {
            let plain = an.actor("plain").run(outputs).await?;
            assert_eq!(plain.result().await?, ours);
            let explicit = an.actor("explicit").stdout(Stdio::inherit());
            assert_eq!(explicit.run(outputs).await?.result().await?, ours);
            let silent = an.actor("silent").stdout(Stdio::null());
            let silent = silent.stderr(Stdio::null()).run(outputs).await?;
            assert_eq!(silent.result().await?, [null.clone(), null]);
            done()
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

/// The pipe is all that tells: its end comes while the scope is open, but not with a process that
/// another one follows.
#[tractor::test(name = fresh_name())]
async fn pipe_ends_with_the_actor_and_not_with_its_process() -> Result<()> {
    let (mut reader, writer) = pipe().expect("a pipe can be made");
    let reading = tokio::task::spawn_blocking(move || {
        let mut text = String::new();
        reader.read_to_string(&mut text).map(|_| text)
    });
    tractor::nursery()
        .restart(Restart::OneForOne)
        .scope(async |an| {
            let actor = an.actor("a").modules(modules![self, tests::workers]);
            let actor = actor.stdout(writer).start().await?;
            within("an answer", actor.run(say("one".into()))).await?;
            let died = within("its death", actor.run(die(Signal::SIGKILL as i32))).await;
            assert!(matches!(failure(died), Error::ActorDied(_)));
            within("an answer", actor.run(say("two".into()))).await?;
            within("its end", actor.cancel_actor()).await?;
            let text = within("the end of the pipe", reading).await;
            let text = text.expect("it does not panic").expect("it can be read");
            assert_eq!(text, "one\ntwo\n");
            done()
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn actor_is_pinned_to_its_core() -> Result<()> {
    let allowed = numbers(&cores().await[0]);
    let (first, last) = (allowed[0], allowed[allowed.len() - 1]);
    tractor::nursery()
        .scope(async |an| {
            let pinned = an.actor("pinned").modules(modules![self]).worker_threads(2);
            let pinned = pinned.pin_to_core(last).start().await?;
            let all_on = |lists: Vec<String>, core: usize| {
                assert!(!lists.is_empty());
                assert!(
                    lists.iter().all(|list| *list == core.to_string()),
                    "{lists:?}"
                );
            };
            all_on(within("an answer", pinned.run(cores)).await?, last);
            all_on(
                within("an answer", pinned.run(cores_below(None))).await?,
                last,
            );
            let other = pinned.run(cores_below(Some(first)));
            all_on(within("an answer", other).await?, first);
            let free = an.run_in_actor(cores).await?.result().await?;
            assert_eq!(numbers(&free[0]), allowed);
            pinned.cancel_actor().await
        })
        .await?;
    assert_eq!(numbers(&cores().await[0]), allowed);
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn core_that_cannot_be_had_is_refused() -> Result<()> {
    let mine = numbers(&cores().await[0]);
    tractor::nursery()
        .scope(async |an| {
            // Beyond what this machine has, and beyond what the kernel can count to.
            for core in [1023, 4096] {
                let error = failure(an.actor("lost").pin_to_core(core).start().await);
                assert!(matches!(error, Error::Spawn(_)), "{error}");
                let text = error.to_string();
                assert!(text.contains(&format!("core {core}:")), "{text}");
                let (_, list) = text.rsplit_once("are ").expect("it tells which are");
                let allowed = numbers(list);
                assert!(mine.iter().all(|core| allowed.contains(core)), "{text}");
                assert!(!allowed.contains(&core), "{text}");
            }
            done()
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

/// In a program, which is not handed its stdout over the link as a test is.
#[test]
fn output_of_a_program_goes_where_it_should() {
    let dir = TempDir::new();
    let program = Fixture::new(env!("CARGO_BIN_EXE_attributes"));
    let ended = program.arg("output").arg(dir.join("log")).run();
    ended.assert_code(0);
    let written = fs::read_to_string(dir.join("log")).expect("it is there");
    assert_eq!(written, "filed\n");
    assert_eq!(ended.stdout, ["inherited"], "{}", ended.text());
}
