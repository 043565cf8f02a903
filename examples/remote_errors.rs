//! Four ways in which a call fails, each handled as a program would.

use std::future::pending;

use anyhow::Context;
use nix::sys::signal::{Signal, raise};
use serde::{Deserialize, Serialize};
use tractor::{Error, Result};

/// An error that the caller can match on: it is serializable, so it comes back as itself.
#[derive(Debug, thiserror::Error, Serialize, Deserialize)]
enum Refused {
    #[error("there is no account {account:?}")]
    NoSuchAccount { account: String },
    #[error("{missing} cents are missing")]
    Overdrawn { missing: u64 },
}

#[tractor::rpc]
async fn withdraw(account: String, cents: u64) -> Result<u64, Refused> {
    match account.as_str() {
        "alice" => 500_u64.checked_sub(cents).ok_or(Refused::Overdrawn {
            missing: cents.saturating_sub(500),
        }),
        _ => Err(Refused::NoSuchAccount { account }),
    }
}

/// An error that is only read: `anyhow::Error` is not serializable, its texts travel.
#[tractor::rpc]
async fn port_from(setting: String) -> anyhow::Result<u16> {
    setting
        .parse()
        .with_context(|| format!("{setting:?} is no port"))
        .context("cannot read the configuration")
}

#[tractor::rpc]
async fn third(values: Vec<u32>) -> u32 {
    values[2]
}

#[tractor::rpc]
async fn fall_over() {
    // What the kernel does when memory runs out.
    let _ = raise(Signal::SIGKILL);
}

#[tractor::main]
async fn main() -> Result<()> {
    tractor::cluster! { modules: [self], names: ["bank"] }
        .scope(async |workers| -> Result<()> {
            let bank = &workers["bank"];
            typed(bank.run(withdraw("alice".into(), 620)).await)?;
            typed(bank.run(withdraw("bob".into(), 1)).await)?;
            chained(bank.run(port_from("80 80".into())).await)?;
            panicked(bank.run(third(vec![1, 2])).await)?;
            // None of this has harmed the worker.
            println!("balance: {}", bank.run(withdraw("alice".into(), 20)).await?);
            Ok(())
        })
        .await?;

    // A death is no call's private matter: it ends the whole scope, whatever the body is doing.
    let ended = tractor::cluster! { modules: [self], names: ["bank", "post"] }
        .scope(async |workers| {
            let _unheard = workers["bank"].run(fall_over).await;
            pending::<Result<()>>().await
        })
        .await;
    dead(ended)
}

/// A typed error is handled like a local one: `downcast` gives the original back.
fn typed(balance: Result<u64>) -> Result<()> {
    let failure = match balance {
        Ok(cents) => {
            println!("balance: {cents}");
            return Ok(());
        }
        Err(Error::Remote(failure)) => failure,
        Err(other) => return Err(other),
    };
    match failure.downcast::<Refused>() {
        Ok(Refused::Overdrawn { missing }) => println!("refused: {missing} cents short"),
        Ok(Refused::NoSuchAccount { account }) => println!("refused: who is {account}?"),
        Err(unexpected) => return Err(unexpected.into()),
    }
    Ok(())
}

/// Any other error is text: its own, and that of every source.
fn chained(port: Result<u16>) -> Result<()> {
    match port {
        Err(Error::Remote(failure)) => {
            println!("{} said: {}", failure.origin().name(), failure.message());
            for source in failure.chain() {
                println!("  because {source}");
            }
            Ok(())
        }
        other => other.map(drop),
    }
}

/// A panic ends the call and nothing else. `{:#}` prints all that is known of an error.
fn panicked(value: Result<u32>) -> Result<()> {
    match value {
        Err(Error::Remote(failure)) if failure.is_panic() => {
            println!("{:#}", Error::from(failure));
            Ok(())
        }
        other => other.map(drop),
    }
}

/// The scope returns the death of its worker: who it was, and how it ended.
fn dead(ended: Result<()>) -> Result<()> {
    match ended {
        Err(Error::ActorDied(death)) => {
            let status = death.exit().status();
            println!("the scope ended: {} {status}", death.aid());
            Ok(())
        }
        other => other,
    }
}
