//! What an actor is to be, before its allowlist is a type and while it can still change.

use futures_util::future::{BoxFuture, try_join_all};

use super::child::{Child, Job};
use super::names::check_name;
use super::nursery::Nursery;
use super::restart::RestartType;
use super::supervisor::Started;
use crate::base::{Config, Result};
use crate::process::Attributes;
use crate::rpc::allowlist::Listed;
use crate::rpc::registry;

/// An actor to be started, whatever its allowlist is as a type: what becomes of it is compiled here,
/// and not with every program.
pub(super) struct Draft<'a> {
    pub(super) nursery: &'a Nursery,
    pub(super) name: String,
    pub(super) modules: &'static [Listed],
    /// The paths of modules that it exposes besides these.
    pub(super) exposes: Vec<String>,
    pub(super) served: &'static [Listed],
    pub(super) config: Config,
    pub(super) attributes: Attributes,
    pub(super) hard_kill: bool,
    pub(super) restart: Option<RestartType>,
}

impl<'a> Draft<'a> {
    pub(super) fn new(nursery: &'a Nursery, name: String) -> Self {
        Self {
            nursery,
            name,
            modules: &[],
            exposes: Vec::new(),
            served: &[],
            config: Config::new(),
            attributes: Attributes::default(),
            hard_kill: nursery.hard_kill,
            restart: None,
        }
    }

    /// Starts it as a daemon.
    pub(super) fn start(self) -> BoxFuture<'a, Result<Started>> {
        Box::pin(async {
            let nursery = self.nursery;
            let child = self.child(RestartType::Permanent)?;
            nursery.handle.start(child).await
        })
    }

    /// Starts it for one call of a function of `module`, which needs not be listed.
    pub(super) fn run(self, module: &'static str, job: Job) -> BoxFuture<'a, Result<Started>> {
        Box::pin(async move {
            let nursery = self.nursery;
            let mut child = self.child(RestartType::Transient)?;
            if !child.modules.iter().any(|listed| listed == module) {
                child.modules.push(module.to_owned());
            }
            child.job = Some(job);
            nursery.handle.start(child).await
        })
    }

    fn child(self, restart: RestartType) -> Result<Child> {
        check_name(&self.name)?;
        let nursery = self.nursery;
        let config = nursery.config.overlaid(&self.config);
        let config = nursery.actor.overridden(&config);
        config.check()?;
        let mut modules = registry::resolve(self.modules)?;
        modules.extend(self.exposes);
        Ok(Child {
            name: self.name,
            modules,
            served: registry::resolve(self.served)?,
            config,
            attributes: self.attributes,
            hard_kill: self.hard_kill,
            restart: self.restart.unwrap_or(restart),
            job: None,
        })
    }
}

/// Starts all at the same time; the first one that cannot be started is the error.
pub(super) fn start_all(drafts: Vec<Draft<'_>>) -> BoxFuture<'_, Result<Vec<Started>>> {
    Box::pin(try_join_all(drafts.into_iter().map(Draft::start)))
}
