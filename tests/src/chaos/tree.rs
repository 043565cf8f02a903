//! The actors of a run: they grow the tree of a plan.

use std::fs;
use std::pin::Pin;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::time::{sleep, timeout};
use tractor::{Config, Nursery, Portal, RestartType, Result, modules};

use super::calls::{Kind, Made, deed, finished, made};
use super::deeds::{Begun, act};
use super::log::{fresh_id, write};
use super::plan::{Branch, Deed, Ending, Fate, Form, Plan, Strategy, Twig};
use super::probes::{late, narrow, starve};
use super::scopes::{Watch, children, nursery, scope};
use super::talks::one_way::listen;
use super::talks::opened::{alone, gathered, relayed};
use super::talks::plan::Talk;
use super::{OWED, RUNG, WINDOW};
use crate::GLANCE;

type Boxed<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Runs this process as an actor of a run, whichever it is.
///
/// # Panics
///
/// When a root is not told its seed.
pub fn run() {
    let arg0 = std::env::args().next().unwrap_or_default();
    let path = arg0
        .split_once('[')
        .map(|(_, path)| path.trim_end_matches(']'));
    write(
        "born",
        &[
            &path.unwrap_or("root"),
            &std::os::unix::process::parent_id(),
        ],
    );
    let config = Config::new()
        .cancel_timeout(RUNG)
        .kill_timeout(RUNG)
        .stream_window(WINDOW);
    let ended = tractor::run(config, async || {
        let seed = std::env::args().nth(1).and_then(|seed| seed.parse().ok());
        root(Plan::new(seed.expect("usage: chaos_tree SEED"))).await
    });
    // Nobody of a root's own can be left by now, even of scopes that were dropped (S1).
    let left: Vec<_> = children().iter().map(ToString::to_string).collect();
    write("end", &[&ended.is_ok(), &left.join("; ")]);
}

async fn root(plan: Plan) -> Result<()> {
    rinse().await?;
    let before = descriptors();
    match plan.fate {
        Fate::Drops(after) => {
            let _ = timeout(Duration::from_millis(after), sprout(plan.tree)).await;
        }
        _ => {
            let _ = sprout(plan.tree).await;
        }
    }
    // What was dropped takes a moment.
    let began = Instant::now();
    let after = loop {
        let now = descriptors();
        if children().is_empty() && now <= before || began.elapsed() >= OWED {
            break now;
        }
        sleep(GLANCE).await;
    };
    write("descriptors", &[&before, &after]);
    rinse().await
}

/// A scope with one actor that does next to nothing: what it opens for good, it opens the first time.
async fn rinse() -> Result<()> {
    let name = format!("r{}", fresh_id());
    scope(
        nursery(Strategy::Never),
        Strategy::Never,
        vec![name.clone()],
        async |an| {
            let id = fresh_id();
            let one_shot = an
                .actor(&name)
                .run(act(id, Deed::Returns(0), String::new()))
                .await?;
            let made = Made::new(id, &name, Kind::OneShot, 0);
            finished(made, one_shot).await.map(drop)
        },
    )
    .await
}

fn descriptors() -> usize {
    fs::read_dir("/proc/self/fd")
        .expect("/proc is mounted")
        .count()
}

/// Grows a branch below this actor.
#[tractor::rpc]
pub async fn grow(id: u64, branch: Branch) -> Result<()> {
    let _begun = Begun::new(id);
    sprout(branch).await
}

/// Runs a scope as a branch says.
fn sprout(branch: Branch) -> Boxed<Result<()>> {
    let (strategy, names) = (branch.strategy, branch.names());
    Box::pin(async move {
        let body = async |an: Nursery| Body::new(an, strategy).run(branch).await;
        scope(nursery(strategy), strategy, names, body).await
    })
}

/// The body of a scope.
struct Body {
    an: Nursery,
    strategy: Strategy,
    daemons: Vec<Portal>,
    /// What it has to do, and whether that ends by itself.
    work: FuturesUnordered<Boxed<(bool, Result<()>)>>,
    owed: usize,
}

