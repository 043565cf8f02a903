//! The callee's side of a context.

use std::fmt;
use std::future::poll_fn;
use std::marker::PhantomData;

use crate::base::{Aid, CodecError, CodecSide, Result};
use crate::rpc::Wire;
use crate::rpc::current::{CurrentCall, accept_stream, current_call};
use crate::rpc::stream::ContextStream;
use crate::rpc::wire::Value;
use crate::session::{Line, StreamHalves, Ticket};

/// The callee's side of a context that has not started: the first parameter of a function annotated
/// with [`#[context]`](macro@crate::context).
///
/// `First` is what the function starts with, `Tx` what it sends and `Rx` what it receives. There is
/// no stream before [`started`](Self::started), which turns it into [`Started`]. Dropping it ends
/// nothing: the context ends when the function does, which has to start first.
#[must_use = "a context has to be started: `ctx.started(..).await?`"]
pub struct Context<First, Tx, Rx> {
    call: CurrentCall,
    halves: StreamHalves,
    types: PhantomData<Types<First, Tx, Rx>>,
}

/// Neither owns values of the types nor borrows them.
type Types<First, Tx, Rx> = fn(First, Tx) -> Rx;

/// The callee's side of a context that has started; made by [`Context::started`].
pub struct Started<Tx, Rx> {
    call: CurrentCall,
    halves: StreamHalves,
    types: PhantomData<Types<(), Tx, Rx>>,
}

impl<First: Wire, Tx, Rx> Context<First, Tx, Rx> {
    /// Starts the context: the opener's scope begins, with `first`.
    ///
    /// # Errors
    ///
    /// [`Codec`](crate::Error::Codec) when `first` cannot be encoded.
    ///
    /// # Cancel safety
    ///
    /// Dropped before it is ready, nothing is sent, and the context cannot be started any more.
    pub async fn started(self, first: First) -> Result<Started<Tx, Rx>> {
        let Self { call, halves, .. } = self;
        Turn::new(&call).room().await;
        call.link()
            .say_started(call.id(), &mut |frame| frame.value(&Value(&first)))
            .map_err(|error| {
                CodecError::new::<First>(call.path(), CodecSide::EncodeFirst, error)
            })?;
        Ok(Started {
            call,
            halves,
            types: PhantomData,
        })
    }

    /// The actor that has opened the context.
    pub fn opener(&self) -> &Aid {
        self.call.caller()
    }

    /// There is no stream yet; here only so that the compiler can say why.
    #[doc(hidden)]
    pub fn open_stream(&self) -> ContextStream<Tx, Rx>
    where
        Self: HasStarted,
    {
        unreachable!("no context that has not started implements `HasStarted`")
    }
}

/// A context that has a stream: [`Started`] has one, this says so of nothing.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "this context has not started, and has no stream yet",
    label = "has to start first",
    note = "start it with the value that the opener waits for: `let ctx = ctx.started(first).await?;`"
)]
pub trait HasStarted {}

impl<Tx, Rx> Started<Tx, Rx> {
    /// Opens the stream of the context: it sends `Tx` and receives `Rx`.
    pub fn open_stream(self) -> ContextStream<Tx, Rx> {
        ContextStream::new(Ok(self.halves), self.call.path())
    }

    /// The actor that has opened the context.
    pub fn opener(&self) -> &Aid {
        self.call.caller()
    }
}

/// A turn in the line for room on a link, given up when it is not used.
struct Turn<'a> {
    call: &'a CurrentCall,
    ticket: Ticket,
}

impl<'a> Turn<'a> {
    fn new(call: &'a CurrentCall) -> Self {
        let ticket = Ticket::default();
        Self { call, ticket }
    }

    async fn room(mut self) {
        let link = self.call.link();
        poll_fn(|cx| link.poll_answer(&mut self.ticket, cx)).await;
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.call.link().give_up(Line::Answers, &mut self.ticket);
    }
}

/// The types of a context, which its function's first parameter names.
#[diagnostic::on_unimplemented(
    message = "the first parameter of a context function has to be its context, not `{Self}`",
    label = "not a `tractor::Context<First, Tx, Rx>`",
    note = "`First` is what the function starts with, `Tx` what it sends, `Rx` what it receives"
)]
pub trait Dialog {
    /// What the function starts with.
    type First;
    /// What it sends.
    type Tx;
    /// What it receives.
    type Rx;

    /// The context of the current call.
    #[doc(hidden)]
    fn of_current_call() -> Self;
}

#[diagnostic::do_not_recommend]
impl<First, Tx, Rx> Dialog for Context<First, Tx, Rx> {
    type First = First;
    type Tx = Tx;
    type Rx = Rx;

    fn of_current_call() -> Self {
        Self {
            halves: accept_stream(),
            call: current_call().expect("a context function runs as the answer to a call"),
            types: PhantomData,
        }
    }
}

impl<First, Tx, Rx> fmt::Debug for Context<First, Tx, Rx> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Context({:?})", self.call)
    }
}

impl<Tx, Rx> fmt::Debug for Started<Tx, Rx> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Started({:?})", self.call)
    }
}
