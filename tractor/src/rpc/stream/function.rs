//! A remote function that returns a stream.

use std::fmt;
use std::future::ready;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use futures_util::StreamExt;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::SendHalf;
use crate::base::{Error, Raised, Result, current_actor};
use crate::rpc::capture::capture;
use crate::rpc::current::accept_stream;
use crate::rpc::wire::Value;
use crate::rpc::{Call, Rpc, Wire};

/// A remote function that returns a stream.
///
/// [`#[rpc]`](macro@crate::rpc) implements it for functions that return `impl Stream<Item = T>`.
pub trait StreamFn: Rpc<Return = Result<()>, Output = ()> {
    /// What the stream yields in its own process.
    type Item: Send + 'static;

    /// What arrives of an item: `T` of a `Result<T, E>`, else the item.
    type Yield: Wire + Send + 'static;

    /// True when an item can be an error.
    #[doc(hidden)]
    const FALLIBLE: bool;

    /// Runs the function's body.
    #[doc(hidden)]
    fn stream(args: Self::Args) -> impl Stream<Item = Self::Item> + Send + 'static;

    /// Turns an item into what is sent.
    #[doc(hidden)]
    fn settle_item(item: Self::Item) -> Result<Self::Yield, Raised>;
}

/// A stream that has not begun.
///
/// Calling a function annotated with [`#[rpc]`](macro@crate::rpc) that returns `impl Stream` builds
/// one. It is a [`Stream`] that runs in this process; hand it to
/// [`Portal::open_stream_from`](crate::Portal::open_stream_from), and it runs in the portal's.
#[must_use = "a stream does nothing until it is polled or handed to a portal"]
pub struct StreamCall<F: StreamFn> {
    state: State<F>,
}

enum State<F: StreamFn> {
    /// `None` only while they are taken.
    Unbegun(Option<F::Args>),
    Running(Pin<Box<dyn Stream<Item = F::Item> + Send>>),
}

impl<F: StreamFn> StreamCall<F> {
    pub(crate) fn new(args: F::Args) -> Self {
        Self {
            state: State::Unbegun(Some(args)),
        }
    }

    /// The call that opens it elsewhere; `None` when it has begun here.
    pub(super) fn into_call(self) -> Option<Call<F>> {
        match self.state {
            State::Unbegun(args) => args.map(Call::new),
            State::Running(_) => None,
        }
    }
}

/// What a portal opens a stream from: a [`StreamCall`] of `F`, or `F` by its name when it has no
/// parameters.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a call of a remote function that returns a stream",
    label = "not a call of a `#[tractor::rpc]` function that returns `impl Stream`",
    note = "annotate a function that returns `impl Stream<Item = T>` with `#[tractor::rpc]`, and pass its call: `f(argument)`",
    note = "other remote functions are `run`, a context is opened with `open_context`"
)]
pub trait IntoStreamCall<F: StreamFn> {
    /// The call.
    fn into_stream_call(self) -> StreamCall<F>;
}

#[diagnostic::do_not_recommend]
impl<F: StreamFn> IntoStreamCall<F> for StreamCall<F> {
    fn into_stream_call(self) -> Self {
        self
    }
}

// See `IntoCall`, which does the same.
#[diagnostic::do_not_recommend]
impl<G, R, F> IntoStreamCall<F> for G
where
    G: FnOnce() -> R,
    R: IsStreamCall<F>,
    F: StreamFn,
{
    fn into_stream_call(self) -> StreamCall<F> {
        self().into_stream_call()
    }
}

/// What a function that can be passed by its name returns.
#[doc(hidden)]
pub trait IsStreamCall<F: StreamFn>: IntoStreamCall<F> {}

#[diagnostic::do_not_recommend]
impl<F: StreamFn> IsStreamCall<F> for StreamCall<F> {}

/// Runs the stream in this process.
impl<F: StreamFn> Stream for StreamCall<F> {
    type Item = F::Item;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<F::Item>> {
        if let State::Unbegun(args) = &mut self.state
            && let Some(args) = args.take()
        {
            self.state = State::Running(Box::pin(F::stream(args)));
        }
        match &mut self.state {
            State::Running(stream) => stream.as_mut().poll_next(cx),
            State::Unbegun(_) => Poll::Ready(None),
        }
    }
}

/// Nothing in it is pinned but what is on the heap.
impl<F: StreamFn> Unpin for StreamCall<F> {}

impl<F: StreamFn> fmt::Debug for StreamCall<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StreamCall({})", F::PATH)
    }
}

/// The stream that `begun` resolves to, of an `async fn` that returns one.
pub fn flatten<S: Stream>(begun: impl Future<Output = S>) -> impl Stream<Item = S::Item> {
    futures_util::stream::once(begun).flatten()
}

/// Sends the stream of `F` to the caller of the current call, item by item.
///
/// # Errors
///
/// When the caller's end is gone.
pub async fn pump<F: StreamFn>(args: F::Args) -> Result<()> {
    let (reader, writer) = accept_stream();
    drop(reader);
    let me = current_actor().aid().clone();
    let items = F::stream(args).map(F::settle_item);
    match F::FALLIBLE {
        true => {
            let leave = |raised: Raised| raised.leaves(&me, F::PATH);
            let items = items.map(|item| Carried(item.map_err(leave)));
            SendHalf::new(Ok(writer), F::PATH).send_all(items).await
        }
        false => {
            let items = items.filter_map(|item| ready(item.ok()));
            SendHalf::new(Ok(writer), F::PATH).send_all(items).await
        }
    }
}

/// What becomes of the error of a [`pump`].
///
/// # Errors
///
/// That one.
pub fn settle_pump(returned: Result<()>) -> Result<(), Raised> {
    returned.map_err(|error| capture(&error, None, Some(&error)))
}

/// An item on its way, or the error that stands in its place.
pub(super) struct Carried<T>(pub(super) Result<T>);

impl<T: Wire> Serialize for Carried<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.as_ref().map(Value).serialize(serializer)
    }
}

impl<'de, T: Wire> Deserialize<'de> for Carried<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let carried = Result::<Value<T>, Error>::deserialize(deserializer)?;
        Ok(Self(carried.map(|Value(item)| item)))
    }
}
