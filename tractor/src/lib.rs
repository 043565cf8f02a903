//! Structured concurrency for processes.
