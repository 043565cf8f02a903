//! What a child of a scope is started from, as often as it takes.

use std::pin::Pin;

use super::restart::RestartType;
use super::terminal::way_to_terminal;
use crate::base::{Actor, Aid, Config, Result};
use crate::log::settings_below;
use crate::process::{Attributes, Launch, terminal_name};
use crate::session::Route;
use crate::transport::processors;
use crate::wire::{Spec, VERSION};

/// What a child of a scope is started from, as often as it takes.
pub(super) struct Child {
    pub(super) name: String,
    /// The paths of the modules that it exposes.
    pub(super) modules: Vec<String>,
    /// The paths of the modules that its parent exposes to it.
    pub(super) served: Vec<String>,
    /// Its settings, complete.
    pub(super) config: Config,
    pub(super) attributes: Attributes,
    pub(super) hard_kill: bool,
    pub(super) restart: RestartType,
    /// The one call that it exists for; none of a daemon.
    pub(super) job: Option<Job>,
}

/// Makes the one call of a one-shot, and hands its result on.
pub(super) type Job = Box<dyn Fn(Route) -> RunningJob + Send + Sync>;

/// The one call of a one-shot, on its way.
pub(super) type RunningJob = Pin<Box<dyn Future<Output = Result<()>> + Send>>;

impl Child {
    /// The path of names from the root to the child.
    pub(super) fn path(&self, actor: &Actor) -> String {
        format!("{}.{}", actor.aid().path(), self.name)
    }

    /// True of an actor that lives until it is cancelled.
    pub(super) fn is_daemon(&self) -> bool {
        self.job.is_none()
    }

    /// A process for the child, with an identity of its own.
    ///
    /// # Cancel safety
    ///
    /// Nothing is started yet.
    pub(super) async fn launch(&self, actor: &Actor) -> Launch {
        let terminal = match self.config.is_debugged() {
            true => way_to_terminal(actor, self.config.holds_output()).await,
            // For those below it.
            false => terminal_name(actor.aid()),
        };
        Launch {
            image: actor.image().clone(),
            attributes: self.attributes.clone(),
            spec: Spec {
                version: VERSION,
                parent: actor.aid().clone(),
                path: self.path(actor),
                unique: Aid::new_unique(),
                config: settings_below(&self.config, &self.path(actor)),
                hand_stdout_over: actor.image().hands_stdout_over(),
                leads_group: self.attributes.process_group,
                modules: self.modules.clone(),
                processors: processors(),
                terminal,
                #[cfg(feature = "opentelemetry")]
                traced: crate::opentelemetry::traced(),
                handed: Vec::new(),
            },
        }
    }
}
