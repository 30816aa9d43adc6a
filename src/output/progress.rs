//! What is seen while something takes long: a live view on a terminal, sparse lines in a log.

use std::collections::HashMap;
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
/// In fewer columns nothing is drawn.
const NARROWEST: u16 = 20;
/// The most items that are drawn at once; the others are in the total.
const MOST: usize = 8;

/// The progress of one piece of work; gone when dropped.
#[derive(Debug)]
pub struct Progress<'a> {
    output: &'a Output,
    view: Option<Arc<View>>,
    ticker: Mutex<Option<(Sender<()>, JoinHandle<()>)>>,
    noted: Mutex<Instant>,
}

/// What is drawn: a line for each item under way, and one for the whole.
#[derive(Debug)]
struct View {
    bars: MultiProgress,
    total: ProgressBar,
    /// The items under way, by what they belong to.
    groups: Mutex<Vec<(String, Vec<Item>)>>,
}

#[derive(Debug)]
struct Item {
    name: String,
    state: String,
    since: Instant,
    bar: Option<ProgressBar>,
}

impl Output {
    /// Begins to show progress, at once. `--quiet` shows none, and neither does a terminal that
    /// takes a JSON document, for the view would stand between its lines.
    pub fn progress(&self) -> Progress<'_> {
        let manner = self.manner();
        let is_free = self.format() == Format::Human || !self.is_terminal();
        let wanted = !manner.quiet && !manner.dumb && manner.verbosity == 0;
        let drawn = self.is_watched() && is_free && wanted && is_wide_enough();
        let view = drawn.then(|| {
            let bars = MultiProgress::with_draw_target(ProgressDrawTarget::stderr());
            // Known before anything is drawn, for a signal that comes at once clears it.
            *lock(&self.live) = Some(bars.clone());
            Arc::new(View::new(bars))
        });
        let ticker = view.as_ref().and_then(|view| {
            view.total.tick();
            tick(Arc::clone(view))
        });
        Progress {
            output: self,
            view,
            ticker: Mutex::new(ticker),
            noted: Mutex::new(Instant::now()),
        }
    }
}

impl Progress<'_> {
    /// Says how far the whole is.
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

    /// Shows what is under way of one thing: each item's name with its state and the time since it
    /// was first named. An item that is not named any more has ended.
    pub fn show<'i>(&self, group: &str, items: impl IntoIterator<Item = (&'i str, &'i str)>) {
        if let Some(view) = &self.view {
            view.show(group, items);
        }
    }

    /// Shows one thing as under way until the returned line is dropped.
    pub fn line(&self, name: String, state: &str) -> Line<'_> {
        self.show(&name, [(name.as_str(), state)]);
        Line {
            progress: self,
            name,
        }
    }

    /// Ends the view: what is written now stands alone.
    pub fn end(&self) {
        let ticker = lock(&self.ticker).take();
        if let Some((stop, ticker)) = ticker {
            drop(stop);
            let _ = ticker.join();
        }
        if let Some(view) = &self.view {
            *lock(&self.output.live) = None;
            lock(&view.groups).clear();
            let _ = view.bars.clear();
        }
    }
}

impl Drop for Progress<'_> {
    fn drop(&mut self) {
        self.end();
    }
}

/// One thing that is under way.
#[derive(Debug)]
pub struct Line<'a> {
    progress: &'a Progress<'a>,
    name: String,
}

impl Drop for Line<'_> {
    fn drop(&mut self) {
        self.progress.show(&self.name, []);
    }
}

impl View {
    fn new(bars: MultiProgress) -> View {
        let total = bars.add(bar("{spinner} {wide_msg} {elapsed:>4}"));
        total.set_message("asking the service");
        View {
            total,
            bars,
            groups: Mutex::default(),
        }
    }

    fn show<'i>(&self, group: &str, named: impl IntoIterator<Item = (&'i str, &'i str)>) {
        let mut groups = lock(&self.groups);
        let known = groups.iter().position(|(name, _)| name == group);
        let mut before: HashMap<String, Item> = known
            .map(|index| std::mem::take(&mut groups[index].1))
            .unwrap_or_default()
            .into_iter()
            .map(|item| (item.name.clone(), item))
            .collect();
        let item_of = |(name, state): (&str, &str)| {
            let mut item = before.remove(name).unwrap_or_else(|| Item {
                name: name.to_owned(),
                state: String::new(),
                since: Instant::now(),
                bar: None,
            });
            state.clone_into(&mut item.state);
            item
        };
        let items: Vec<Item> = named.into_iter().map(item_of).collect();
        match known {
            Some(index) if items.is_empty() => drop(groups.remove(index)),
            Some(index) => groups[index].1 = items,
            None if items.is_empty() => {}
            None => groups.push((group.to_owned(), items)),
        }
        for bar in before.into_values().filter_map(|ended| ended.bar) {
            self.bars.remove(&bar);
        }
        let all = groups.iter_mut().flat_map(|(_, items)| items);
        all.take(MOST).for_each(|item| self.draw(item));
    }

    /// Gives an item a line, and the line its text.
    fn draw(&self, item: &mut Item) {
        let bar = item.bar.get_or_insert_with(|| {
            let bar = bar("  {spinner} {wide_msg} {elapsed:>4}").with_elapsed(item.since.elapsed());
            self.bars.insert_before(&self.total, bar)
        });
        bar.set_message(harmless(&format!("{}  {}", item.name, item.state)).into_owned());
    }
}

/// Returns `true` if a line has room. A terminal that does not say how wide it is would be flooded.
fn is_wide_enough() -> bool {
    terminal_size::terminal_size_of(std::io::stderr())
        .is_some_and(|(width, _)| width.0 >= NARROWEST)
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
            for (_, items) in lock(&view.groups).iter() {
                for bar in items.iter().filter_map(|item| item.bar.as_ref()) {
                    bar.tick();
                }
            }
            view.total.tick();
        }
    });
    ticker.ok().map(|ticker| (stop, ticker))
}
