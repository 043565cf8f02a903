//! Changing which events are let through, in an actor and all below it.

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, join_all};

use super::census::{Reached, children};
use crate::base::{Actor, Error, Result, current_actor};
use crate::log::{check_filter, set_levels};
use crate::rpc::{Portal, Run};
use crate::session::Route;

/// Changes which `tracing` events of this actor, and of all below it, are written or sent to the root, from
/// now on; `filter` is one of [`Config::log_level`](crate::Config::log_level).
///
/// [`Portal::set_log_level`] does so for another actor, and the command `tractor log` from outside. Actors
/// that are started later below this one begin with it. Roots that share a process share its levels, too.
///
/// ```
/// #[tractor::main]
/// async fn main() -> tractor::Result<()> {
///     tractor::set_log_level("my_app::parser=trace,info").await?;
///     tractor::set_log_level("off").await
/// }
/// ```
///
/// # Errors
///
/// [`Config`](crate::Error::Config) when `filter` is none, which changes nothing, and when an actor has
/// installed a subscriber of its own, which has its own levels; whatever a call can fail with, if one does
/// not answer. All the others have changed then.
///
/// # Panics
///
/// Outside of the tractor runtime.
///
/// # Cancel safety
///
/// Dropped early, some have changed, and others have not.
pub async fn set_log_level(filter: impl Into<String>) -> Result<()> {
    let change = Change::new(filter.into(), None)?;
    change.make(&current_actor()).await.map(drop)
}

impl<A> Portal<A> {
    /// [`set_log_level`](crate::set_log_level) of the actor, and of all below it.
    ///
    /// # Errors
    ///
    /// As there.
    ///
    /// # Cancel safety
    ///
    /// As there.
    pub async fn set_log_level(&self, filter: impl Into<String>) -> Result<()> {
        let change = Change::new(filter.into(), None)?;
        change.pass_on(self.route()).await.map(drop)
    }
}

/// Changes the levels of all actors below `root` with that name, and of all below them; of all without one.
/// Gives how many there are.
pub(crate) async fn set_levels_of(
    root: &Actor,
    filter: String,
    name: Option<String>,
) -> Result<usize> {
    Change::new(filter, name)?.make(root).await
}

/// What is to be changed, and whom it concerns.
#[derive(Debug, Clone)]
struct Change {
    filter: String,
    /// A name, or the end of a path; all of them without one.
    only: Option<String>,
}

/// Makes a change in this actor and all below it.
#[tractor_macros::rpc(crate = crate)]
pub(super) async fn change_levels(filter: String, only: Option<String>) -> Result<usize> {
    Change { filter, only }.make(&current_actor()).await
}

impl Change {
    fn new(filter: String, only: Option<String>) -> Result<Self> {
        check_filter(&filter)?;
        Ok(Self { filter, only })
    }

    /// Makes it here and below. Everybody concerned is asked, also when somebody fails.
    fn make(mut self, actor: &Actor) -> BoxFuture<'static, Result<usize>> {
        let actor = actor.clone();
        async move {
            let concerned = self.concerns(actor.aid().path());
            if concerned {
                // All that are below as well.
                self.only = None;
            }
            let here = match concerned {
                true => set_levels(&actor, &self.filter).map(|()| 1),
                false => Ok(0),
            };
            let members = children(actor.aid());
            let reached = members.iter().filter_map(|member| member.now().reached);
            let below = reached.map(|Reached { link, .. }| self.clone().pass_on(Route::Only(link)));
            let below = join_all(below).await;
            // Who ends meanwhile logs no more.
            let below = below.into_iter().filter(|changed| !has_ended(changed));
            std::iter::once(here).chain(below).sum()
        }
        .boxed()
    }

    fn concerns(&self, path: &str) -> bool {
        self.only.as_ref().is_none_or(|only| {
            let before = path.strip_suffix(only.as_str());
            before.is_some_and(|before| before.is_empty() || before.ends_with('.'))
        })
    }

    async fn pass_on(self, route: Route) -> Result<usize> {
        Run::new(route, change_levels(self.filter, self.only)).await
    }
}

fn has_ended(changed: &Result<usize>) -> bool {
    matches!(
        changed,
        Err(Error::ActorDied(_) | Error::Cancelled(_) | Error::LinkLost(_))
    )
}

#[cfg(test)]
mod tests {
    use super::Change;

    #[test]
    fn name_is_the_end_of_a_path() {
        let concerns = |only: &str, path| {
            let only = Some(only.to_owned());
            Change::new("info".into(), only)
                .expect("a filter")
                .concerns(path)
        };
        assert!(
            concerns("a", "root.a") && concerns("root.a", "root.a") && concerns("b.a", "root.b.a")
        );
        assert!(!concerns("a", "root.ba") && !concerns("a", "root.a.b") && !concerns("a.b", "b"));
        let all = Change::new("info".into(), None).expect("a filter");
        assert!(all.concerns("root"));
        assert!(Change::new("a=b=c".into(), None).is_err());
    }
}
