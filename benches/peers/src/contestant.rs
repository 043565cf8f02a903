//! Who takes part.

use anyhow::{Context, Result, bail};

use crate::cores::{CORES, Side, pin};
use crate::floor::{blocking, memory, process, tokio};
use crate::peer::{ipc, remoc, server, tarpc, tonic, tractor};
use crate::sample::Sample;
use crate::workload::Group::{
    self, Bytes, Idle, InFlight, Items, Life, ManyStreams, Numbers, Rows, Sequential, Workers,
};
use crate::workload::{Plan, Workload};

/// One column of the competition.
pub(crate) struct Contestant {
    /// What the command line calls it.
    pub(crate) name: &'static str,
    /// What the report calls it.
    pub(crate) title: &'static str,
    /// How it is configured, for the report.
    pub(crate) how: &'static str,
    kind: Kind,
    /// The environment of its processes.
    pub(crate) environment: &'static [(&'static str, &'static str)],
    /// What it can do.
    groups: &'static [Group],
    /// How many cores it takes.
    cores: usize,
}

/// Which code a contestant runs; more than one may run the same.
#[derive(Clone, Copy)]
enum Kind {
    Tractor,
    Tarpc,
    Remoc,
    Tonic,
    IpcChannel,
    Blocking,
    Tokio,
    Memory,
    Process(&'static [&'static str]),
}

/// The two processes never share a core.
const APART: (&str, &str) = (CORES, "0,1");

/// The two processes always share a core.
const TOGETHER: (&str, &str) = (CORES, "0,0");

const CALLS: &[Group] = &[Sequential, InFlight, Workers, Bytes, Rows, Idle];

const CALLS_AND_STREAMS: &[Group] = &[
    Sequential,
    InFlight,
    Workers,
    Bytes,
    Rows,
    Numbers,
    Items,
    ManyStreams,
    Idle,
];

const EVERYTHING: &[Group] = &[
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
];

/// All of them, tractor first, then the floors, then the others.
pub(crate) const CONTESTANTS: &[Contestant] = &[
    Contestant {
        kind: Kind::Tractor,
        environment: &[("TRACTOR_TRANSPORT", "unix")],
        groups: EVERYTHING,
        ..Contestant::new(
            "tractor-unix",
            "tractor, Unix socket",
            "default settings; one thread in each process",
        )
    },
    Contestant {
        kind: Kind::Tractor,
        environment: &[("TRACTOR_TRANSPORT", "unix"), APART],
        groups: &[Sequential],
        cores: 2,
        ..Contestant::new(
            "tractor-unix-apart",
            "tractor, Unix socket, two cores",
            "pinned to cores 0 and 1",
        )
    },
    Contestant {
        kind: Kind::Tractor,
        environment: &[("TRACTOR_TRANSPORT", "unix"), TOGETHER],
        groups: &[Sequential],
        ..Contestant::new(
            "tractor-unix-together",
            "tractor, Unix socket, one core",
            "both pinned to core 0",
        )
    },
    Contestant {
        groups: &[Sequential, Bytes],
        ..Contestant::new("std", "bare socket, blocking", "`std`, 16 bytes to and fro")
    },
    Contestant {
        kind: Kind::Tokio,
        groups: &[Sequential, Bytes, Items, Life, Idle],
        ..Contestant::new(
            "tokio",
            "bare socket, tokio",
            "runtimes of one thread; 16 bytes to and fro; payloads are read into a buffer that is kept",
        )
    },
    Contestant {
        kind: Kind::Tokio,
        environment: &[APART],
        groups: &[Sequential, Bytes],
        cores: 2,
        ..Contestant::new(
            "tokio-apart",
            "bare socket, tokio, two cores",
            "pinned to cores 0 and 1",
        )
    },
    Contestant {
        kind: Kind::Tokio,
        environment: &[TOGETHER],
        groups: &[Sequential, Bytes],
        ..Contestant::new(
            "tokio-together",
            "bare socket, tokio, one core",
            "both pinned to core 0",
        )
    },
    Contestant {
        kind: Kind::Memory,
        groups: &[Rows, Numbers],
        ..Contestant::new(
            "memory",
            "postcard in memory",
            "encodes and decodes everything once, on one core, without a second process",
        )
    },
    Contestant {
        kind: Kind::Process(&["/proc/self/exe", "no-op"]),
        groups: &[Life],
        ..Contestant::new(
            "no-op",
            "no-op process, this program",
            "spawns this program, whose `main` returns at once, and waits; one time stands for beginning and end",
        )
    },
    Contestant {
        kind: Kind::Process(&["/bin/true"]),
        groups: &[Life],
        ..Contestant::new(
            "true",
            "no-op process, `/bin/true`",
            "the same with a program that has less to map and to link",
        )
    },
    Contestant {
        kind: Kind::Tarpc,
        groups: CALLS,
        ..Contestant::new(
            "tarpc",
            "tarpc",
            "Unix socket, bincode, runtimes of one thread; queues of 4,096 because its documentation says that short ones lower throughput; frames and calls in flight unlimited",
        )
    },
    Contestant {
        kind: Kind::Tarpc,
        environment: &[APART],
        groups: &[Sequential],
        cores: 2,
        ..Contestant::new("tarpc-apart", "tarpc, two cores", "pinned to cores 0 and 1")
    },
    Contestant {
        kind: Kind::Tarpc,
        environment: &[TOGETHER],
        groups: &[Sequential],
        ..Contestant::new("tarpc-together", "tarpc, one core", "both pinned to core 0")
    },
    Contestant {
        kind: Kind::Remoc,
        groups: CALLS_AND_STREAMS,
        ..Contestant::new(
            "remoc",
            "remoc",
            "Unix socket, postcard, runtimes of one thread; its default settings, which its documentation calls balanced, with queues of 1,024 requests and items; a remote trait, and channels for streams",
        )
    },
    Contestant {
        kind: Kind::Tonic,
        groups: CALLS_AND_STREAMS,
        ..Contestant::new(
            "tonic",
            "tonic",
            "gRPC over a Unix socket, protobuf by prost, runtimes of one thread; no TLS, no compression; windows of 1 MiB a stream and 16 MiB a connection, frames of 1 MiB",
        )
    },
    Contestant {
        kind: Kind::IpcChannel,
        groups: &[Sequential, Bytes, Rows, Numbers, Items, Idle],
        ..Contestant::new(
            "ipc-channel",
            "ipc-channel",
            "blocking channels; bytes on a channel of bytes, from 64 KiB on in shared memory; it has no calls, so nothing is in flight beside another",
        )
    },
];

