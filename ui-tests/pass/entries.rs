#![deny(warnings)]
use std::process::ExitCode;

/// Adds.
#[tractor::main(name = "sum", env = [("KEY", "value")])]
pub(crate) async fn sum() -> Result<u64, std::num::ParseIntError> {
    let one: u64 = "1".parse()?;
    if one == 0 {
        return Ok(0);
    }
    Ok(one + 1)
}

#[cfg(test)]
mod tests {
    #[tractor::test(log_level = "info")]
    #[ignore = "slow"]
    #[should_panic = "text"]
    async fn tested() -> tractor::Result<()> {
        panic!("text")
    }
}

#[tractor::main]
async fn main() -> ExitCode {
    std::thread::spawn(|| assert_eq!(sum(), Ok(2))).join().unwrap();
    ExitCode::SUCCESS
}
