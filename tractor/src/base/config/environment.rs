//! Settings from environment variables.

use std::time::Duration;

use super::super::{ConfigError, LogTo, Result, Transport};
use super::Config;

impl Config {
    /// What the environment variables of this process say.
    ///
    /// # Errors
    ///
    /// Names the variable that cannot be read, and what it should hold.
    pub(crate) fn from_env() -> Result<Self> {
        Ok(Self {
            log_level: env_var("TRACTOR_LOG")?,
            log_to: env_parsed("TRACTOR_LOG_TO", "`own` or `root`", LogTo::named)?,
            worker_threads: env_parsed("TRACTOR_WORKER_THREADS", "a number of threads", |text| {
                text.parse().ok().filter(|threads| *threads > 0)
            })?,
            cancel_timeout: env_parsed("TRACTOR_CANCEL_TIMEOUT", "seconds", seconds)?,
            kill_timeout: env_parsed("TRACTOR_KILL_TIMEOUT", "seconds", seconds)?,
            transport: env_parsed(
                "TRACTOR_TRANSPORT",
                "`shared-memory` or `socket`",
                Transport::named,
            )?,
            inspect: env_parsed("TRACTOR_INSPECT", "`1` or `0`", switch)?,
            debug_mode: env_parsed("TRACTOR_DEBUG", "`1` or `0`", switch)?,
            debug_hold: env_parsed("TRACTOR_DEBUG_HOLD", "`1` or `0`", switch)?,
            ..Self::default()
        })
    }
}

fn env_var(key: &str) -> Result<Option<String>> {
    match std::env::var(key) {
        Ok(text) if text.is_empty() => Ok(None),
        Ok(text) => Ok(Some(text)),
        Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(_)) => {
            Err(ConfigError::new(format!("the environment variable {key} is not UTF-8")).into())
        }
    }
}

fn env_parsed<T>(
    key: &str,
    expected: &str,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<Option<T>> {
    let Some(text) = env_var(key)? else {
        return Ok(None);
    };
    match parse(text.trim()) {
        Some(value) => Ok(Some(value)),
        None => Err(ConfigError::new(format!(
            "the environment variable {key} is `{text}`; it has to be {expected}"
        ))
        .into()),
    }
}

fn switch(text: &str) -> Option<bool> {
    match text {
        "1" => Some(true),
        "0" => Some(false),
        _ => None,
    }
}

fn seconds(text: &str) -> Option<Duration> {
    Duration::try_from_secs_f64(text.parse().ok()?).ok()
}
