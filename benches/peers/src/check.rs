//! Whether wrong answers are found out.

use std::thread;

use anyhow::{Result, ensure};

use crate::tournament::{Entry, Only};
use crate::trial::Trial;

/// Has every contestant do every workload twice: with servers that answer, and with servers that
/// lie. The first has to succeed and the second has to fail, because of the answer.
pub(crate) fn run(only: &Only) -> Result<()> {
    let entries = only.entries();
    let workers = thread::available_parallelism().map_or(1, usize::from);
    let wrong: usize = thread::scope(|scope| {
        let parts = entries.chunks(entries.len().div_ceil(workers));
        let checking: Vec<_> = parts
            .map(|part| scope.spawn(|| part.iter().filter(|&&entry| !holds(entry)).count()))
            .collect();
        let counts = checking.into_iter().map(thread::ScopedJoinHandle::join);
        counts.map(|count| count.unwrap_or(usize::MAX)).sum()
    });
    let all = entries.len();
    ensure!(wrong == 0, "{wrong} of {all} checks do not hold");
    println!("all {all} accept right answers and refuse wrong ones");
    Ok(())
}

fn holds(entry: Entry) -> bool {
    let trial = |liar| Trial {
        entry,
        quick: true,
        liar,
    };
    let complaint = match (trial(false).run(), trial(true).run()) {
        (Err(error), _) => format!("right answers are refused: {error}"),
        (_, Ok(_)) if entry.contestant.answers() => "wrong answers are accepted".into(),
        (_, Err(error)) if !error.to_string().contains("wrong answer") => {
            format!("wrong answers are not what it stumbles over: {error}")
        }
        _ => return true,
    };
    eprintln!(
        "{}, {}: {complaint}",
        entry.workload.name(),
        entry.contestant.name
    );
    false
}
