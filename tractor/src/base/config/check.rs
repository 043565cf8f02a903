//! Settings that no actor can run with.

use std::ops::RangeInclusive;

use super::super::{ConfigError, Result};
use super::Config;

/// Below it the runtime's own messages would not fit; above it a length is surely garbage.
const MAX_FRAME_RANGE: RangeInclusive<usize> = (64 << 10)..=(1 << 30);

/// Below it every item would wait for the one before; above it nothing becomes quicker.
const STREAM_WINDOW_RANGE: RangeInclusive<usize> = (1 << 10)..=(1 << 30);

/// More calls than this on one link are surely a mistake.
const MAX_IN_FLIGHT: usize = 1 << 24;

impl Config {
    /// Refuses values that no actor can run with.
    pub(crate) fn check(&self) -> Result<()> {
        if self.worker_threads == Some(0) {
            return Err(
                ConfigError::new("`worker_threads` is 0; an actor needs at least 1").into(),
            );
        }
        if self.max_in_flight == Some(0) {
            return Err(ConfigError::new("`max_in_flight` is 0; no call could ever start").into());
        }
        if self.in_flight_limit() > MAX_IN_FLIGHT {
            let message = format!(
                "`max_in_flight` is {}; it has to be at most {MAX_IN_FLIGHT}",
                self.in_flight_limit(),
            );
            return Err(ConfigError::new(message).into());
        }
        if !MAX_FRAME_RANGE.contains(&self.frame_limit()) {
            let message = format!(
                "`max_frame` is {} bytes; it has to be between {} and {}",
                self.frame_limit(),
                MAX_FRAME_RANGE.start(),
                MAX_FRAME_RANGE.end(),
            );
            return Err(ConfigError::new(message).into());
        }
        if !STREAM_WINDOW_RANGE.contains(&self.window()) {
            let message = format!(
                "`stream_window` is {} bytes; it has to be between {} and {}",
                self.window(),
                STREAM_WINDOW_RANGE.start(),
                STREAM_WINDOW_RANGE.end(),
            );
            return Err(ConfigError::new(message).into());
        }
        for (key, value) in &self.env {
            if key.is_empty() || key.contains(['=', '\0']) || value.contains('\0') {
                let message = format!(
                    "`{}` cannot name an environment variable",
                    key.escape_debug()
                );
                return Err(ConfigError::new(message).into());
            }
        }
        Ok(())
    }
}
