use tractor::{Context, Result};

struct Model;

impl Model {
    #[tractor::context]
    async fn train(&self, ctx: Context<(), u64, u64>) -> Result<()> {
        ctx.started(()).await?.open_stream().send(1).await
    }
}

fn main() {
    let _ = Model;
}
