//! What is seen while something takes long: a bar on a terminal, sparse lines in a log.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::Output;
use crate::lock::lock;

/// In a log at most one line in this time, so that CI sees a sign of life and no flood.
const SPARSE: Duration = Duration::from_secs(30);

/// The progress of one piece of work; gone when dropped.
#[derive(Debug)]
pub struct Progress<'a> {
    output: &'a Output,
    bar: Option<ProgressBar>,
    told: Mutex<Instant>,
}

impl Output {
    /// Begins to show progress towards `total` (0: not known). `--quiet` shows none.
    pub fn progress(&self, total: u64) -> Progress<'_> {
        let watched = self.is_watched() && !self.manner().quiet && self.manner().verbosity == 0;
        let bar = watched.then(|| {
            let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr());
            let template = if total == 0 {
                "{spinner} {msg}"
            } else {
                "[{bar:24}] {pos}/{len} {msg}"
            };
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style.progress_chars("=> "));
            }
            bar
        });
        Progress {
            output: self,
            bar,
            told: Mutex::new(Instant::now()),
        }
    }
}

impl Progress<'_> {
    /// Changes what it works towards: more was found to do.
    pub fn reach(&self, total: u64) {
        if let Some(bar) = &self.bar {
            bar.set_length(total);
        }
    }

    /// Does what writes lines to the same terminal, with the bar out of the way.
    pub fn suspend<T>(&self, write: impl FnOnce() -> T) -> T {
        match &self.bar {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }

    /// Shows how far it is; `text` names what it waits for.
    pub fn at(&self, done: u64, text: &str) {
        if let Some(bar) = &self.bar {
            bar.set_position(done);
            bar.set_message(super::text::harmless(text).into_owned());
            return;
        }
        let mut told = lock(&self.told);
        if told.elapsed() >= SPARSE {
            *told = Instant::now();
            self.output.note(text);
        }
    }
}

impl Drop for Progress<'_> {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
