#![deny(warnings)]
use std::error::Error;
use std::process::ExitCode;

/// Adds.
#[tractor::main(name = "sum", env = [("KEY", "value")])]
pub(crate) async fn sum() -> Result<u64, Box<dyn Error>> {
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
    let _: fn() -> Result<u64, Box<dyn Error>> = sum;
    ExitCode::SUCCESS
}
