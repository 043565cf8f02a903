//! The way to the actor that has spawned this one.

use std::sync::OnceLock;

use super::{Dynamic, Handlers, Portal};
use crate::session::{Link, Route};

/// The link to the parent, and what that has called here; a process is the child of one actor.
static PARENT: OnceLock<(Link, Handlers)> = OnceLock::new();

/// A portal to the actor that has spawned this one; `None` in the root.
///
/// It answers what it was told to [serve](crate::ActorBuilder::serve) its child, which is nothing by
/// default: then every call is refused with
/// [`ModuleNotExposed`](crate::Error::ModuleNotExposed). All that it tells any child is what
/// [`snapshot`](crate::snapshot()) shows. The functions run in the parent, beside its
/// own code, and are dropped when this actor ends. [`expect`](Portal::expect) makes the portal a typed
/// one.
///
/// ```
/// use tractor::{Result, modules, parent_portal};
///
/// mod store {
///     #[tractor::rpc]
///     pub async fn lookup(key: String) -> Option<String> {
///         (key == "colour").then(|| "blue".to_owned())
///     }
/// }
///
/// #[tractor::rpc]
/// async fn colour() -> Result<Option<String>> {
///     let parent = parent_portal().expect("this is a child");
///     let parent = parent.expect(modules![store]).await?;
///     parent.run(store::lookup("colour".into())).await
/// }
///
/// #[tractor::main]
/// async fn main() -> Result<()> {
///     tractor::nursery()
///         .scope(async |an| {
///             let painter = an.actor("painter").modules(modules![self]).serve(modules![store]);
///             let painter = painter.start().await?;
///             assert_eq!(painter.run(colour).await?.as_deref(), Some("blue"));
///             painter.cancel_actor().await
///         })
///         .await
/// }
/// ```
pub fn parent_portal() -> Option<Portal<Dynamic>> {
    let (link, _) = PARENT.get()?;
    Some(Portal::to_parent(Route::Only(link.clone())))
}

/// The link to the parent of this process, and what that has called here.
pub(crate) fn parent_link() -> Option<&'static (Link, Handlers)> {
    PARENT.get()
}

/// Notes the link to the parent of this process, and what that has called here.
pub(crate) fn set_parent(link: &Link, handlers: &Handlers) {
    let _ = PARENT.set((link.clone(), handlers.clone()));
}
