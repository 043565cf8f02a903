//! A tree whose processes print the spans of their handlers: `traced WHAT`.
//!
//! A child runs what stands before `run`, too, and so has the same subscriber: unless it is told to be silent.

#![forbid(unsafe_code)]

use std::collections::BTreeMap;
use std::fmt;
use std::future::pending;

use futures_util::stream::{self, Stream};
use futures_util::{StreamExt, TryStreamExt};
use tests::actor::begin;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber, info};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context as Inside, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;
use tractor::{Config, Context, Error, Result, current_actor, modules};

/// Prints spans of handlers when they close, and events with the function that they are in.
struct Print;

/// What is recorded of a span or an event.
#[derive(Default)]
struct Fields(BTreeMap<&'static str, String>);

impl Fields {
    fn of(&self, name: &str) -> &str {
        self.0.get(name).map_or("-", String::as_str)
    }
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Print {
    fn enabled(&self, metadata: &Metadata<'_>, _: Inside<'_, S>) -> bool {
        ["tractor::rpc", "traced"].contains(&metadata.target())
    }

    fn on_new_span(&self, span: &Attributes<'_>, id: &Id, inside: Inside<'_, S>) {
        let mut fields = Fields::default();
        span.record(&mut fields);
        let span = inside.span(id).expect("it is new");
        span.extensions_mut().insert(fields);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, inside: Inside<'_, S>) {
        let span = inside.span(id).expect("it is open");
        if let Some(fields) = span.extensions_mut().get_mut::<Fields>() {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, inside: Inside<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let span = inside.event_span(event);
        let function = span.as_ref().map_or("-".to_owned(), |span| {
            let extensions = span.extensions();
            let fields = extensions.get::<Fields>();
            fields
                .map_or("-", |fields| fields.of("function"))
                .to_owned()
        });
        println!("event {function} {}", fields.of("message"));
    }

    fn on_close(&self, id: Id, inside: Inside<'_, S>) {
        let span = inside.span(&id).expect("it is being closed");
        let extensions = span.extensions();
        let Some(fields) = extensions.get::<Fields>() else {
            return;
        };
        let known = [
            "function",
            "trace_id",
            "span_id",
            "parent_id",
            "cancelled_by",
            "error",
        ];
        let known = known.map(|name| fields.of(name)).join(" ");
        println!("span {} {known}", current_actor().aid().path());
    }
}

/// Calls through the actors of these names, each of which is started by the one before.
#[tractor::rpc]
async fn descend(names: Vec<String>) -> Result<()> {
    info!("descends");
    let Some((name, names)) = names.split_first() else {
        return Ok(());
    };
    let silent = if name == "silent" { "1" } else { "" };
    tractor::nursery()
        .scope(async |an| {
            let next = an.actor(name).modules(modules![self]).env("SILENT", silent);
            let next = next.start().await?;
            next.run(descend(names.to_vec())).await?;
            next.cancel_actor().await
        })
        .await
}

#[tractor::rpc]
fn compute() {
    info!("computes");
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
async fn panics() {
    panic!("it panics");
}

#[tractor::rpc]
async fn nap() {
    struct Guard;

    impl Drop for Guard {
        fn drop(&mut self) {
            info!("is dropped");
        }
    }

    let _guard = Guard;
    pending::<()>().await;
}

#[tractor::rpc]
fn ticks() -> impl Stream<Item = u64> {
    stream::iter(0..1).inspect(|_| info!("yields"))
}

#[tractor::context]
async fn talk(ctx: Context<(), u64, ()>) -> Result<()> {
    let mut stream = ctx.started(()).await?.open_stream();
    info!("talks");
    stream.send(1).await
}

/// A call of every kind, of one actor.
async fn every_kind() -> Result<()> {
    tractor::nursery()
        .scope(async |an| {
            let a = an.start_actor("a", modules![self]).await?;
            a.run(compute).await?;
            a.run(delegate).await?;
            let failed = a.run(fail).await;
            let panicked = a.run(panics).await;
            println!("{} {}", failed.is_err(), panicked.is_err());
            let yielded: Vec<_> = a.open_stream_from(ticks).try_collect().await?;
            a.open_context(talk)
                .scope(async |ctx, ()| {
                    println!("{yielded:?} {:?}", ctx.open_stream().next().await);
                    Ok::<_, Error>(())
                })
                .await?;
            let mut nap = a.run(nap);
            begin(&mut nap).await;
            // What comes behind a call on its link is handled after it.
            a.run(compute).await?;
            drop(nap);
            a.cancel_actor().await
        })
        .await
}

fn main() -> Result<()> {
    if std::env::var_os("SILENT").is_none_or(|silent| silent.is_empty()) {
        tracing_subscriber::registry().with(Print).init();
    }
    let args: Vec<_> = std::env::args().skip(1).collect();
    tractor::run(Config::new(), async || match &*args {
        [what] if what == "every-kind" => every_kind().await,
        names => descend(names.to_vec()).await,
    })
}
