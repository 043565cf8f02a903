//! The macros, with their documentation.

/// Makes a function callable in another process.
///
/// ```
/// # use std::num::ParseIntError;
/// #[tractor::rpc]
/// async fn is_prime(n: u64) -> bool {
///     n > 1 && (2..n).all(|d| n % d != 0)
/// }
///
/// #[tractor::rpc] // a plain function runs on the blocking pool: the actor stays responsive
/// fn sum(lines: String) -> Result<u64, ParseIntError> {
///     lines.lines().map(str::parse::<u64>).sum()
/// }
/// ```
///
/// # What it leaves
///
/// In the place of `async fn f(a: A, b: B) -> R`, with the same visibility:
///
/// - a function `f(a: A, b: B) -> Call<f>` that builds a [`Call`](crate::Call): a value that has
///   not run yet. Awaited, it runs here and yields `R`; handed to a portal, it runs there;
/// - a type `f`, the *stub*, that implements [`Rpc`](crate::Rpc), to be generic over functions;
/// - a registration, by which a process of the same program finds the function, provided that it
///   exposes the function's module (see [`modules!`](crate::modules)).
///
/// A doc link says which of the two it means: ``[`is_prime()`]`` the function, ``[`type@is_prime`]``
/// the stub.
///
/// A function needs both names: it cannot be called like a type or a module in its scope. Inside
/// its own body the name means the same, so `f(1, 2).await` recurses through a call.
///
/// # What it asks
///
/// Arguments and results own their data and implement `Serialize` and `Deserialize`; references,
/// `self`, generics, `impl Trait`, patterns and more than 16 parameters are refused, and so are
/// `unsafe`, `const` and `extern`. An `async` body has to be [`Send`]. All mistakes of a function
/// are reported together, each with its remedy.
///
/// # Streams
///
/// A function that returns `impl Stream<Item = T>`, `async` or not, streams its items to the caller:
/// `ticks(5)` is a [`StreamCall`](crate::StreamCall), which is a stream that runs here, and which
/// [`Portal::open_stream_from`](crate::Portal::open_stream_from) runs there.
///
/// ```
/// use futures_util::{Stream, StreamExt, stream};
///
/// #[tractor::rpc]
/// fn ticks(count: u64) -> impl Stream<Item = u64> {
///     stream::iter(0..count)
/// }
///
/// # #[tractor::main]
/// # async fn main() -> tractor::Result<()> {
/// # assert_eq!(ticks(5).count().await, 5);
/// # tractor::cluster! { modules: [self], count: 1 }.scope(async |workers| {
/// # let portal = &workers["worker_0"];
/// let mut ticking = portal.open_stream_from(ticks(5));
/// while let Some(tick) = ticking.next().await {
///     println!("{}", tick?);
/// }
/// # Ok(())
/// # }).await
/// # }
/// ```
///
/// Items may be `Result`s: an `Err` arrives like that of a function, and the stream goes on. The
/// stream has to be [`Send`], and must borrow nothing.
///
/// # Errors of the function
///
/// When the return type is called `Result` (`io::Result<T>`, `anyhow::Result<T>` and other aliases
/// too), a call in another process yields `Result<T, tractor::Error>`, and an `Err(e)` arrives as
/// [`Error::Remote`](crate::Error::Remote). `e` has to be `Display + Debug` and no more:
///
/// - its text always arrives, and with it the texts of its sources when it is an
///   [`Error`](std::error::Error), a boxed one, or one of `anyhow` or `eyre`;
/// - `e` itself comes back with [`downcast`](crate::RemoteError::downcast) when it is `Serialize`
///   and `Deserialize`;
/// - if it came from another actor, or one of its sources did, that remote error is relayed with
///   its origin.
///
/// ```
/// #[derive(Debug, serde::Serialize, serde::Deserialize)]
/// struct OutOfStock {
///     left: u32,
/// }
///
/// impl std::fmt::Display for OutOfStock {
///     fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
///         write!(f, "only {} left", self.left)
///     }
/// }
///
/// #[tractor::rpc]
/// async fn take(count: u32) -> Result<u32, OutOfStock> {
///     let left = 3;
///     if count > left { Err(OutOfStock { left }) } else { Ok(left - count) }
/// }
///
/// fn explain(error: tractor::Error) -> String {
///     match error {
///         tractor::Error::Remote(remote) => match remote.downcast::<OutOfStock>() {
///             Ok(OutOfStock { left }) => format!("take {left} instead"),
///             Err(remote) => remote.to_string(),
///         },
///         other => other.to_string(),
///     }
/// }
/// # let _ = (take(1), explain);
/// ```
///
/// # Attributes
///
/// Doc comments, `#[deprecated]` and `#[must_use]` go to the function that builds the call,
/// `#[cfg]` to everything, lint attributes to wherever their lint could be, and all others to the
/// body.
///
/// # Settings
///
/// - `crate = path`: where to find this crate, when it is not `::tractor`:
///   `#[actors::rpc(crate = actors)]`.
pub use tractor_macros::rpc;

