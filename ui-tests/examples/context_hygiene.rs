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

/// A stream that begins later, and whose items can be errors.
#[::tractor::rpc]
pub async fn words(
    text: ::std::string::String,
) -> impl ::futures_util::Stream<Item = ::std::result::Result<u64, ::std::string::String>> {
    ::futures_util::stream::iter([::std::result::Result::Err(text)])
}

#[::tractor::main]
async fn main() {
    let _ = (echo(7), ticks(5), words(::std::string::String::new()));
    let _ = ::tractor::modules![self];
}
