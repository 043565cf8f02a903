#![allow(unused)]
struct Job;

#[tractor::rpc]
async fn run(id: u64, job: Job, name: String) {}

#[tractor::rpc]
async fn run_all(jobs: Vec<Job>) {}

#[tractor::main]
async fn main() {
    run(1, Job, String::new()).await;
}
