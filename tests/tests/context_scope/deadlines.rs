//! Deadlines of contexts.

use std::future::pending;
use std::time::Duration;

use tests::HOUR;
use tests::actor::{assert_nobody_left, done, failure, fresh_name, within};
use tractor::{Context, Error, Result, current_call};

use crate::functions::endless;

#[tractor::test(name = fresh_name())]
async fn deadline_cuts_the_stream_and_says_so() -> Result<()> {
    tractor::cluster! { modules: [crate::functions, tests::stage], count: 1 }
        .scope(async |workers| {
            let context = workers["worker_0"].open_context(endless);
            let mut read = None;
            let scope = context
                .timeout(Duration::from_millis(50))
                .scope(async |ctx, _| {
                    read = ctx.open_stream().next().await;
                    pending::<()>().await;
                    done()
                });
            let error = failure(within("the deadline", scope).await);
            assert!(matches!(error, Error::DeadlineExceeded(_)), "{error}");
            let Some(Err(Error::DeadlineExceeded(read))) = read else {
                panic!("{read:?}");
            };
            assert!(read.function().ends_with("endless"), "{read}");
            done()
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}

#[tractor::test(name = fresh_name())]
async fn deadline_travels_with_a_context() -> Result<()> {
    #[tractor::context]
    async fn left(ctx: Context<bool, (), ()>) -> Result<()> {
        let call = current_call().expect("it answers a call");
        ctx.started(call.deadline().is_some()).await?;
        Ok(())
    }

    tractor::cluster! { modules: [self, tests::stage], count: 1 }
        .scope(async |workers| {
            let portal = &workers["worker_0"].dynamic();
            let context = || portal.open_context(left);
            let told = async |_, told: bool| Result::<_, Error>::Ok(told);
            assert!(!within("none", context().scope(told)).await?);
            assert!(within("an hour", context().timeout(HOUR).scope(told)).await?);
            let soon = std::time::Instant::now() + HOUR;
            assert!(within("an hour", context().deadline(soon).scope(told)).await?);
            done()
        })
        .await?;
    assert_nobody_left().await;
    Ok(())
}
