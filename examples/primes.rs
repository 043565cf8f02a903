//! A pool of workers: which of these large numbers are prime?
//!
//! The numbers are the ones of Python's `concurrent.futures` documentation. They go over the pool
//! twice: the first time each answer is printed as it arrives, the second time in the order of the
//! questions.

use futures_util::StreamExt;

const NUMBERS: [u64; 6] = [
    112_272_535_095_293,
    112_582_705_942_171,
    112_272_535_095_293,
    115_280_095_190_773,
    115_797_848_077_099,
    1_099_726_899_285_419,
];

/// Trial division: slow on purpose. A plain function runs on the actor's blocking pool, so that
/// the actor still hears a cancel while it divides.
#[tractor::rpc]
fn is_prime(n: u64) -> bool {
    if n < 2 || n.is_multiple_of(2) {
        return n == 2;
    }
    (3..=n.isqrt()).step_by(2).all(|d| !n.is_multiple_of(d))
}

#[tractor::main]
async fn main() -> tractor::Result<()> {
    tractor::cluster! { modules: [self], count: 4 }
        .scope(async |workers| {
            println!("as they complete:");
            let mut answers = workers.map(NUMBERS, is_prime);
            while let Some((index, answer)) = answers.next().await {
                tell(NUMBERS[index], answer?);
            }

            println!("in order:");
            let mut answers = workers.map(NUMBERS, is_prime).ordered();
            while let Some((index, answer)) = answers.next().await {
                tell(NUMBERS[index], answer?);
            }
            Ok(())
        })
        .await
}

fn tell(number: u64, is_prime: bool) {
    println!("{number} is {}prime", if is_prime { "" } else { "not " });
}