/// Makes a function one side of a context: a dialog with whoever opens it in another process.
///
/// ```
/// use tractor::{Context, Result};
///
/// /// Starts with a greeting, then adds what it receives and sends each sum.
/// #[tractor::context]
/// async fn adder(ctx: Context<String, u64, u64>, start: u64) -> Result<u64> {
///     let ctx = ctx.started(format!("adding to {start}")).await?;
///     let mut stream = ctx.open_stream();
///     let mut sum = start;
///     while let Some(n) = stream.try_next().await? {
///         sum += n;
///         stream.send(sum).await?;
///     }
///     Ok(sum)
/// }
///
/// #[tractor::main]
/// async fn main() -> Result<()> {
///     tractor::cluster! { modules: [self], count: 1 }
///         .scope(async |workers| {
///             workers["worker_0"]
///                 .open_context(adder(10))
///                 .scope(async |ctx, greeting| {
///                     assert_eq!(greeting, "adding to 10");
///                     let mut stream = ctx.open_stream();
///                     stream.send(1).await?;
///                     assert_eq!(stream.try_next().await?, Some(11));
///                     stream.close().await?;
///                     assert_eq!(ctx.result().await?, 11);
///                     Ok(())
///                 })
///                 .await
///         })
///         .await
/// }
/// ```
///
/// The first parameter is a [`Context<First, Tx, Rx>`](crate::Context): what the function starts with,
/// what it sends, what it receives. It is made where the function runs, and the opener gets the mirror
/// image. So a call, `adder(10)`, has the other arguments only; it is a
/// [`ContextCall`](crate::ContextCall), which [`Portal::open_context`](crate::Portal::open_context)
/// opens.
///
/// All else is as of [`#[rpc]`](macro@crate::rpc): what is left in the place of the function, what its
/// arguments and its result may be, what becomes of its errors, and the settings. It has to be `async`.
pub use tractor_macros::context;

/// Lists the modules whose functions an actor answers: its allowlist.
///
/// The value is a [`Modules<A>`](crate::Modules), where `A` is the same list as a type: a portal
/// to the actor takes calls of functions in these modules, and a call of any other does not
/// compile. The actor checks every call again.
///
/// ```
/// mod workers {
///     pub mod math {
///         #[tractor::rpc]
///         pub async fn double(n: u64) -> u64 {
///             n * 2
///         }
///     }
/// }
///
/// # fn main() {
/// let modules = tractor::modules![self, workers::math];
/// assert_eq!(format!("{modules:?}"), r#"["self", "workers::math"]"#);
/// # }
/// ```
///
/// # What can be listed
///
/// | written | means |
/// |---|---|
/// | `self`, `super::a`, `crate::a` | what it does in a `use` |
/// | `a::b` | a module below this one, or one of the crate `a` |
/// | `::a::b` | a module of the crate `a` |
/// | `module_of(a::f)` | the module in which the function `a::f` is written |
///
/// A module is listed by the path where it is *defined*, and stands for the functions written in
/// it, not for those in modules below it. For a re-exported module or a renamed crate, write
/// `module_of(path::to::function)` with any path of any of its functions.
///
/// A module that does not exist, or that is listed twice, is a compile error. One that has no
/// function is an error when the actor starts, which names the modules that have some.
///
/// # Settings
///
/// - `crate = path;`, in front: where to find this crate, when it is not `::tractor`:
///   `actors::modules![crate = actors; self]`.
pub use tractor_macros::modules;

