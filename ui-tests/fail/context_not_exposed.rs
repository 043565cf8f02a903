mod closed {
    use tractor::{Context, Result};

    #[tractor::context]
    pub async fn secret(ctx: Context<(), u64, u64>) -> Result<()> {
        ctx.started(()).await?.open_stream().send(1).await
    }
}

#[tractor::main]
async fn main() -> tractor::Result<()> {
    let cluster = tractor::cluster! { modules: [::dependency] };
    cluster.scope(async |workers| {
        workers["worker_0"].open_context(closed::secret).scope(async |_ctx, ()| Ok(())).await
    }).await
}
