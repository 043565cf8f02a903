//! Who takes part.

mod roster;

use anyhow::{Context, Result, bail};

pub(crate) use roster::CONTESTANTS;

use crate::cores::{Side, pin};
use crate::floor::{blocking, memory, process, tokio};
use crate::peer::{ipc, remoc, server, tarpc, tonic, tractor};
use crate::sample::Sample;
use crate::workload::{Group, Plan, Workload};

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

/// What a contestant is compared as.
pub(crate) enum Family {
    /// What all this is about.
    Tractor,
    /// What cannot be undercut, or not by much.
    Floor,
    /// What somebody could use instead.
    Peer,
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

    /// What it is compared as.
    pub(crate) fn family(&self) -> Family {
        match self.kind {
            Kind::Tractor => Family::Tractor,
            Kind::Blocking | Kind::Tokio | Kind::Memory | Kind::Process(_) => Family::Floor,
            Kind::Tarpc | Kind::Remoc | Kind::Tonic | Kind::IpcChannel => Family::Peer,
        }
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
