//! What a fixture program writes, read as it comes.

use std::io::{BufRead, BufReader, Read};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Instant;

use crate::PATIENCE;

/// What a fixture has written so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct Output {
    shared: Arc<(Mutex<Lines>, Condvar)>,
}

/// The lines of both outputs.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    pub(crate) stdout: Vec<String>,
    pub(crate) stderr: Vec<String>,
}

impl Output {
    /// The lines of stdout.
    pub(crate) fn stdout(lines: &mut Lines) -> &mut Vec<String> {
        &mut lines.stdout
    }

    /// The lines of stderr.
    pub(crate) fn stderr(lines: &mut Lines) -> &mut Vec<String> {
        &mut lines.stderr
    }

    /// Reads `pipe` to its end, in a thread.
    pub(crate) fn follow(
        &self,
        pipe: impl Read + Send + 'static,
        part: fn(&mut Lines) -> &mut Vec<String>,
    ) -> JoinHandle<()> {
        let output = self.clone();
        thread::spawn(move || {
            for line in BufReader::new(pipe).split(b'\n') {
                let Ok(line) = line else { return };
                // A terminal ends its lines with one.
                let line = line.strip_suffix(b"\r").unwrap_or(&line);
                let line = String::from_utf8_lossy(line).into_owned();
                part(&mut output.lock()).push(line);
                output.shared.1.notify_all();
            }
        })
    }

    /// Waits until `find` finds something; nothing when it does not within [`PATIENCE`].
    pub(crate) fn wait<T>(&self, mut find: impl FnMut(&Lines) -> Option<T>) -> Option<T> {
        let deadline = Instant::now() + PATIENCE;
        let mut lines = self.lock();
        loop {
            if let Some(found) = find(&lines) {
                return Some(found);
            }
            let left = deadline.checked_duration_since(Instant::now())?;
            let waited = self.shared.1.wait_timeout(lines, left);
            lines = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// The lines so far.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Lines> {
        self.shared.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
