//! What becomes of the programs that a handler starts: they are left alone, or end with the process
//! group of their actor.

use std::fs;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, waitpid};
use nix::unistd::{Pid, getpgid, setpgid};
use tests::actor::{assert_nobody_left, begin, done, failure, fresh_name, within};
use tests::disk::TempDir;
use tests::fixture::Fixture;
use tests::process::Process;
use tests::workers::{die, spin};
use tests::{HOUR, PATIENCE, wait_until};
use tokio::signal::unix::{SignalKind, signal};
use tractor::{Error, Exit, ExitReport, ExitStatus, Restart, Result, Rung, modules};

/// A program that a handler has started; killed when dropped, at the latest.
struct Program(Pid);

impl Program {
    fn new(pid: u32) -> Self {
        Self(raw(pid))
    }

    fn find(&self) -> Option<Process> {
        // It may have been adopted by this process, if another test here adopts orphans.
        let _ = waitpid(self.0, Some(WaitPidFlag::WNOHANG));
        let pid = self.0.as_raw().try_into().expect("a pid");
        Process::find(pid).filter(|process| !process.is_zombie())
    }

    fn assert_alive(&self) {
        assert!(self.find().is_some(), "{} is gone", self.0);
    }

    /// Waits for the end of what was killed; nobody else would end it.
    fn assert_killed(&self) {
        wait_until("the program is gone", PATIENCE, || self.find().is_none());
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if self.find().is_some() {
            let _ = kill(self.0, Signal::SIGKILL);
            self.assert_killed();
        }
    }
}

fn raw(pid: u32) -> Pid {
    Pid::from_raw(pid.try_into().expect("a pid fits"))
}

fn group(pid: u32) -> u32 {
    Process::find(pid).expect("it is there").group
}

/// Starts a program and leaves it to itself.
#[tractor::rpc]
#[expect(clippy::disallowed_methods, reason = "what users do in handlers")]
async fn start_program() -> u32 {
    let program = std::process::Command::new("sleep").arg("1000").spawn();
    program.expect("there is `sleep`").id()
}

/// The group of an actor below this one, and whether that is its own.
#[tractor::rpc]
async fn groups_below() -> Result<[(u32, bool); 2]> {
    tractor::nursery()
        .scope(async |an| {
            let default = an.actor("default").run(own_group).await?.result().await?;
            let own = an.actor("own").process_group().run(own_group).await?;
            Ok([default, own.result().await?])
        })
        .await
}

/// The group of this process, and whether that is its own.
#[tractor::rpc]
async fn own_group() -> (u32, bool) {
    let pid = std::process::id();
    (group(pid), group(pid) == pid)
}

/// Ends its process in the ordinary way.
#[tractor::rpc]
#[expect(clippy::disallowed_methods, reason = "what is tested")]
async fn exit(code: i32) {
    std::process::exit(code);
}

/// Starts a program that tells of SIGTERM at `path`, then follows no cancel request until it does.
#[tractor::rpc]
#[expect(clippy::disallowed_methods, reason = "what is tested")]
async fn wait_for_sigterm_of_a_program(path: PathBuf) {
    // tokio's handler takes the place of the default, which would end this process.
    let _handler = signal(SignalKind::terminate()).expect("a handler can be installed");
    let script =
        "trap 'echo it came > $0; exit' TERM; echo ready > $1; while :; do sleep 0.01; done";
    let program = std::process::Command::new("sh")
        .args(["-c", script])
        .args([&path, &path.with_extension("ready")])
        .spawn();
    // It ends by the signal. Reaped here, it is no zombie of a test that adopts orphans.
    let ended = program.expect("there is a shell").wait();
    std::process::exit(i32::from(ended.is_err() || !path.exists()));
}

/// Leaves its own group for that of its spawner, and follows no cancel request.
#[tractor::rpc]
async fn leave_group() {
    let spawner = getpgid(Some(nix::unistd::getppid())).expect("it is there");
    setpgid(Pid::this(), spawner).expect("it is in the same session");
    loop {
        std::thread::park();
    }
}

/// Opens a nursery and tells at `path` of its actor's graceful end.
#[tractor::rpc]
async fn nest(path: PathBuf) -> Result<()> {
    tractor::nursery()
        .scope(async |an| {
            let below = an.actor("below").run(tell_end(path)).await?;
            below.result().await
        })
        .await
}

