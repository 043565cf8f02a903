//! Whatever can be read can be the error of a remote function.
use std::{error::Error, fmt, io};

#[derive(Debug, serde::Serialize, serde::Deserialize)]
struct Typed(u8);

impl fmt::Display for Typed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "typed {}", self.0)
    }
}

#[tractor::rpc]
async fn typed() -> Result<(), Typed> {
    Err(Typed(7))
}

#[tractor::rpc]
async fn input() -> io::Result<u8> {
    Err(io::Error::other("inner"))
}

#[tractor::rpc]
async fn boxed() -> Result<u8, Box<dyn Error + Send + Sync>> {
    Ok("x".parse()?)
}

#[tractor::rpc]
async fn context() -> anyhow::Result<u8> {
    anyhow::bail!("not yet")
}

#[tractor::rpc]
async fn text() -> Result<u8, String> {
    Err("plain".to_owned())
}

#[tractor::main]
async fn main() {
    assert_eq!(typed().await.unwrap_err().0, 7);
    assert_eq!(input().await.unwrap_err().to_string(), "inner");
    assert!(boxed().await.unwrap_err().is::<std::num::ParseIntError>());
    assert_eq!(context().await.unwrap_err().to_string(), "not yet");
    assert_eq!(text().await.unwrap_err(), "plain");
}