impl Body {
    fn new(an: Nursery, strategy: Strategy) -> Self {
        Self {
            an,
            strategy,
            daemons: Vec::new(),
            work: FuturesUnordered::new(),
            owed: 0,
        }
    }

    async fn run(mut self, branch: Branch) -> Result<()> {
        for twig in branch.twigs {
            self.start(twig).await?;
        }
        self.work(Duration::from_millis(branch.life)).await?;
        drop(self.work);
        match branch.ending {
            Ending::Cancels => self.an.cancel().await,
            Ending::Kills => self.an.cancel_hard().await,
            Ending::CancelsEach => {
                for daemon in &self.daemons {
                    daemon.cancel_actor().await?;
                }
                self.an.cancel().await;
            }
            // An error of its own: there is no such name.
            Ending::Fails => drop(self.an.start_actor("no.name", modules![self]).await?),
        }
        Ok(())
    }

    /// Works for as long as `life`, and until all is done that ends by itself.
    async fn work(&mut self, life: Duration) -> Result<()> {
        let (mut life, mut latest) = (Box::pin(sleep(life)), Box::pin(sleep(OWED)));
        let mut lived = false;
        while !(lived && self.owed == 0) {
            tokio::select! {
                biased;
                Some((owed, result)) = self.work.next() => {
                    self.owed -= usize::from(owed);
                    if self.strategy == Strategy::Never {
                        result?;
                    }
                }
                () = &mut life, if !lived => lived = true,
                () = &mut latest => break,
            }
        }
        Ok(())
    }

    fn will(&mut self, owed: bool, work: impl Future<Output = Result<()>> + Send + 'static) {
        self.owed += usize::from(owed);
        self.work.push(Box::pin(async move { (owed, work.await) }));
    }

    /// Starts what a twig says, and puts what it has to do to the rest.
    async fn start(&mut self, twig: Twig) -> Result<()> {
        match twig {
            Twig::Daemon(name, deeds, talks, below) => {
                let portal = self.daemon(&name, &deeds, talks).await?;
                self.keep_busy(&portal, &name, deeds, below);
            }
            Twig::OneShot(name, deed) => {
                let id = fresh_id();
                let load = String::new();
                let one_shot = self.an.actor(&name).run(act(id, deed, load)).await?;
                let (kind, owed) = match deed.ends() && !matches!(deed, Deed::Dropped(_)) {
                    true => (Kind::OneShot, true),
                    false => (Kind::Endless, false),
                };
                let made = Made::new(id, &name, kind, 0);
                self.will(
                    owed,
                    async move { finished(made, one_shot).await.map(drop) },
                );
            }
            Twig::Unheeded(name, deed) => {
                let call = act(fresh_id(), deed, String::new());
                drop(self.an.actor(name).run(call).await?);
            }
            Twig::Supervisor(name, below, again) => {
                let id = fresh_id();
                let restart = match again {
                    true => RestartType::Transient,
                    false => RestartType::Temporary,
                };
                let actor = self.an.actor(&name).restart_type(restart);
                let one_shot = actor.run(grow(id, below)).await?;
                let made = Made::new(id, &name, Kind::Grows, 0);
                self.will(true, finished(made, one_shot));
            }
            Twig::Fleet(names, deed) => self.will(true, fleet(names, deed)),
            Twig::Dropped(below, after) => self.will(true, async move {
                let scope = sprout(below);
                timeout(Duration::from_millis(after), scope)
                    .await
                    .unwrap_or(Ok(()))
            }),
            Twig::Late(failing, sibling) => self.will(true, late(failing, sibling)),
            Twig::Narrow(name) => self.will(true, narrow(name)),
            Twig::Gathered(names, talk) => self.will(talk.ends(), choir(names, talk)),
            Twig::Relay(name, child, talk) => {
                let modules = modules![super::talks::relay];
                let portal = self.an.start_actor(&name, modules).await?;
                let kind = kind_of_talk(talk);
                self.will(talk.ends(), relayed(portal, [name, child], talk, kind));
            }
            Twig::Starved(name, below) => {
                let id = fresh_id();
                let one_shot = self.an.actor(&name).run(starve(id, below)).await?;
                let made = Made::new(id, &name, Kind::OneShot, 0);
                self.will(true, finished(made, one_shot));
            }
        }
        Ok(())
    }

