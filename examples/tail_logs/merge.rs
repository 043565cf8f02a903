//! The lines of several files in the order of their times: what the root does.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::StreamExt;
use nix::time::{ClockId, clock_gettime};
use tractor::{Error, ReceiveHalf, Result};

use super::follow::Entry;
use super::stamp::Stamp;

/// How long a line waits for older ones of other files.
const DELAY: Duration = Duration::from_millis(50);

/// How many lines of one file are held; when there are more, its worker waits.
const MOST_HELD: usize = 65_536;

/// Merges what the workers send.
///
/// The oldest line that is held is the next one when nothing older can come: of every other file, a
/// line is held as well, or the file was looked at when the line had waited for [`DELAY`].
pub(crate) struct Merge {
    sources: Vec<Source>,
    /// How many lines have arrived.
    arrived: u64,
    /// Why no more will arrive.
    failure: Option<Error>,
}

/// What comes from one worker.
struct Source {
    entries: ReceiveHalf<Entry>,
    held: VecDeque<Held>,
    /// The time of the latest line.
    latest: Option<Stamp>,
    /// When the file was looked at; `None` when nothing more will come.
    looked: Option<Duration>,
}

/// A line that waits.
struct Held {
    /// What it is ordered by: its time, and which one it is of all lines.
    key: (Stamp, u64),
    /// When it has waited long enough.
    due: Duration,
    text: Vec<u8>,
}

impl Merge {
    pub(crate) fn new(entries: Vec<ReceiveHalf<Entry>>) -> Self {
        let source = |entries| Source {
            entries,
            held: VecDeque::new(),
            latest: None,
            looked: Some(Duration::ZERO),
        };
        Self {
            sources: entries.into_iter().map(source).collect(),
            arrived: 0,
            failure: None,
        }
    }

    /// The next lines, each with its newline, as soon as there are any; `None` when all workers have
    /// returned. Dropping the future loses nothing.
    pub(crate) async fn next(&mut self) -> Result<Option<Vec<u8>>> {
        loop {
            let mut lines = Vec::new();
            while let Some(line) = self.pop() {
                lines.extend(line);
                lines.push(b'\n');
            }
            if !lines.is_empty() {
                return Ok(Some(lines));
            }
            if self.sources.iter().all(|source| source.looked.is_none()) {
                return self.failure.take().map_or(Ok(None), Err);
            }
            if let Err(failure) = self.fill().await {
                // What is held is printed first.
                self.failure = Some(failure);
                self.sources
                    .iter_mut()
                    .for_each(|source| source.looked = None);
            }
        }
    }

    /// The oldest line, if nothing older can come.
    fn pop(&mut self) -> Option<Vec<u8>> {
        let key = |source: &Source| source.held.front().map(|held| held.key);
        let holding = (0..self.sources.len()).filter(|&at| !self.sources[at].held.is_empty());
        let oldest = holding.min_by_key(|&at| key(&self.sources[at]))?;
        let due = self.sources[oldest].held.front()?.due;
        let mut empty = self.sources.iter().filter(|other| other.held.is_empty());
        if !empty.all(|other| other.looked.is_none_or(|looked| looked >= due)) {
            return None;
        }
        self.sources[oldest].held.pop_front().map(|held| held.text)
    }

    /// Takes in what has arrived, as soon as something has.
    async fn fill(&mut self) -> Result<()> {
        poll_fn(|cx| {
            let mut filled = Poll::Pending;
            for source in &mut self.sources {
                if source.fill(&mut self.arrived, cx)? {
                    filled = Poll::Ready(Ok(()));
                }
            }
            filled
        })
        .await
    }
}

impl Source {
    /// Takes in what has arrived; true when that is anything.
    fn fill(&mut self, arrived: &mut u64, cx: &mut Context<'_>) -> Result<bool> {
        let mut filled = false;
        while self.looked.is_some()
            && self.held.len() < MOST_HELD
            && let Poll::Ready(entry) = self.entries.poll_next_unpin(cx)
        {
            filled = true;
            match entry.transpose()? {
                Some(Entry::Line { stamp, text }) => {
                    *arrived += 1;
                    self.hold(stamp, *arrived, text);
                }
                Some(Entry::Looked { at }) => self.looked = Some(at),
                None => self.looked = None,
            }
        }
        Ok(filled)
    }

    /// Holds a line, which never comes before the one before it: a line without a time has that of
    /// the one before it, or else the time at which it has arrived.
    fn hold(&mut self, stamp: Option<Stamp>, number: u64, text: Vec<u8>) {
        let stamp = stamp.or(self.latest).unwrap_or_else(Stamp::now);
        let stamp = self.latest.map_or(stamp, |latest| latest.max(stamp));
        self.latest = Some(stamp);
        self.held.push_back(Held {
            key: (stamp, number),
            due: monotonic() + DELAY,
            text,
        });
    }
}

/// The time on a clock that all processes share and that nobody sets.
pub(crate) fn monotonic() -> Duration {
    let now = clock_gettime(ClockId::CLOCK_MONOTONIC);
    now.expect("every kernel has this clock").into()
}
