mod outer {
    use futures_util::StreamExt;

    mod inner {
        use futures_util::{Stream, stream};

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

        type Dialog = tractor::Context<Job, Job, Job>;

        #[tractor::context]
        async fn dialog(ctx: Dialog, job: Job) -> Job {
            drop(ctx);
            job
        }

        #[tractor::rpc]
        pub(super) fn jobs() -> impl Stream<Item = Job> {
            drop(dialog(Job(1)));
            stream::iter([Job(1), Job(2)])
        }

        pub(super) async fn both() -> u64 {
            private(Job(2)).await.0
        }
    }

    pub async fn all() -> u64 {
        let _ = tractor::modules![inner];
        let jobs = inner::jobs().map(|job| job.0).collect::<Vec<_>>().await;
        assert_eq!(jobs, [1, 2]);
        inner::run(inner::Job(1)).await + inner::both().await
    }
}

#[tractor::main]
async fn main() {
    assert_eq!(outer::all().await, 3);
}
