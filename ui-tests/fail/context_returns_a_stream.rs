use futures_util::{Stream, stream};
use tractor::Context;

#[tractor::context]
async fn trainer(ctx: Context<(), u64, u64>) -> impl Stream<Item = u64> {
    drop(ctx);
    stream::empty()
}

fn main() {
    let _ = trainer();
}
