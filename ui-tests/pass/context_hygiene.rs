#![no_implicit_prelude]
#![forbid(unsafe_code)]
#![deny(missing_docs, warnings)]
//! Contexts and streams in a crate that allows itself nothing.

/// A dialog.
#[::tractor::context]
pub async fn echo(
    ctx: ::tractor::Context<(), u64, u64>,
    r#loop: u64,
) -> ::std::result::Result<u64, ::tractor::Error> {
    let mut stream = ctx.started(()).await?.open_stream();
    while let ::std::option::Option::Some(item) = stream.try_next().await? {
        stream.send(item + r#loop).await?;
    }
    ::std::result::Result::Ok(r#loop)
}

/// A stream.
#[::tractor::rpc]
pub fn ticks(count: u64) -> impl ::futures_util::Stream<Item = u64> {
    ::futures_util::stream::iter(0..count)
}

#[::tractor::main]
async fn main() {
    let _ = (echo(7), ticks(5));
    let _ = ::tractor::modules![self];
}
