#[tractor::rpc]
async fn run(job: Jop) -> Reprot {
    job.run()
}

#[tractor::main]
async fn main() {}
