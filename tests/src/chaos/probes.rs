//! Scopes of a run that are arranged to show one thing each.

use std::fs;
use std::time::Duration;

use futures_util::future::{join_all, select};
use nix::sys::resource::{Resource, getrlimit, rlim_t, setrlimit};
use tokio::time::timeout;
use tractor::{Config, Result, modules};

use super::OWED;
use super::calls::{Kind, Made, deed, finished, made, probe};
use super::deeds::{Begun, act, fail_after, outlast};
use super::log::{fresh_id, write};
use super::plan::{Deed, Strategy};
use super::scopes::{Watch, nursery, scope};

/// The calls that an actor with few slots takes at a time.
const SLOTS: usize = 3;

/// The first failure reaches the siblings at once: the one that fails does not end before its sibling
/// is cancelled.
///
/// # Errors
///
/// What it is to fail with.
pub async fn late(failing: String, sibling: String) -> Result<()> {
    let names = vec![sibling.clone(), failing.clone()];
    scope(
        nursery(Strategy::Never),
        Strategy::Never,
        names,
        async |an| {
            let patient = || {
                let long = Duration::from_secs(30);
                Config::new().cancel_timeout(long).kill_timeout(long)
            };
            let [nap, guard, fault] = [fresh_id(), fresh_id(), fresh_id()];
            let napping = an.actor(&sibling).config(patient());
            let napping = napping.run(act(nap, Deed::Naps, String::new())).await?;
            let napping = finished(Made::new(nap, &sibling, Kind::Endless, 0), napping);
            let shot = an.actor(&failing).config(patient());
            let shot = shot.run(fail_after(fault, vec![nap, guard])).await?;
            let guarding = shot.portal().run(outlast(guard, nap));
            let guarding = made(Made::new(guard, &failing, Kind::Endless, 0), guarding);
            let failed = finished(Made::new(fault, &failing, Kind::OneShot, 0), shot);
            let (_, _, failed) = tokio::join!(napping, guarding, failed);
            failed
        },
    )
    .await
}

/// A call that was dropped leaves its slot.
///
/// # Errors
///
/// When the actor dies.
pub async fn narrow(name: String) -> Result<()> {
    let few = nursery(Strategy::Never).config(Config::new().max_in_flight(SLOTS));
    scope(few, Strategy::Never, vec![name.clone()], async |an| {
        let portal = an.start_actor(&name, modules![super::deeds]).await?;
        let work = async {
            for _ in 0..2 {
                let nap = || {
                    Box::pin(deed(
                        portal.clone(),
                        name.clone(),
                        Deed::Naps,
                        Kind::Endless,
                    ))
                };
                let naps = join_all((1..SLOTS).map(|_| nap()));
                // Answered in the order of calls: when this is, the others have begun.
                let answer = Box::pin(probe(&portal, &name));
                match select(naps, answer).await {
                    futures_util::future::Either::Left((ended, _)) => {
                        ended.into_iter().collect::<Result<()>>()?;
                    }
                    futures_util::future::Either::Right((answer, _)) => answer?,
                }
            }
            let probes = join_all((0..SLOTS).map(|_| probe(&portal, &name))).await;
            probes.into_iter().collect()
        };
        let worked = timeout(OWED, work).await;
        an.cancel().await;
        worked.unwrap_or(Ok(()))
    })
    .await
}

/// Tries to start an actor without a descriptor left for it.
#[tractor::rpc]
pub async fn starve(id: u64, name: String) {
    let _begun = Begun::new(id);
    let watch = Watch::open(Strategy::Never, vec![name.clone()]);
    let mut report = None;
    let started = {
        let _starved = Starved::new();
        tractor::nursery()
            .scope(async |an| {
                report = Some(an.report());
                let portal = an.start_actor(name, modules![self]).await?;
                portal.cancel_actor().await
            })
            .await
    };
    write("starved", &[&started.is_err()]);
    let mut watch = watch;
    watch.reports(report.unwrap_or_default());
    watch.closed(&started);
}

/// A process with hardly a descriptor left, until this is dropped.
struct Starved {
    soft: rlim_t,
    hard: rlim_t,
}

impl Starved {
    fn new() -> Self {
        let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).expect("every process has it");
        let open = fs::read_dir("/proc/self/fd").expect("/proc is mounted");
        let few = rlim_t::try_from(open.count()).expect("a count fits");
        setrlimit(Resource::RLIMIT_NOFILE, few, hard).expect("it is lower than before");
        Self { soft, hard }
    }
}

impl Drop for Starved {
    fn drop(&mut self) {
        setrlimit(Resource::RLIMIT_NOFILE, self.soft, self.hard).expect("it was that before");
    }
}
