//! A protocol in types: what each side may say is an enum, and so is what may go wrong.
//!
//! The account says what it starts with, answers orders, and fails with an error of its own, which the
//! opener gets back as it was. A second dialog is cancelled by the one who opened it: no failure.
//!
//! ```console
//! $ cargo run --release --example typed_dialog
//! welcome, alice: 100 cents, protocol 1
//! Deposit(50): Balance(150)
//! Withdraw(30): Paid { cents: 30, left: 120 }
//! Withdraw(500): overdrawn, 380 cents short
//! welcome, bob: 100 cents, protocol 1
//! cancelled by root
//! ```

#![forbid(unsafe_code)]

use serde::{Deserialize, Serialize};
use tractor::{Context, ContextOutcome, Error, Portal, Result, modules};

/// What the account starts with.
#[derive(Debug, Serialize, Deserialize)]
struct Welcome {
    owner: String,
    cents: u64,
    protocol: u32,
}

/// What it receives.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
enum Order {
    Deposit(u64),
    Withdraw(u64),
}

/// What it sends.
#[derive(Debug, Serialize, Deserialize)]
enum Reply {
    Balance(u64),
    Paid { cents: u64, left: u64 },
}

/// What it fails with.
#[derive(Debug, thiserror::Error, Serialize, Deserialize)]
enum AccountError {
    #[error("{short} cents short")]
    Overdrawn { short: u64 },
    #[error("the dialog broke off: {0}")]
    BrokenOff(String),
}

impl From<Error> for AccountError {
    fn from(error: Error) -> Self {
        Self::BrokenOff(error.to_string())
    }
}

#[tractor::context]
async fn account(
    ctx: Context<Welcome, Reply, Order>,
    owner: String,
    mut cents: u64,
) -> Result<(), AccountError> {
    let welcome = Welcome {
        owner,
        cents,
        protocol: 1,
    };
    let mut stream = ctx.started(welcome).await?.open_stream();
    while let Some(order) = stream.try_next().await? {
        let reply = match order {
            Order::Deposit(more) => {
                cents += more;
                Reply::Balance(cents)
            }
            Order::Withdraw(less) if less > cents => {
                let short = less - cents;
                return Err(AccountError::Overdrawn { short });
            }
            Order::Withdraw(less) => {
                cents -= less;
                Reply::Paid {
                    cents: less,
                    left: cents,
                }
            }
        };
        stream.send(reply).await?;
    }
    Ok(())
}

#[tractor::main]
async fn main() -> Result<()> {
    tractor::nursery()
        .scope(async |an| {
            let bank = an.start_actor("bank", modules![self]).await?.dynamic();
            overdraw(&bank).await?;
            cancel(&bank).await?;
            bank.cancel_actor().await
        })
        .await
}

/// A dialog that ends with the account's own error.
async fn overdraw(bank: &Portal) -> Result<()> {
    let ended = bank
        .open_context(account("alice".to_owned(), 100))
        .scope(async |ctx, welcome| {
            greet(&welcome);
            let mut stream = ctx.open_stream();
            for order in [
                Order::Deposit(50),
                Order::Withdraw(30),
                Order::Withdraw(500),
            ] {
                print!("{order:?}: ");
                stream.send(order).await?;
                if let Some(reply) = stream.try_next().await? {
                    println!("{reply:?}");
                }
            }
            Ok(())
        })
        .await;
    match ended {
        Err(Error::Remote(error)) => match error.downcast::<AccountError>() {
            Ok(AccountError::Overdrawn { short }) => println!("overdrawn, {short} cents short"),
            Ok(other) => println!("{other}"),
            Err(other) => return Err(other.into()),
        },
        other => return other,
    }
    Ok(())
}

/// A dialog that its opener has had enough of.
async fn cancel(bank: &Portal) -> Result<()> {
    bank.open_context(account("bob".to_owned(), 100))
        .scope(async |ctx, welcome| {
            greet(&welcome);
            // The account is gone when this returns.
            ctx.cancel().await?;
            match ctx.outcome().await {
                ContextOutcome::Cancelled(by) => println!("cancelled by {}", by.canceller().name()),
                other => println!("{other:?}"),
            }
            Ok(())
        })
        .await
}

fn greet(welcome: &Welcome) {
    let Welcome {
        owner,
        cents,
        protocol,
    } = welcome;
    println!("welcome, {owner}: {cents} cents, protocol {protocol}");
}
