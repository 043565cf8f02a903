//! Generated code gives no warning that the user did not earn.
#![deny(
    warnings,
    unused,
    future_incompatible,
    let_underscore,
    nonstandard_style
)]
#![deny(rust_2018_idioms, rust_2021_compatibility, rust_2024_compatibility)]
#![deny(
    missing_debug_implementations,
    missing_copy_implementations,
    missing_docs
)]
#![deny(
    unreachable_pub,
    unused_qualifications,
    unused_results,
    unused_lifetimes
)]
#![deny(
    trivial_casts,
    trivial_numeric_casts,
    single_use_lifetimes,
    variant_size_differences
)]
#![deny(
    unit_bindings,
    redundant_imports,
    redundant_lifetimes,
    unused_import_braces
)]
#![deny(
    unused_macro_rules,
    meta_variable_misuse,
    explicit_outlives_requirements
)]

mod workers {
    use futures_util::{Stream, stream};
    use tractor::{Context, Result};

    #[tractor::rpc]
    pub(crate) async fn double(n: u64) -> Result<u64, String> {
        n.checked_mul(2).ok_or_else(|| "too large".to_owned())
    }

    #[tractor::rpc]
    pub(crate) fn nobody_calls_it() {}

    #[tractor::context]
    pub(crate) async fn echo(ctx: Context<(), u64, u64>) -> Result<u64> {
        let mut stream = ctx.started(()).await?.open_stream();
        while let Some(item) = stream.try_next().await? {
            stream.send(item).await?;
        }
        Ok(7)
    }

    #[tractor::context]
    async fn nobody_opens_it(ctx: Context<String, (), ()>) {
        drop(ctx);
    }

    #[tractor::rpc]
    pub(crate) fn ticks(count: u64) -> impl Stream<Item = u64> {
        stream::iter(0..count)
    }

    #[tractor::rpc]
    async fn nobody_reads_it() -> impl Stream<Item = Result<u64>> {
        stream::empty()
    }
}

#[tractor::main]
async fn main() {
    assert_eq!(workers::double(21).await, Ok(42));
    drop((workers::echo(), workers::ticks(5)));
    let _ = tractor::modules![self::workers, empty];
    drop(tractor::cluster! { modules: [workers], count: 2, hard_kill: true });
}

mod empty {}