impl Contestant {
    const fn new(name: &'static str, title: &'static str, how: &'static str) -> Self {
        Self {
            name,
            title,
            how,
            kind: Kind::Blocking,
            environment: &[],
            groups: &[],
            cores: 1,
        }
    }

    /// The one of this name.
    pub(crate) fn named(name: &str) -> Option<&'static Self> {
        CONTESTANTS
            .iter()
            .find(|contestant| contestant.name == name)
    }

    /// Whether it can do this on this machine.
    pub(crate) fn can(&self, workload: Workload) -> bool {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        self.groups.contains(&workload.group()) && self.cores <= cores
    }

    /// Whether somebody answers, and could be wrong.
    pub(crate) fn answers(&self) -> bool {
        !matches!(self.kind, Kind::Process(_))
    }

    /// Takes one sample, in this process and those that it starts.
    pub(crate) fn sample(&self, workload: Workload, plan: &Plan) -> Result<Sample> {
        pin(Side::Caller)?;
        match self.kind {
            Kind::Tractor => ::tractor::run(::tractor::Config::new(), async || {
                workload.sample::<tractor::Tractor>(plan).await
            }),
            Kind::Tarpc => block_on(workload.sample::<tarpc::Tarpc>(plan)),
            Kind::Remoc => block_on(workload.sample::<remoc::Remoc>(plan)),
            Kind::Tonic => block_on(workload.sample::<tonic::Tonic>(plan)),
            Kind::IpcChannel => block_on(workload.sample::<ipc::IpcChannel>(plan)),
            Kind::Blocking => block_on(workload.sample::<blocking::Blocking>(plan)),
            Kind::Tokio => block_on(workload.sample::<tokio::Tokio>(plan)),
            Kind::Memory => block_on(workload.sample::<memory::Memory>(plan)),
            Kind::Process(command) => process::sample(command, workload, plan),
        }
    }
}

/// Is the server of this name, until its caller hangs up.
pub(crate) fn serve(name: &str, meeting: Option<String>) -> Result<()> {
    pin(Side::Server)?;
    let socket = server::stdin()?;
    match name {
        tarpc::Tarpc::NAME => block_on(tarpc::serve(socket)),
        remoc::Remoc::NAME => block_on(remoc::serve(socket)),
        tonic::Tonic::NAME => block_on(tonic::serve(socket)),
        tokio::Tokio::NAME => block_on(tokio::serve(socket)),
        blocking::Blocking::NAME => blocking::serve(socket),
        ipc::IpcChannel::NAME => ipc::serve(meeting.context("a name to meet at")?),
        _ => bail!("there is no server `{name}`"),
    }
}

/// Runs a future on a runtime of one thread, as an actor has it.
fn block_on<R>(future: impl Future<Output = Result<R>>) -> Result<R> {
    let runtime = ::tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(future)
}
