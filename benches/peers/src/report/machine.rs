//! Where, when and with what something was measured.

use std::process::Command;

/// What a reader wants to know of the circumstances.
pub(super) struct Machine {
    pub(super) date: String,
    pub(super) processor: String,
    pub(super) cores: usize,
    pub(super) memory: String,
    pub(super) kernel: String,
    pub(super) compiler: &'static str,
    pub(super) command: String,
    pub(super) revision: String,
}

/// The crates that are measured or decide what is.
const CRATES: [&str; 8] = [
    "tarpc",
    "remoc",
    "tonic",
    "prost",
    "ipc-channel",
    "tokio",
    "postcard",
    "bincode",
];

impl Machine {
    /// This one, now.
    pub(super) fn this() -> Self {
        let read = |path| std::fs::read_to_string(path).unwrap_or_default();
        let arguments: Vec<_> = std::env::args().skip(1).collect();
        let command = "cargo run --release --manifest-path benches/peers/Cargo.toml";
        let separator = if arguments.is_empty() { "" } else { " -- " };
        Self {
            date: said_by("date", &["-u", "+%F %H:%M UTC"]),
            processor: field(&read("/proc/cpuinfo"), "model name"),
            cores: std::thread::available_parallelism().map_or(0, usize::from),
            memory: field(&read("/proc/meminfo"), "MemTotal"),
            kernel: read("/proc/sys/kernel/osrelease").trim().into(),
            compiler: env!("PEERS_RUSTC"),
            command: format!("{command}{separator}{}", arguments.join(" ")),
            revision: said_by(
                "git",
                &[
                    "-C",
                    env!("CARGO_MANIFEST_DIR"),
                    "describe",
                    "--always",
                    "--dirty",
                ],
            ),
        }
    }

    /// The versions of crates, as they are built in.
    pub(super) fn crates(&self) -> impl Iterator<Item = (&'static str, String)> {
        let versions = |name| {
            let packages = include_str!("../../Cargo.lock").split("[[package]]");
            let named = packages.filter(move |package| {
                package
                    .lines()
                    .any(|line| line == format!("name = \"{name}\""))
            });
            let versions = named.filter_map(|package| {
                let line = package
                    .lines()
                    .find_map(|line| line.strip_prefix("version = "));
                line.map(|version| version.trim_matches('"'))
            });
            versions.collect::<Vec<_>>().join(" and ")
        };
        CRATES.into_iter().map(move |name| (name, versions(name)))
    }
}

/// What follows a name and a colon.
fn field(text: &str, name: &str) -> String {
    let lines = text.lines().filter_map(|line| line.split_once(':'));
    let mut values = lines
        .filter(|(key, _)| key.trim() == name)
        .map(|(_, value)| value);
    values.next().unwrap_or("unknown").trim().into()
}

/// The output of a command, if there is any.
fn said_by(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    let said = output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    said.ok()
        .filter(|said| !said.is_empty())
        .unwrap_or_else(|| "unknown".into())
}
