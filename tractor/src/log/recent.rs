//! The last events of an actor in debug mode, for when it stops.

use std::collections::VecDeque;
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tracing::Subscriber;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::layer::Layer;
use tracing_subscriber::registry::LookupSpan;

/// So many events are kept.
const MOST: usize = 20;

/// The longest line that is kept whole, in bytes.
const LONGEST: usize = 1 << 10;

/// The last events of this process, the oldest first.
static RECENT: Mutex<VecDeque<String>> = Mutex::new(VecDeque::new());

/// The last events of this process, the oldest first, one a line.
pub(crate) fn recent_events() -> Vec<String> {
    recent().iter().cloned().collect()
}

/// Keeps the last events, down to `DEBUG`, whatever else is done about them.
pub(super) fn keep<S>() -> impl Layer<S> + Send + Sync
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    tracing_subscriber::fmt::layer()
        .with_ansi(false)
        .with_writer(|| Line)
        .with_filter(LevelFilter::DEBUG)
}

fn recent() -> MutexGuard<'static, VecDeque<String>> {
    RECENT.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Takes an event, in one piece.
struct Line;

impl io::Write for Line {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let line = String::from_utf8_lossy(line);
        let line = line.trim_end();
        let kept = line[..line.floor_char_boundary(LONGEST)].to_owned();
        let mut recent = recent();
        if recent.len() == MOST {
            recent.pop_front();
        }
        recent.push_back(kept);
        Ok(line.len())
    }

    fn write_all(&mut self, line: &[u8]) -> io::Result<()> {
        self.write(line).map(drop)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use tracing_subscriber::layer::SubscriberExt;

    use super::{LONGEST, MOST, keep, recent_events};

    #[test]
    fn last_ones_are_kept() {
        let subscriber = tracing_subscriber::registry().with(keep());
        tracing::subscriber::with_default(subscriber, || {
            for n in 0..=MOST {
                tracing::debug!("event {n}.");
                tracing::trace!("too much");
            }
            tracing::info!("{}", "ü".repeat(LONGEST));
        });
        let kept = recent_events();
        assert_eq!(kept.len(), MOST);
        assert!(kept[0].ends_with("event 2."), "{}", kept[0]);
        assert!(kept[MOST - 1].len() <= LONGEST, "it is cut");
    }
}
