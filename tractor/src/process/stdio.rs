//! Where an actor's output goes.

use std::fs::File;
use std::io::{self, PipeWriter};
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::process;
use std::sync::Arc;

/// Where the stdout or the stderr of an actor goes; see [`ActorBuilder::stdout`].
///
/// [`ActorBuilder::stdout`]: crate::ActorBuilder::stdout
///
/// Made by [`inherit`](Self::inherit), by [`null`](Self::null), or from a [`File`], an [`OwnedFd`]
/// or the [`PipeWriter`] of a [`std::io::pipe`]. A clone stands for the same open file, so that one
/// can be stdout and stderr at once, or be shared by several actors: they then write one after the
/// other.
///
/// The file stays open in the spawner for as long as the actor may need it for another start: until
/// the actor has ended and is not [restarted](crate::Restart) any more, or the builder is dropped.
/// From then on a reader of the pipe sees its end, unless there are clones of the `Stdio`, or
/// processes that the actor has started and left behind: they have inherited its output.
///
/// ```
/// # use std::io::Read;
/// #[tractor::rpc]
/// async fn greet() {
///     println!("hello from {}", tractor::current_actor().aid().name());
/// }
///
/// #[tractor::main]
/// async fn main() -> tractor::Result<()> {
///     let (mut reader, writer) = std::io::pipe().expect("a pipe can be made");
///     tractor::nursery()
///         .scope(async |an| {
///             let greeter = an.actor("greeter").stdout(writer).run(greet()).await?;
///             greeter.result().await
///         })
///         .await?;
///     // The actor is gone, and with it the last who could write.
///     let mut said = String::new();
///     reader.read_to_string(&mut said).expect("a pipe can be read");
///     assert_eq!(said, "hello from greeter\n");
///     Ok(())
/// }
/// ```
#[derive(Debug, Clone, Default)]
pub struct Stdio(Target);

#[derive(Debug, Clone, Default)]
enum Target {
    #[default]
    Inherited,
    Null,
    // Shared by all starts of an actor.
    File(Arc<OwnedFd>),
}

impl Stdio {
    /// The spawner's own, which is the default.
    #[must_use]
    pub fn inherit() -> Self {
        Self(Target::Inherited)
    }

    /// `/dev/null`: what is written is gone.
    #[must_use]
    pub fn null() -> Self {
        Self(Target::Null)
    }

    /// For one start.
    pub(super) fn for_command(&self) -> io::Result<process::Stdio> {
        Ok(match &self.0 {
            Target::Inherited => process::Stdio::inherit(),
            Target::Null => process::Stdio::null(),
            // A duplicate is closed on exec like the original, so no sibling inherits it.
            Target::File(file) => file.try_clone()?.into(),
        })
    }

    /// What to hand to a child as its stdout whose stdout is `/dev/null` as yet, if anything.
    pub(super) fn to_hand_over(&self) -> Option<RawFd> {
        match &self.0 {
            Target::Inherited => Some(io::stdout().as_raw_fd()),
            Target::Null => None,
            Target::File(file) => Some(file.as_raw_fd()),
        }
    }
}

impl From<OwnedFd> for Stdio {
    fn from(file: OwnedFd) -> Self {
        Self(Target::File(Arc::new(file)))
    }
}

impl From<File> for Stdio {
    fn from(file: File) -> Self {
        OwnedFd::from(file).into()
    }
}

impl From<PipeWriter> for Stdio {
    fn from(writer: PipeWriter) -> Self {
        OwnedFd::from(writer).into()
    }
}
