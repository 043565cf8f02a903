//! Looks into a running tree of actors: `tractor --help`.

#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    tractor::cli::main()
}
