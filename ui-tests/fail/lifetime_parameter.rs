use std::borrow::Cow;

#[tractor::rpc]
async fn shout<'a>(text: Cow<'a, str>) -> Cow<'a, str> {
    text
}

#[tractor::rpc]
async fn whisper(text: Cow<'_, str>) {}

#[tractor::main]
async fn main() {}
