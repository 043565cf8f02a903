mod outer {
    mod inner {
        #[derive(serde::Serialize, serde::Deserialize)]
        pub(super) struct Job(pub(super) u64);

        #[tractor::rpc]
        pub(super) async fn run(job: Job) -> u64 {
            job.0
        }

        #[tractor::rpc]
        async fn private(job: Job) -> Job {
            job
        }

        pub(super) async fn both() -> u64 {
            private(Job(2)).await.0
        }
    }

    pub async fn all() -> u64 {
        let _ = tractor::modules![inner];
        inner::run(inner::Job(1)).await + inner::both().await
    }
}

#[tractor::main]
async fn main() {
    assert_eq!(outer::all().await, 3);
}
