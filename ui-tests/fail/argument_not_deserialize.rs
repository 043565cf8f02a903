#![allow(unused)]
#[derive(serde::Serialize)]
struct Job;

#[tractor::rpc]
async fn run(job: Job) {}

#[tractor::main]
async fn main() {
    run(Job).await;
}
