//! Scopes: who owns children, and what follows when one of them ends.
//!
//! ```text
//!  ClusterBuilder::scope ──▶ Supervisor (one task per scope)
//!        │ body                  │ starts, brings down, collects
//!        ▼                       ▼
//!     Cluster ── Portal ──▶ Owner (one task per child) ──▶ Process, Link
//! ```
//!
//! The tasks belong to the actor, not to the future of the scope: a scope that is dropped leaves
//! owners behind that finish the teardown, and the actor does not exit before they have (S1, S3).

mod actor_builder;
mod again;
mod census;
mod child;
mod cluster;
mod cluster_builder;
mod draft;
mod events;
mod family;
mod greeting;
mod introspect;
mod life;
mod log_level;
mod map;
pub(crate) mod names;
mod nursery;
mod one_shot;
mod orders;
mod owner;
mod report;
mod restart;
mod run_all;
mod snapshot;
mod starting;
mod supervision;
mod supervisor;
mod terminal;

pub use self::actor_builder::ActorBuilder;
pub(crate) use self::again::call_in_new_actor;
pub use self::cluster::{Cluster, ClusterIter};
pub use self::cluster_builder::ClusterBuilder;
pub(crate) use self::log_level::set_levels_of;
pub use self::log_level::set_log_level;
pub use self::map::Map;
pub use self::nursery::{Nursery, NurseryBuilder, nursery};
pub use self::one_shot::OneShot;
pub use self::report::ExitReport;
pub use self::restart::{Restart, RestartType};
pub use self::run_all::RunAll;
#[cfg(feature = "cli")]
pub(crate) use self::snapshot::less;
pub use self::snapshot::{Snapshot, snapshot};
pub(crate) use self::snapshot::{from_outside, of_root, traffic_of};
pub use self::starting::Starting;
