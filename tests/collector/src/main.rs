//! A tree whose traces go to the collector at an address: `collector ADDRESS WHAT`.

#![forbid(unsafe_code)]

mod client;

use std::error::Error;

use client::Client;
use futures_util::stream::{self, Stream};
use futures_util::{StreamExt, TryStreamExt};
use nix::sys::signal::Signal;
use opentelemetry_otlp::{SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use tests::actor::signal;
use tracing::{Instrument, info, info_span};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tractor::opentelemetry::{Exporting, export, layer};
use tractor::{Config, Context, Result, modules};

/// Calls through the actors of these names, each of which is started by the one before.
#[tractor::rpc]
async fn descend(names: Vec<String>) -> Result<()> {
    let [name, names @ ..] = &names[..] else {
        return Ok(());
    };
    // A span of the user's own, between that of this handler and that of the next.
    let step = info_span!("step", to = %name);
    tractor::nursery()
        .scope(async |an| {
            let next = an.start_actor(name, modules![self]).await?;
            next.run(descend(names.to_vec())).await?;
            next.cancel_actor().await
        })
        .instrument(step)
        .await
}

#[tractor::rpc]
fn compute() {
    info_span!("computing").in_scope(|| info!("computes"));
}

#[tractor::rpc]
async fn delegate() -> Result<()> {
    tractor::nursery()
        .scope(async |an| an.run_in_actor(compute()).await?.result().await)
        .await
}

#[tractor::rpc]
async fn fail() -> Result<(), String> {
    Err("it fails".to_owned())
}

#[tractor::rpc]
fn ticks() -> impl Stream<Item = u64> {
    stream::iter(0..1).inspect(|_| info_span!("yielding").in_scope(|| {}))
}

#[tractor::context]
async fn talk(ctx: Context<(), u64, ()>) -> Result<()> {
    let mut stream = ctx.started(()).await?.open_stream();
    stream.send(1).instrument(info_span!("talking")).await
}

fn names<const N: usize>(names: [&str; N]) -> Vec<String> {
    names.map(str::to_owned).into()
}

/// A call of every kind, of one actor.
async fn every_kind() -> Result<()> {
    tractor::nursery()
        .scope(async |an| {
            let a = an.start_actor("a", modules![self]).await?;
            a.run(compute).await?;
            a.run(delegate).await?;
            println!("failed {}", a.run(fail).await.is_err());
            let yielded: Vec<_> = a.open_stream_from(ticks).try_collect().await?;
            a.open_context(talk)
                .scope(async |ctx, ()| {
                    println!("{yielded:?} {:?}", ctx.open_stream().next().await);
                    Ok::<_, tractor::Error>(())
                })
                .await?;
            a.cancel_actor().await
        })
        .await
}

/// Opens so many spans, one after the other.
#[tractor::rpc]
async fn burst(spans: u64) {
    for n in 0..spans {
        info_span!("one", n).in_scope(|| {});
    }
}

/// More spans at once than a queue for one process has room for.
async fn many() -> Result<()> {
    tractor::nursery()
        .scope(async |an| an.run_in_actor(burst(MANY)).await?.result().await)
        .await
}

/// See [`many`].
const MANY: u64 = 5000;

/// An actor that is killed after its call.
async fn killed() -> Result<()> {
    tractor::nursery()
        .scope(async |an| {
            let a = an.start_actor("a", modules![self]).await?;
            a.run(compute).await?;
            signal(a.aid(), Signal::SIGKILL);
            Ok(())
        })
        .await
}

/// Two jobs at the same time.
async fn two() -> Result<()> {
    let job = |n: u64, path| descend(path).into_future().instrument(info_span!("job", n));
    let jobs = tokio::join!(job(1, names(["a", "b"])), job(2, names(["c", "d"])));
    jobs.0.and(jobs.1)
}

/// Exports from an actor that is no root.
#[tractor::rpc]
async fn export_there(address: String) -> Result<(), String> {
    start(&address, "info")
        .map(drop)
        .map_err(|error| error.to_string())
}

/// What is refused beside an export.
async fn refused(address: &str) -> Result<()> {
    println!(
        "twice {}",
        start(address, "info").expect_err("it exports already")
    );
    tractor::nursery()
        .scope(async |an| {
            let a = an.start_actor("a", modules![self]).await?;
            let there = a.run(export_there(address.to_owned())).await;
            println!("child {}", there.expect_err("it is no root"));
            a.cancel_actor().await
        })
        .await
}

async fn work(what: &str, address: &str) -> Result<()> {
    match what {
        "every-kind" => every_kind().instrument(info_span!("job")).await,
        "killed" => killed().instrument(info_span!("job")).await,
        "many" => many().await,
        "refused" => refused(address).await,
        "two" => two().await,
        _ => {
            let job = descend(names(["a", "b", "c"])).into_future();
            job.instrument(info_span!("job")).await
        }
    }
}

fn start(address: &str, filter: &str) -> Result<Exporting, Box<dyn Error>> {
    let exporter = SpanExporter::builder()
        .with_http()
        .with_http_client(Client)
        .with_endpoint(format!("http://{address}/v1/traces"))
        .build()?;
    let resource = Resource::builder().with_service_name("collected").build();
    Ok(export(exporter).resource(resource).filter(filter).start()?)
}

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<_> = std::env::args().skip(1).collect();
    let [address, what] = &args[..] else {
        return Err("collector ADDRESS WHAT".into());
    };
    // In every actor, as it stands before `run`.
    match what.as_str() {
        "own-subscriber" => tracing_subscriber::registry().with(layer()).init(),
        "other-subscriber" => tracing_subscriber::registry().init(),
        _ => {}
    }
    tractor::run(Config::new(), async || {
        if what == "refused" {
            println!(
                "filter {}",
                start(address, "loud=very").expect_err("it is none")
            );
        }
        let exporting = start(address, "info")?;
        match work(what, address).await {
            Ok(()) => exporting.finish().await?,
            // What has failed drops what it has.
            Err(error) => println!("failed {error}"),
        }
        Ok(())
    })
}
