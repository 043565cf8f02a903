//! All contestants.

use super::{Contestant, Kind};
use crate::cores::CORES;
use crate::workload::Group::{
    self, Bytes, Idle, InFlight, Items, Life, ManyStreams, Numbers, Rows, Sequential, Workers,
};

/// Has tractor's processes talk over a Unix socket.
const UNIX: (&str, &str) = ("TRACTOR_TRANSPORT", "socket");

/// Has tractor's processes talk through shared memory.
const SHARED_MEMORY: (&str, &str) = ("TRACTOR_TRANSPORT", "shared-memory");

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
///
/// Another transport of tractor is another line, or three with those that are pinned to cores.
pub(crate) const CONTESTANTS: &[Contestant] = &[
    tractor("tractor-unix", "tractor, Unix socket", &[UNIX], EVERYTHING),
    tractor(
        "tractor-unix-apart",
        "tractor, Unix socket, two cores",
        &[UNIX, APART],
        &[Sequential],
    ),
    tractor(
        "tractor-unix-together",
        "tractor, Unix socket, one core",
        &[UNIX, TOGETHER],
        &[Sequential],
    ),
    tractor(
        "tractor-shared-memory",
        "tractor, shared memory",
        &[SHARED_MEMORY],
        EVERYTHING,
    ),
    tractor(
        "tractor-shared-memory-apart",
        "tractor, shared memory, two cores",
        &[SHARED_MEMORY, APART],
        &[Sequential],
    ),
    tractor(
        "tractor-shared-memory-together",
        "tractor, shared memory, one core",
        &[SHARED_MEMORY, TOGETHER],
        &[Sequential],
    ),
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
        groups: &[Sequential],
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
        groups: &[Sequential],
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

/// tractor with a transport, perhaps pinned to cores.
const fn tractor(
    name: &'static str,
    title: &'static str,
    environment: &'static [(&'static str, &'static str)],
    groups: &'static [Group],
) -> Contestant {
    Contestant {
        kind: Kind::Tractor,
        environment,
        groups,
        ..Contestant::new(name, title, "default settings; one thread in each process")
    }
}
