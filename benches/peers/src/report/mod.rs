//! What becomes of the results.

mod bars;
mod json;
mod machine;
mod markdown;
mod plot;
mod table;

use std::path::Path;

use anyhow::{Context, Result};

use self::machine::Machine;
use crate::results::Results;
use crate::tournament::Settings;

/// The results, with what one has to know to read them.
pub(crate) struct Report<'a> {
    results: &'a Results,
    settings: &'a Settings,
    machine: Machine,
}

impl<'a> Report<'a> {
    /// Notes where and when this is.
    pub(crate) fn new(results: &'a Results, settings: &'a Settings) -> Self {
        Self {
            results,
            settings,
            machine: Machine::this(),
        }
    }

    /// Everything that was measured, for a terminal.
    pub(crate) fn table(&self) -> String {
        table::render(self.results)
    }

    /// Writes the report, for people and for programs, with its plots.
    pub(crate) fn write(&self, directory: &Path) -> Result<()> {
        let failed = || format!("writing to {}", directory.display());
        std::fs::create_dir_all(directory).with_context(failed)?;
        let plots = plot::draw_all(self.results, directory)?;
        let markdown = markdown::render(self, &plots);
        std::fs::write(directory.join("report.md"), markdown).with_context(failed)?;
        let json = serde_json::to_string_pretty(&json::render(self))?;
        std::fs::write(directory.join("report.json"), json + "\n").with_context(failed)
    }
}

/// A ratio with as many digits as say something.
fn show_ratio(ratio: f64) -> String {
    match ratio {
        ..0.1 => format!("{ratio:.4}"),
        ..10.0 => format!("{ratio:.2}"),
        _ => format!("{ratio:.0}"),
    }
}
