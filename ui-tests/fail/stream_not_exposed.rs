mod closed {
    #[tractor::rpc]
    pub fn secret() -> impl futures_util::Stream<Item = u64> {
        futures_util::stream::empty()
    }
}

#[tractor::main]
async fn main() -> tractor::Result<()> {
    let cluster = tractor::cluster! { modules: [::dependency] };
    cluster.scope(async |workers| {
        drop(workers["worker_0"].open_stream_from(closed::secret));
        Ok(())
    }).await
}
