//! Stand-ins for what the layers above will provide. (To be replaced.)

#![allow(missing_docs, clippy::missing_errors_doc, clippy::unused_async)]

use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::rpc::allowlist::Admits;
use crate::rpc::{IntoCall, Modules, Rpc};
use crate::{Config, Error, Result};

#[derive(Debug)]
pub struct Portal<A>(PhantomData<A>);

pub struct Running<F: Rpc>(PhantomData<fn() -> F>);

impl<F: Rpc> Future for Running<F> {
    type Output = Result<F::Output>;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        Poll::Pending
    }
}

impl<A> Portal<A> {
    pub fn run<C, F, I>(&self, call: C) -> Running<F>
    where
        C: IntoCall<F>,
        F: Rpc,
        A: Admits<C, F, I>,
    {
        let _ = call.into_call();
        Running(PhantomData)
    }
}

#[must_use]
pub struct ClusterBuilder<A> {
    pub modules: Modules<A>,
    pub count: Option<usize>,
    pub names: Vec<String>,
    pub hard_kill: bool,
    pub config: Config,
}

pub fn cluster<A>(modules: Modules<A>) -> ClusterBuilder<A> {
    ClusterBuilder {
        modules,
        count: None,
        names: Vec::new(),
        hard_kill: false,
        config: Config::new(),
    }
}

impl<A> ClusterBuilder<A> {
    pub fn count(mut self, count: usize) -> Self {
        self.count = Some(count);
        self
    }

    pub fn names(mut self, names: impl IntoIterator<Item: Into<String>>) -> Self {
        self.names = names.into_iter().map(Into::into).collect();
        self
    }

    pub fn hard_kill_if(mut self, hard_kill: bool) -> Self {
        self.hard_kill = hard_kill;
        self
    }

    pub fn config(mut self, config: Config) -> Self {
        self.config = config;
        self
    }

    pub async fn scope<T, E: From<Error>>(
        self,
        body: impl AsyncFnOnce(Cluster<A>) -> Result<T, E>,
    ) -> Result<T, E> {
        body(Cluster(Vec::new())).await
    }
}

pub struct Cluster<A>(Vec<(String, Portal<A>)>);

impl<'c, A> IntoIterator for &'c Cluster<A> {
    type Item = (&'c str, &'c Portal<A>);
    type IntoIter = std::vec::IntoIter<(&'c str, &'c Portal<A>)>;

    fn into_iter(self) -> Self::IntoIter {
        let portals = self.0.iter().map(|(name, portal)| (name.as_str(), portal));
        portals.collect::<Vec<_>>().into_iter()
    }
}

pub fn main<R>(config: Config, body: impl AsyncFnOnce() -> R) -> R {
    test(config, "", body)
}

pub fn test<R>(_: Config, _: &'static str, body: impl AsyncFnOnce() -> R) -> R {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime can be built").block_on(body())
}
