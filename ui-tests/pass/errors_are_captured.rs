use std::{error::Error, fmt, io};
use tractor::{RemoteError, Rpc};

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
    Err(io::Error::other(io::Error::other("inner")))
}

#[tractor::rpc]
async fn boxed() -> Result<u8, Box<dyn Error + Send + Sync>> {
    "x".parse::<u8>().map_err(|error| io::Error::other(error).into())
}

#[tractor::rpc]
async fn context() -> anyhow::Result<u8> {
    use anyhow::Context;
    "x".parse().context("parsing").context("loading")
}

async fn fail<F: Rpc<Args = ()>>(call: impl tractor::IntoCall<F>) -> RemoteError {
    let returned = call.into_call().await;
    F::settle(returned).err().expect("it fails")
}

#[tractor::main]
async fn main() {
    let error = fail(typed).await;
    assert_eq!((error.message(), error.chain().count()), ("typed 7", 0));
    assert_eq!(error.downcast::<Typed>().unwrap().0, 7);

    let error = fail(input).await;
    assert_eq!(error.message(), "inner");
    assert!(!error.is::<io::Error>());

    let error = fail(boxed).await;
    assert_eq!(error.message(), "invalid digit found in string");

    let error = fail(context).await;
    assert_eq!(error.message(), "loading");
    let chain: Vec<_> = error.chain().collect();
    assert_eq!(chain, ["parsing", "invalid digit found in string"]);
    assert_eq!(error.type_name(), "anyhow::Error");
}
