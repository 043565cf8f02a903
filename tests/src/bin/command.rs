//! The command `tractor`.

#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    tractor::cli::main()
}
