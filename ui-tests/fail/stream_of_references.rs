use futures_util::{Stream, stream};

#[tractor::rpc]
fn words() -> impl Stream<Item = &'static str> {
    stream::iter(["a", "b"])
}

fn main() {
    let _ = words();
}
