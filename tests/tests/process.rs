//! What a child process is given, and what it shows.

use std::collections::BTreeMap;
use std::fs;
use std::pin::pin;

use nix::sys::signal::Signal;
use nix::unistd::Pid;
use tests::actor::{assert_nobody_left, begin, done, failure, fresh_name, signal, until, within};
use tests::process::Process;
use tests::workers::nap;
use tractor::{Error, Result};

/// Descriptors and what they stand for.
fn open_files() -> BTreeMap<u32, String> {
    let entries = fs::read_dir("/proc/self/fd").expect("/proc is mounted");
    let files = entries.filter_map(|entry| {
        let entry = entry.ok()?;
        let number = entry.file_name().to_str()?.parse().ok()?;
        let file = fs::read_link(entry.path()).ok()?;
        Some((number, file.to_string_lossy().into_owned()))
    });
    files.collect()
}

/// What whoever started the tests has left open for everybody.
fn inherited() -> Vec<String> {
    const CLOSE_ON_EXEC: u32 = 0o2_000_000;
    let is_kept = |number: u32| {
        let info = fs::read_to_string(format!("/proc/self/fdinfo/{number}")).ok()?;
        let flags = info.lines().find_map(|line| line.strip_prefix("flags:"))?;
        let flags = u32::from_str_radix(flags.trim(), 8).ok()?;
        Some(flags & CLOSE_ON_EXEC == 0)
    };
    let files = open_files().into_iter();
    let kept = files.filter(|(number, _)| *number > 2 && is_kept(*number) == Some(true));
    kept.map(|(_, file)| file).collect()
}

#[tractor::rpc]
async fn files() -> BTreeMap<u32, String> {
    open_files()
}

/// The sockets of this process that somebody could connect to.
fn listening() -> Vec<String> {
    // A listening Unix socket has the flag __SO_ACCEPTCON, one of TCP is in the state 0A.
    let inodes = |table: &str, column: usize, value: &str, inode: usize| -> Vec<String> {
        let table = fs::read_to_string(format!("/proc/self/net/{table}")).unwrap_or_default();
        let rows = table
            .lines()
            .map(|row| row.split_whitespace().collect::<Vec<_>>());
        rows.filter(|row| row.get(column) == Some(&value))
            .filter_map(|row| Some(format!("socket:[{}]", row.get(inode)?)))
            .collect()
    };
    let mut listening = inodes("unix", 3, "00010000", 6);
    listening.extend(inodes("tcp", 3, "0A", 9));
    listening.extend(inodes("tcp6", 3, "0A", 9));
    let files = open_files().into_values();
    files.filter(|file| listening.contains(file)).collect()
}

#[tractor::rpc]
async fn listening_there() -> Vec<String> {
    listening()
}