    /// Starts an actor, and talks to it.
    async fn daemon(
        &mut self,
        name: &str,
        deeds: &[Deed],
        talks: Vec<(Form, Talk)>,
    ) -> Result<Portal> {
        let modules = modules![
            self,
            super::deeds,
            super::talks::contexts,
            super::talks::one_way
        ];
        let portal = self.an.start_actor(name, modules).await?;
        self.daemons.push(portal.dynamic());
        let blocked = deeds.iter().any(|deed| deed.blocks());
        for (form, talk) in talks {
            let owed = !blocked && talk.ends();
            let kind = match owed {
                true => Kind::Owed,
                false => Kind::Endless,
            };
            let (portal, name) = (portal.clone(), name.to_owned());
            match form {
                Form::Dialog => self.will(owed, alone(portal, name, talk, kind)),
                Form::OneWay => self.will(owed, listen(portal, name, talk, false, kind)),
                Form::Fallible => self.will(owed, listen(portal, name, talk, true, kind)),
            }
        }
        Ok(portal.dynamic())
    }

    /// Has an actor do what it is there for.
    fn keep_busy(&mut self, portal: &Portal, name: &str, deeds: Vec<Deed>, below: Option<Branch>) {
        let blocked = deeds.iter().any(|deed| deed.blocks());
        for what in deeds {
            let owed = !blocked && what.ends();
            let kind = match owed {
                true => Kind::Owed,
                false => Kind::Endless,
            };
            self.will(owed, deed(portal.clone(), name.to_owned(), what, kind));
        }
        if let Some(below) = below {
            let id = fresh_id();
            let kind = match blocked {
                true => Kind::Endless,
                false => Kind::Grows,
            };
            let run = portal.run(grow(id, below));
            self.will(!blocked, made(Made::new(id, name, kind, 0), run));
        }
    }
}

/// A cluster with the same deed on each worker.
async fn fleet(names: Vec<String>, what: Deed) -> Result<()> {
    let mut watch = Watch::open(Strategy::Never, names.clone());
    let seen = &mut watch;
    let result = tractor::cluster! { modules: [super::deeds], names: names.clone() }
        .scope(async move |workers| {
            seen.reports(workers.report());
            let kind = match what.ends() {
                true => Kind::Owed,
                false => Kind::Endless,
            };
            let mut calls: FuturesUnordered<_> = (workers.portals().zip(names))
                .map(|(portal, name)| deed(portal.dynamic(), name, what, kind))
                .collect();
            let work = async {
                while let Some(result) = calls.next().await {
                    result?;
                }
                Result::<()>::Ok(())
            };
            let most = match what.ends() {
                true => OWED,
                false => RUNG,
            };
            timeout(most, work).await.unwrap_or(Ok(()))
        })
        .await;
    watch.closed(&result);
    result
}

/// A cluster with a context to each worker.
async fn choir(names: Vec<String>, talk: Talk) -> Result<()> {
    let mut watch = Watch::open(Strategy::Never, names.clone());
    let seen = &mut watch;
    let result = tractor::cluster! { modules: [super::talks::contexts], names: names.clone() }
        .scope(async move |workers| {
            seen.reports(workers.report());
            let portals = workers.portals().cloned().zip(names).collect();
            let most = match talk.ends() {
                true => OWED,
                false => RUNG,
            };
            let talks = gathered(portals, talk, kind_of_talk(talk));
            timeout(most, talks).await.unwrap_or(Ok(()))
        })
        .await;
    watch.closed(&result);
    result
}

fn kind_of_talk(talk: Talk) -> Kind {
    match talk.ends() {
        true => Kind::Owed,
        false => Kind::Endless,
    }
}