/// Tells at `path` that it has begun, and with another extension that it was dropped.
#[tractor::rpc]
async fn tell_end(path: PathBuf) {
    struct Guard(PathBuf);

    impl Drop for Guard {
        fn drop(&mut self) {
            fs::write(self.0.with_extension("dropped"), "").expect("the directory is there");
        }
    }

    fs::write(&path, "").expect("the directory is there");
    let _guard = Guard(path);
    std::future::pending::<()>().await;
}

async fn appears(path: &Path) {
    tests::actor::until("a file appears", async || path.exists()).await;
}

#[tractor::test(name = fresh_name())]
async fn command_left_behind_does_not_hold_up_the_end() -> Result<()> {
    let mut program = None;
    let mut report = ExitReport::default();
    let scope = tractor::nursery().scope(async |an| {
        report = an.report();
        let actor = an.actor("a").modules(modules![self]);
        let actor = actor.cancel_timeout(HOUR).kill_timeout(HOUR);
        let actor = actor.start().await?;
        program = Some(Program::new(
            within("an answer", actor.run(start_program)).await?,
        ));
        within("its end", actor.cancel_actor()).await
    });
    within("the scope ends", scope).await?;
    program.expect("it was started").assert_alive();
    assert_eq!(
        report.exits().iter().map(Exit::status).collect::<Vec<_>>(),
        [ExitStatus::Code(0)]
    );
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn group_is_shared_by_what_is_below() -> Result<()> {
    let ours = group(std::process::id());
    tractor::nursery()
        .scope(async |an| {
            let plain = an.run_in_actor(own_group).await?.result().await?;
            assert_eq!(plain, (ours, false));
            let leader = an.actor("leader").process_group().modules(modules![self]);
            let leader = leader.start().await?;
            let pid = leader.aid().pid();
            assert_eq!(leader.run(own_group).await?, (pid, true));
            let program = Program::new(leader.run(start_program).await?);
            assert_eq!(program.find().expect("it runs").group, pid);
            let [default, own] = within("an answer", leader.run(groups_below)).await?;
            assert_eq!(default, (pid, false));
            assert!(own.1, "{own:?}");
            leader.cancel_actor().await?;
            program.assert_killed();
            done()
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

/// Starts a leader with a program, runs `$end` on it, and gives what its exit was.
macro_rules! end_of_leader {
    (|$leader:ident, $an:ident| $end:expr) => {{
        let mut program = None;
        let mut report = ExitReport::default();
        let scope = tractor::nursery()
            .restart(Restart::OneForOne)
            .scope(async |$an| {
                report = $an.report();
                let $leader = $an.actor("leader").modules(modules![self, tests::workers]);
                let $leader = $leader
                    .process_group()
                    .cancel_timeout(HOUR)
                    .kill_timeout(HOUR);
                // One that fails is not replaced, and its failure is the scope's.
                let $leader = $leader.restart_type(tractor::RestartType::Temporary);
                let $leader = $leader.start().await?;
                let pid = within("an answer", $leader.run(start_program)).await?;
                program = Some(Program::new(pid));
                $end;
                within("its end", async {
                    while report.exits().is_empty() {
                        tokio::time::sleep(tests::GLANCE).await;
                    }
                })
                .await;
                done()
            });
        let _ = within("the scope ends", scope).await;
        program.expect("it was started").assert_killed();
        let exit = report.exits().remove(0);
        (exit.rung(), exit.status())
    }};
}

#[tractor::test(name = fresh_name())]
async fn group_ends_with_its_leader() {
    let asked = end_of_leader!(|leader, _an| leader.cancel_actor().await?);
    assert_eq!(asked, (Rung::Cancel, ExitStatus::Code(0)));
    let killed = end_of_leader!(|leader, an| {
        let mut call = pin!(leader.run(spin));
        begin(&mut call).await;
        an.cancel_hard().await;
    });
    assert_eq!(killed, (Rung::Kill, ExitStatus::Signal(9)));
    let exited = end_of_leader!(|leader, _an| leader.run(exit(3)).await.expect_err("it is gone"));
    assert_eq!(exited, (Rung::Unasked, ExitStatus::Code(3)));
    let crashed = end_of_leader!(|leader, _an| {
        let crash = leader.run(die(Signal::SIGKILL as i32));
        crash.await.expect_err("it is gone")
    });
    assert_eq!(crashed, (Rung::Unasked, ExitStatus::Signal(9)));
    assert_nobody_left().await;
}

#[tractor::test(name = fresh_name())]
async fn restarted_leader_has_a_group_of_its_own_again() -> Result<()> {
    tractor::nursery()
        .restart(Restart::OneForOne)
        .scope(async |an| {
            let leader = an.actor("leader").modules(modules![self, tests::workers]);
            let leader = leader.process_group().start().await?;
            let first = Program::new(leader.run(start_program).await?);
            let died = within("its death", leader.run(die(Signal::SIGKILL as i32))).await;
            assert!(matches!(failure(died), Error::ActorDied(_)));
            let second = Program::new(within("an answer", leader.run(start_program)).await?);
            first.assert_killed();
            assert_eq!(second.find().expect("it runs").group, leader.aid().pid());
            leader.cancel_actor().await?;
            second.assert_killed();
            done()
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

/// The leader does not end before its program has told of the signal, unless it is killed.
#[tractor::test(name = fresh_name())]
async fn sigterm_of_the_ladder_reaches_the_group() -> Result<()> {
    let dir = TempDir::new();
    let told = dir.join("sigterm");
    let mut report = ExitReport::default();
    let scope = tractor::nursery().scope(async |an| {
        report = an.report();
        let leader = an.actor("leader").modules(modules![self]).process_group();
        let leader = leader.cancel_timeout(Duration::from_millis(50));
        let leader = leader.kill_timeout(PATIENCE / 2).start().await?;
        let mut call = pin!(leader.run(wait_for_sigterm_of_a_program(told.clone())));
        begin(&mut call).await;
        appears(&told.with_extension("ready")).await;
        within("its end", leader.cancel_actor()).await
    });
    within("the scope ends", scope).await?;
    assert!(told.exists());
    let exit = report.exits().remove(0);
    assert_eq!(
        (exit.rung(), exit.status()),
        (Rung::Terminate, ExitStatus::Code(0))
    );
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn actors_in_the_group_end_gracefully() -> Result<()> {
    let dir = TempDir::new();
    let file = dir.join("below");
    let mut report = ExitReport::default();
    let scope = tractor::nursery().scope(async |an| {
        report = an.report();
        let leader = an.actor("leader").modules(modules![self]).process_group();
        let leader = leader.cancel_timeout(HOUR).kill_timeout(HOUR);
        let leader = leader.start().await?;
        let mut call = pin!(leader.run(nest(file.clone())));
        begin(&mut call).await;
        appears(&file).await;
        within("its end", leader.cancel_actor()).await
    });
    within("the scope ends", scope).await?;
    assert!(file.with_extension("dropped").exists());
    let exit = report.exits().remove(0);
    assert_eq!(
        (exit.rung(), exit.status()),
        (Rung::Cancel, ExitStatus::Code(0))
    );
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn leader_that_has_left_its_group_is_killed() -> Result<()> {
    let mut program = None;
    let scope = tractor::nursery().scope(async |an| {
        let leader = an.actor("leader").modules(modules![self]).process_group();
        let leader = leader.hard_kill().start().await?;
        program = Some(Program::new(
            within("an answer", leader.run(start_program)).await?,
        ));
        let mut call = pin!(leader.run(leave_group));
        begin(&mut call).await;
        let pid = leader.aid().pid();
        tests::actor::until("it has left", async || group(pid) != pid).await;
        within("its end", leader.cancel_actor()).await
    });
    within("the scope ends", scope).await?;
    program.expect("it was started").assert_killed();
    assert_nobody_left().await;
    Ok(())
}

/// S2, for the programs of a leader as well.
#[test]
fn group_ends_with_the_root() {
    for what in ["idle", "blocked", "ending"] {
        let fixture = Fixture::new(env!("CARGO_BIN_EXE_attributes")).arg("group");
        let mut running = fixture.arg(what).start();
        let pids = running.lines("pid ", 2);
        let pids = pids.iter().map(|pid| pid.parse().expect("a pid"));
        let [program, leader] = pids
            .map(Program::new)
            .collect::<Vec<_>>()
            .try_into()
            .ok()
            .expect("there are two");
        if what == "ending" {
            running.line("ending");
        }
        program.assert_alive();
        running.signal(Signal::SIGKILL);
        running.wait();
        leader.assert_killed();
        program.assert_killed();
        running.finish_within(PATIENCE);
    }
}
