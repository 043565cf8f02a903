//! Streams of items between two actors, in one direction or in both.
//!
//! ```text
//!   opener                        link                        callee
//!   ContextStream<Tx, Rx> ── Yield, Yield, Stop ──▶ ContextStream<Rx, Tx>
//!                         ◀── Yield, Part, Yield ──
//!                         ◀──────── Credit ────────  as items are read
//! ```
//!
//! A stream belongs to a call and ends with it. Items are encoded on the sending task and decoded on
//! the reading one; what is under way between the two is bounded by credit (B1), stream by stream,
//! so that no stream holds up another or a call.

mod duplex;
mod from;
mod function;
mod items;
mod overrun;
mod receiver;
mod sender;
mod subscription;

pub use self::duplex::ContextStream;
pub use self::from::StreamFrom;
pub use self::function::{IntoStreamCall, StreamCall, StreamFn, flatten, pump, settle_pump};
pub use self::overrun::Overrun;
pub use self::receiver::ReceiveHalf;
pub use self::sender::SendHalf;
pub use self::subscription::Subscription;
