//! What the contestants have to do.

mod call;
mod idle;
mod life;
mod payload;
mod plan;
mod stream;

use anyhow::Result;

pub(crate) use plan::Plan;

use crate::peer::Peer;
use crate::sample::Sample;

const KIB: usize = 1 << 10;
const MIB: usize = 1 << 20;

/// One line of the competition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Workload {
    /// Calls of which each waits for the answer to the last.
    Sequential,
    /// As many calls at a time, to one server.
    InFlight(usize),
    /// Calls to as many servers, sixteen at a time to each.
    Workers(usize),
    /// Calls with an argument of as many bytes.
    Bytes(usize),
    /// Calls with a list of structs which fills as many bytes of memory.
    Rows(usize),
    /// One stream of `u64`.
    Numbers,
    /// One stream of items of 1 KiB.
    Items,
    /// A thousand streams of `u64` at once.
    ManyStreams,
    /// Start as many processes, hear from each, and end them.
    Life(usize),
    /// Have sixteen processes do nothing.
    Idle,
}

/// Workloads that a contestant can do all, or none, of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Group {
    Sequential,
    InFlight,
    Workers,
    Bytes,
    Rows,
    Numbers,
    Items,
    ManyStreams,
    Life,
    Idle,
}

impl Workload {
    /// All of them, in the order of the report.
    pub(crate) fn all() -> Vec<Self> {
        const SIZES: [usize; 5] = [16, KIB, 64 * KIB, MIB, 64 * MIB];
        let mut all = vec![Self::Sequential];
        all.extend([1, 8, 64, 1024].map(Self::InFlight));
        all.extend([2, 4, 8].map(Self::Workers));
        all.extend(SIZES.map(Self::Bytes));
        all.extend(SIZES.map(Self::Rows));
        all.extend([Self::Numbers, Self::Items, Self::ManyStreams]);
        all.extend([1, 4, 16, 64].map(Self::Life));
        all.push(Self::Idle);
        all
    }

    /// The one of this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::all()
            .into_iter()
            .find(|workload| workload.name() == name)
    }

    /// What the command line calls it.
    pub(crate) fn name(self) -> String {
        match self {
            Self::Sequential => "sequential".into(),
            Self::InFlight(calls) => format!("in-flight-{calls}"),
            Self::Workers(count) => format!("workers-{count}"),
            Self::Bytes(size) => format!("bytes-{}", compact(size)),
            Self::Rows(size) => format!("rows-{}", compact(size)),
            Self::Numbers => "stream-u64".into(),
            Self::Items => "stream-1KiB".into(),
            Self::ManyStreams => "streams-1000".into(),
            Self::Life(count) => format!("spawn-{count}"),
            Self::Idle => "idle-16".into(),
        }
    }

    /// What the report calls it.
    pub(crate) fn title(self) -> String {
        match self {
            Self::Sequential => "sequential call".into(),
            Self::InFlight(calls) => format!("{calls} in flight, of a call"),
            Self::Workers(count) => format!("{count} workers, 16 in flight to each, of a call"),
            Self::Bytes(size) => format!("call with {} of `Bytes`", compact(size)),
            Self::Rows(size) => format!("call with a `Vec<Struct>` of {}", compact(size)),
            Self::Numbers => "stream of `u64`, of an item".into(),
            Self::Items => "stream of 1 KiB, of an item".into(),
            Self::ManyStreams => "1,000 streams of `u64` at once, of an item".into(),
            Self::Life(1) => "1 process".into(),
            Self::Life(count) => format!("{count} processes"),
            Self::Idle => "16 idle processes, of one".into(),
        }
    }

    /// What it belongs to.
    pub(crate) fn group(self) -> Group {
        match self {
            Self::Sequential => Group::Sequential,
            Self::InFlight(_) => Group::InFlight,
            Self::Workers(_) => Group::Workers,
            Self::Bytes(_) => Group::Bytes,
            Self::Rows(_) => Group::Rows,
            Self::Numbers => Group::Numbers,
            Self::Items => Group::Items,
            Self::ManyStreams => Group::ManyStreams,
            Self::Life(_) => Group::Life,
            Self::Idle => Group::Idle,
        }
    }

    /// The name of the contestant that the others are compared with.
    pub(crate) fn baseline(self) -> &'static str {
        match self.group() {
            Group::Sequential | Group::Bytes | Group::Items | Group::Idle => "tokio",
            Group::InFlight | Group::Workers => "tarpc",
            Group::Rows | Group::Numbers => "memory",
            Group::ManyStreams => "remoc",
            Group::Life => "no-op",
        }
    }

    /// Takes one sample of a contestant that talks to its servers as `P`.
    pub(crate) async fn sample<P: Peer>(self, plan: &Plan) -> Result<Sample> {
        match self {
            Self::Sequential => call::sequential::<P>(plan).await,
            Self::InFlight(calls) => call::in_flight::<P>(plan, 1, calls).await,
            Self::Workers(count) => call::in_flight::<P>(plan, count, 16).await,
            Self::Bytes(size) => payload::bytes::<P>(plan, size).await,
            Self::Rows(size) => payload::rows::<P>(plan, size).await,
            Self::Numbers => stream::numbers::<P>(plan).await,
            Self::Items => stream::items::<P>(plan).await,
            Self::ManyStreams => stream::many::<P>(plan).await,
            Self::Life(count) => life::sample::<P>(plan, count).await,
            Self::Idle => idle::sample::<P>(plan, 16).await,
        }
    }
}

fn compact(size: usize) -> String {
    match size {
        MIB.. => format!("{}MiB", size / MIB),
        KIB.. => format!("{}KiB", size / KIB),
        _ => format!("{size}B"),
    }
}