/// N1. That the test sees a socket which listens is shown by one of its own.
#[tractor::test(name = fresh_name())]
async fn nobody_listens() -> Result<()> {
    tractor::cluster! { modules: [self], count: 2 }
        .scope(async |workers| {
            for (name, there) in within("all answers", workers.run_all(listening_there)).await {
                assert_eq!(there?, Vec::<String>::new(), "{name}");
            }
            assert_eq!(listening(), Vec::<String>::new());
            let port = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free");
            assert_eq!(listening().len(), 1);
            drop(port);
            done()
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

#[tractor::rpc]
async fn variable(key: String) -> Option<String> {
    std::env::var(key).ok()
}

#[tractor::rpc]
fn stdin() -> String {
    std::io::read_to_string(std::io::stdin()).expect("it can be read")
}

/// The descriptors of a process that a handler starts.
#[tractor::rpc]
#[expect(clippy::disallowed_methods, reason = "what users do in handlers")]
fn files_of_a_command() -> Vec<String> {
    let child = std::process::Command::new("sleep")
        .arg("1000")
        .stdin(std::process::Stdio::null())
        .spawn();
    let mut child = child.expect("there is `sleep`");
    let path = format!("/proc/{}/fd", child.id());
    // Looked at from outside, once it runs its own image.
    while Process::find(child.id()).is_none_or(|process| process.comm != "sleep") {
        std::thread::yield_now();
    }
    let files = fs::read_dir(path).expect("it runs");
    let files = files.filter_map(|entry| fs::read_link(entry.ok()?.path()).ok());
    let files = files
        .map(|file| file.to_string_lossy().into_owned())
        .collect();
    child.kill().expect("it is ours");
    child.wait().expect("it is ours");
    files
}

/// Starts a process that outlives this actor.
#[tractor::rpc]
#[expect(clippy::disallowed_methods, reason = "what users do in handlers")]
async fn leave_a_command() -> u32 {
    let child = std::process::Command::new("sleep").arg("1000").spawn();
    child.expect("there is `sleep`").id()
}

/// The signal that ends a process which a handler starts and which is sent SIGINT.
#[tractor::rpc]
#[expect(clippy::disallowed_methods, reason = "what users do in handlers")]
fn command_dies_of_sigint() -> Option<i32> {
    use std::os::unix::process::ExitStatusExt;
    let status = std::process::Command::new("sh")
        .args(["-c", "kill -INT $$; sleep 5"])
        .status();
    status.expect("there is a shell").signal()
}

#[tractor::test(name = fresh_name())]
async fn children_share_no_descriptor_but_the_standard_ones() -> Result<()> {
    tractor::cluster! { modules: [self], count: 4 }
        .scope(async |workers| {
            let inherited = inherited();
            let mut seen = BTreeMap::from([("the root".to_owned(), open_files())]);
            for (name, files) in within("answers", workers.run_all(files)).await {
                seen.insert(name, files?);
            }
            let mut owners: BTreeMap<&str, &str> = BTreeMap::new();
            for (name, files) in &seen {
                assert!(name == "the root" || files[&0] == "/dev/null", "{files:?}");
                for (_, file) in files.iter().filter(|(number, _)| **number > 2) {
                    // Only these have an identity that shows in the link's text.
                    let has_identity = file.starts_with("socket:") || file.starts_with("pipe:");
                    if !has_identity || inherited.contains(file) {
                        continue;
                    }
                    let owner = owners.entry(file).or_insert(name);
                    assert_eq!(owner, name, "{file} is open in two processes:\n{seen:#?}");
                }
            }
            done()
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn commands_of_a_handler_do_not_get_the_link() -> Result<()> {
    tractor::cluster! { modules: [self], count: 1 }
        .scope(async |workers| {
            let portal = &workers["worker_0"];
            let files = within("an answer", portal.run(files_of_a_command)).await?;
            // Its loader may have a library open at that moment; a link or a runtime it has not.
            let inherited = inherited();
            let is_ours = |file: &&String| {
                let kind = file.starts_with("socket:") || file.starts_with("anon_inode:");
                kind && !inherited.contains(*file)
            };
            assert_eq!(files.iter().find(is_ours), None, "{files:?}");
            let signal = within("an answer", portal.run(command_dies_of_sigint)).await?;
            assert_eq!(signal, Some(2), "the terminal's SIGINT is theirs");
            done()
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn command_left_behind_does_not_hide_the_death() {
    let mut left = None;
    let scope =
        tractor::cluster! { modules: [self, tests::workers], count: 1 }.scope(async |workers| {
            let portal = &workers["worker_0"];
            left = Some(within("an answer", portal.run(leave_a_command)).await?);
            let mut call = pin!(portal.run(nap));
            begin(&mut call).await;
            signal(portal.aid(), Signal::SIGKILL);
            within("the call ends", call).await
        });
    let error = failure(within("the scope ends", scope).await);
    assert!(matches!(error, Error::ActorDied(_)), "{error}");
    let pid = left
        .and_then(|pid| pid.try_into().ok())
        .expect("it was started");
    nix::sys::signal::kill(Pid::from_raw(pid), Signal::SIGKILL).expect("it was still there");
    assert_nobody_left().await;
}

#[tractor::test(name = fresh_name())]
async fn ps_shows_the_names_of_actors() -> Result<()> {
    let root = tractor::current_actor().aid().path().to_owned();
    tractor::cluster! { modules: [self], names: ["sorter", "a_name_longer_than_the_kernel_keeps"] }
        .scope(async |workers| {
            let sorter = Process::find(workers["sorter"].aid().pid()).expect("it lives");
            let title = format!("tractor-child[{root}.sorter]");
            assert!(sorter.command.contains(&title), "{sorter}");
            assert!(sorter.command.starts_with("process-"), "{sorter}");
            assert_eq!(sorter.comm, "sorter");
            assert_eq!(sorter.parent, std::process::id());
            let long = workers.portals().last().expect("there are two");
            let long = Process::find(long.aid().pid()).expect("it lives");
            assert_eq!(long.comm, "a_name_longer_t");
            done()
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn environment_reaches_children() -> Result<()> {
    let env = [("TESTS_COLOUR", "green"), ("TESTS_EMPTY", "")];
    tractor::cluster! { modules: [self], count: 1, env: env }
        .scope(async |workers| {
            let portal = &workers["worker_0"];
            let colour = portal.run(variable("TESTS_COLOUR".to_owned()));
            assert_eq!(within("an answer", colour).await?.as_deref(), Some("green"));
            let empty = portal.run(variable("TESTS_EMPTY".to_owned()));
            assert_eq!(within("an answer", empty).await?.as_deref(), Some(""));
            let none = portal.run(variable("TESTS_NONE".to_owned()));
            assert_eq!(within("an answer", none).await?, None);
            assert_eq!(
                std::env::var_os("TESTS_COLOUR"),
                None,
                "only children get it"
            );
            done()
        })
        .await?;
    let bad = tractor::cluster! { modules: [self], count: 1, env: [("A=B", "c")] }
        .scope(async |_| done())
        .await;
    assert!(matches!(failure(bad), Error::Config(_)));
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn stdin_of_a_child_is_empty() -> Result<()> {
    tractor::cluster! { modules: [self], count: 1 }
        .scope(async |workers| {
            let read = within("an answer", workers["worker_0"].run(stdin)).await?;
            assert_eq!(read, "");
            done()
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn child_is_deaf_to_sigint() -> Result<()> {
    tractor::cluster! { modules: [self], count: 2 }
        .scope(async |workers| {
            for portal in workers.portals() {
                signal(portal.aid(), Signal::SIGINT);
            }
            // A signal is delivered before the process answers anything it reads later.
            for _ in 0..3 {
                for answer in within("answers", workers.run_all(stdin))
                    .await
                    .into_values()
                {
                    answer?;
                }
            }
            done()
        })
        .await?;
    until("nobody is left", async || {
        tests::process::of_root(tractor::current_actor().aid().path()).is_empty()
    })
    .await;
    assert_nobody_left().await;
    Ok(())
}
