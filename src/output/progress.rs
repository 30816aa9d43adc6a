//! What is seen while something takes long: a live view on a terminal, sparse lines in a log.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{Output, harmless};
use crate::lock::lock;

/// In a log at most one line in this time, so that CI sees a sign of life and no flood.
const SPARSE: Duration = Duration::from_secs(30);
/// A spinner turns this often.
const TICK: Duration = Duration::from_millis(100);
/// The most items that are drawn at once; the others are in the total.
const MOST: usize = 8;

/// The progress of one piece of work; gone when dropped.
#[derive(Debug)]
pub struct Progress<'a> {
    output: &'a Output,
    view: Option<Arc<View>>,
    ticker: Option<(Sender<()>, JoinHandle<()>)>,
    noted: Mutex<Instant>,
}

/// What is drawn: a line for each item under way, and one for the whole.
#[derive(Debug)]
struct View {
    bars: MultiProgress,
    total: ProgressBar,
    items: Mutex<Vec<Item>>,
}

#[derive(Debug)]
struct Item {
    name: String,
    state: String,
    since: Instant,
    bar: Option<ProgressBar>,
}

impl Output {
    /// Begins to show progress towards `total` (0: not known). `--quiet` shows none.
    pub fn progress(&self, total: u64) -> Progress<'_> {
        let manner = self.manner();
        let drawn = self.is_watched() && !manner.quiet && !manner.dumb && manner.verbosity == 0;
        let view = drawn.then(|| Arc::new(View::new(total)));
        let ticker = view.as_ref().and_then(|view| {
            *lock(&self.live) = Some(view.bars.clone());
            view.total.tick();
            tick(Arc::clone(view))
        });
        Progress {
            output: self,
            view,
            ticker,
            noted: Mutex::new(Instant::now()),
        }
    }
}

impl Progress<'_> {
    /// Changes what it works towards: more was found to do.
    pub fn reach(&self, total: u64) {
        if let Some(view) = &self.view {
            view.total.set_length(total);
        }
    }

    /// Shows how far it is; `text` names what it waits for.
    pub fn at(&self, done: u64, text: &str) {
        if let Some(view) = &self.view {
            view.total.set_position(done);
            view.total.set_message(harmless(text).into_owned());
            return;
        }
        let mut noted = lock(&self.noted);
        if noted.elapsed() >= SPARSE {
            *noted = Instant::now();
            self.output.note(text);
        }
    }

    /// Shows what is under way, each item's name with its state and the time since it was first
    /// named. An item that is not named any more has ended.
    pub fn items<'i>(&self, items: impl IntoIterator<Item = (&'i str, &'i str)>) {
        if let Some(view) = &self.view {
            view.show(items);
        }
    }
}

impl Drop for Progress<'_> {
    fn drop(&mut self) {
        if let Some((stop, ticker)) = self.ticker.take() {
            drop(stop);
            let _ = ticker.join();
        }
        if let Some(view) = &self.view {
            *lock(&self.output.live) = None;
            let _ = view.bars.clear();
        }
    }
}

impl View {
    fn new(total: u64) -> View {
        let bars = MultiProgress::with_draw_target(ProgressDrawTarget::stderr());
        let template = if total == 0 {
            "{spinner} {wide_msg} {elapsed:>4}"
        } else {
            "{spinner} {pos}/{len} {wide_msg} {elapsed:>4}"
        };
        View {
            total: bars.add(bar(Some(total), template)),
            bars,
            items: Mutex::new(Vec::new()),
        }
    }

    fn show<'i>(&self, named: impl IntoIterator<Item = (&'i str, &'i str)>) {
        let mut items = lock(&self.items);
        let mut before = std::mem::take(&mut *items);
        for (name, state) in named {
            let known = before.iter().position(|item| item.name == name);
            let (since, bar) = match known.map(|index| before.swap_remove(index)) {
                Some(item) => (item.since, item.bar),
                None => (Instant::now(), None),
            };
            items.push(Item {
                name: name.to_owned(),
                state: state.to_owned(),
                since,
                bar,
            });
        }
        for bar in before.iter().filter_map(|ended| ended.bar.as_ref()) {
            self.bars.remove(bar);
        }
        self.draw(&mut items);
    }

    /// Gives the first items a line, and each line its text.
    fn draw(&self, items: &mut [Item]) {
        for item in items.iter_mut().take(MOST) {
            let bar = item.bar.get_or_insert_with(|| {
                let bar = bar(None, "  {spinner} {wide_msg} {elapsed:>4}")
                    .with_elapsed(item.since.elapsed());
                self.bars.insert_before(&self.total, bar)
            });
            bar.set_message(harmless(&format!("{}  {}", item.name, item.state)).into_owned());
        }
    }
}

fn bar(total: Option<u64>, template: &str) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::hidden());
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar
}

/// Turns the spinners until the returned sender is dropped; where the system refuses a thread,
/// they stand still.
fn tick(view: Arc<View>) -> Option<(Sender<()>, JoinHandle<()>)> {
    let (stop, stopped) = channel();
    let ticker = Builder::new().spawn(move || {
        while stopped.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
            for item in lock(&view.items).iter() {
                if let Some(bar) = &item.bar {
                    bar.tick();
                }
            }
            view.total.tick();
        }
    });
    ticker.ok().map(|ticker| (stop, ticker))
}
