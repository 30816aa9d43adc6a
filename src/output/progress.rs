//! What is seen while something takes long: a live view on a terminal, sparse lines in a log.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{Format, Output, harmless};
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

impl Item {
    fn new(name: &str, state: &str, since: Instant) -> Item {
        Item {
            name: name.to_owned(),
            state: state.to_owned(),
            since,
            bar: None,
        }
    }
}

impl Output {
    /// Begins to show progress, at once. `--quiet` shows none.
    pub fn progress(&self) -> Progress<'_> {
        self.progress_if(true)
    }

    /// Begins to show progress beside rows that are written as they come: a view would stand between
    /// the lines of a document on the same terminal.
    pub fn progress_beside_rows(&self) -> Progress<'_> {
        self.progress_if(self.format() == Format::Human)
    }

    fn progress_if(&self, drawn: bool) -> Progress<'_> {
        let manner = self.manner();
        let drawn =
            drawn && self.is_watched() && !manner.quiet && !manner.dumb && manner.verbosity == 0;
        let view = drawn.then(|| Arc::new(View::new()));
        let ticker = view.as_ref().and_then(|view| {
            *lock(&self.live) = Some(view.bars.clone());
            view.total.set_message("asking the service");
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
    /// Shows how far it is, and what it waits for.
    pub fn at(&self, text: &str) {
        if let Some(view) = &self.view {
            view.total.set_message(harmless(text).into_owned());
            return;
        }
        let mut noted = lock(&self.noted);
        if noted.elapsed() >= SPARSE {
            *noted = Instant::now();
            self.output.note(text);
        }
    }

    /// Shows what is under way: each item's name, its state, and since when it is waited for. An item
    /// that is not named any more has ended.
    pub fn items<'i>(&self, items: impl IntoIterator<Item = (&'i str, &'i str, Instant)>) {
        if let Some(view) = &self.view {
            view.show(items);
        }
    }

    /// Shows an item while `work` is at it.
    pub fn during<T>(&self, name: &str, state: &str, work: impl FnOnce() -> T) -> T {
        let Some(view) = &self.view else {
            return work();
        };
        view.change(|items| items.push(Item::new(name, state, Instant::now())));
        let done = work();
        view.change(|items| {
            if let Some(at) = items.iter().position(|item| item.name == name)
                && let Some(bar) = items.remove(at).bar
            {
                view.bars.remove(&bar);
            }
        });
        done
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
    fn new() -> View {
        let bars = MultiProgress::with_draw_target(ProgressDrawTarget::stderr());
        View {
            total: bars.add(bar("{spinner} {wide_msg} {elapsed:>4}")),
            bars,
            items: Mutex::new(Vec::new()),
        }
    }

    fn show<'i>(&self, named: impl IntoIterator<Item = (&'i str, &'i str, Instant)>) {
        self.change(|items| {
            let mut before = std::mem::take(items);
            for (name, state, since) in named {
                let known = before.iter().position(|item| item.name == name);
                let bar = known.and_then(|index| before.swap_remove(index).bar);
                items.push(Item {
                    bar,
                    ..Item::new(name, state, since)
                });
            }
            for bar in before.iter().filter_map(|ended| ended.bar.as_ref()) {
                self.bars.remove(bar);
            }
        });
    }

    fn change(&self, change: impl FnOnce(&mut Vec<Item>)) {
        let mut items = lock(&self.items);
        change(&mut items);
        self.draw(&mut items);
    }

    /// Gives the first items a line, and each line its text.
    fn draw(&self, items: &mut [Item]) {
        for item in items.iter_mut().take(MOST) {
            let bar = item.bar.get_or_insert_with(|| {
                let bar =
                    bar("  {spinner} {wide_msg} {elapsed:>4}").with_elapsed(item.since.elapsed());
                self.bars.insert_before(&self.total, bar)
            });
            bar.set_message(harmless(&format!("{}  {}", item.name, item.state)).into_owned());
        }
    }
}

fn bar(template: &str) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
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
