//! A line that says how far a long result has come.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Shown on standard error where that is a terminal, and only while nothing is printed there by
/// standard output: rows that scroll by are progress enough.
pub(crate) struct Progress {
    bar: ProgressBar,
    rows_scroll: bool,
}

impl Progress {
    pub(crate) fn start() -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(5));
        if let Ok(style) = ProgressStyle::with_template("{spinner} {human_pos} rows, {elapsed}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(250));
        Self { bar, rows_scroll: std::io::stdout().is_terminal() }
    }

    /// One more row is about to be printed.
    pub(crate) fn row(&self) {
        if self.rows_scroll {
            self.bar.finish_and_clear();
        } else {
            self.bar.inc(1);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