/// Describes a flat fleet of actors.
///
/// ```no_run
/// #[tractor::rpc]
/// async fn is_prime(n: u64) -> bool {
///     n > 1 && (2..n).all(|d| n % d != 0)
/// }
///
/// #[tractor::main]
/// async fn main() -> tractor::Result<()> {
///     tractor::cluster! { modules: [self], count: 4 }
///         .scope(async |workers| {
///             for (name, portal) in &workers {
///                 println!("{name}: {}", portal.run(is_prime(7)).await?);
///             }
///             Ok(())
///         })
///         .await
/// }
/// ```
///
/// It expands to a [`ClusterBuilder`](crate::ClusterBuilder) with every key as a call of its
/// method of that name; nothing runs before [`scope`](crate::ClusterBuilder::scope).
///
/// | key | type | default | |
/// |---|---|---|---|
/// | `modules` | a list as for [`modules!`](crate::modules) | required | what the workers answer |
/// | `count` | `usize` | as many as there are cores | how many workers |
/// | `names` | a list, or anything that iterates over strings | `worker_0`, .. | their names |
/// | `hard_kill` | `bool` | `false` | end them without asking first |
/// | `restart` | `Never`, `OneForOne`, `OneForAll`, `RestForOne`, or a [`Restart`](crate::Restart) | `Never` | what happens when a worker dies |
/// | `restart_type` | a [`RestartType`](crate::RestartType) | `Permanent` | which ends of a worker are answered by a restart |
/// | `max_restarts`, `restart_window`, `restart_backoff` | as of the methods of [`NurseryBuilder`](crate::NurseryBuilder) | 3 in 5 s, 10 ms to 1 s | how often, and how soon |
/// | `log_level`, `log_to`, `worker_threads`, `env`, `cancel_timeout`, `kill_timeout`, `max_in_flight`, `max_frame`, `stream_window`, `transport`, `debug_mode`, `debug_hold`, `debug_ignore` | as of the methods of [`Config`](crate::Config); `env` is a list of pairs | the spawner's | the workers' settings |
/// | `crate` | a path | `::tractor` | where to find this crate |
///
/// What the kernel gives to the workers, such as a directory, is said by methods:
/// [`cwd`](crate::ClusterBuilder::cwd), [`stdout`](crate::ClusterBuilder::stdout),
/// [`process_group`](crate::ClusterBuilder::process_group).
///
/// With `names` alone there are as many workers as names. Where `count` and `names` are written as
/// literals, a mistake in them is a compile error; elsewhere it is
/// [`Error::Config`](crate::Error::Config) when the scope opens.
pub use tractor_macros::cluster;

/// Makes the process the root of a tree of actors.
///
/// ```no_run
/// #[tractor::main(name = "root", log_level = "info")]
/// async fn main() -> tractor::Result<()> {
///     println!("this is {}", tractor::current_actor().aid());
///     Ok(())
/// }
/// ```
///
/// Children re-execute this program, and come to the same `main`. In them the body does not run:
/// they serve their parent instead, and exit. Programs that have to do something before, for
/// example parse their arguments, call [`run`](crate::run) instead.
///
/// The body may return nothing, an [`ExitCode`](std::process::ExitCode), or any `Result<T, E>` with
/// `E: From<tractor::Error> + Debug`.
///
/// # Settings
///
/// `name`, `inspect`, `log_level`, `log_to`, `worker_threads`, `env`, `cancel_timeout`, `kill_timeout`,
/// `max_in_flight`, `max_frame`, `stream_window`, `transport`, `debug_mode`, `debug_hold` and `debug_ignore`, each
/// an expression for the method of [`Config`](crate::Config) of that name (`env` is a list of pairs); and
/// `crate = path`, where to find this crate, when it is not `::tractor`.
pub use tractor_macros::main;

/// Runs a test as the root of a tree of actors.
///
/// ```
/// #[tractor::rpc]
/// async fn double(n: u64) -> u64 {
///     n * 2
/// }
///
/// # #[cfg(test)]
/// #[tractor::test]
/// async fn doubles() -> tractor::Result<()> {
///     tractor::cluster! { modules: [self], count: 1 }
///         .scope(async |workers| {
///             for (_, portal) in &workers {
///                 assert_eq!(portal.run(double(21)).await?, 42);
///             }
///             Ok(())
///         })
///         .await
/// }
/// ```
///
/// It is a `#[test]` like any other, for `cargo test` and nextest, with `#[should_panic]`,
/// `#[ignore]` and the rest. Its children are the test binary, told to run exactly this test; what
/// the test harness prints in them does not reach the terminal.
///
/// The settings are those of [`#[main]`](macro@crate::main), without `inspect`.
pub use tractor_macros::test;
