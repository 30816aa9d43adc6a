//! Text for a person: spans with a look, lines, tables. What comes from outside is made harmless
//! here, so that no report has to think of it.

use std::borrow::Cow;

use anstyle::{AnsiColor, Style};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// How a span looks where there is color.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// As the terminal writes.
    Plain,
    /// Bold: what the eye should find.
    Strong,
    /// Green: as wanted.
    Good,
    /// Yellow: worth a look.
    Uneasy,
    /// Red: wrong.
    Bad,
    /// Faint: context.
    Dim,
}

impl Look {
    fn style(self) -> Style {
        let color = |color: AnsiColor| Style::new().fg_color(Some(color.into()));
        match self {
            Look::Plain => Style::new(),
            Look::Strong => Style::new().bold(),
            Look::Good => color(AnsiColor::Green).bold(),
            Look::Uneasy => color(AnsiColor::Yellow).bold(),
            Look::Bad => color(AnsiColor::Red).bold(),
            Look::Dim => Style::new().dimmed(),
        }
    }
}

/// A piece of a line.
#[derive(Debug, Clone)]
pub struct Span {
    look: Look,
    text: String,
    /// What a terminal shows instead.
    short: Option<String>,
}

impl Span {
    /// Lets a terminal show a shorter form, for a person: `3 h ago` for a time.
    #[must_use]
    pub fn shortened(mut self, short: impl Into<String>) -> Span {
        self.short = Some(short.into());
        self
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    fn shown(&self, on_terminal: bool) -> Cow<'_, str> {
        harmless(match &self.short {
            Some(short) if on_terminal => short,
            _ => &self.text,
        })
    }
}

macro_rules! look {
    ($name:ident, $look:ident, $meaning:literal) => {
        #[doc = $meaning]
        pub fn $name(text: impl Into<String>) -> Span {
            Span {
                look: Look::$look,
                text: text.into(),
                short: None,
            }
        }
    };
}
look!(plain, Plain, "Returns a span as the terminal writes.");
look!(strong, Strong, "Returns a span that the eye should find.");
look!(good, Good, "Returns a span that says: as wished.");
look!(uneasy, Uneasy, "Returns a span that is worth a look.");
look!(bad, Bad, "Returns a span that says: wrong.");
look!(dim, Dim, "Returns a span of context.");

/// Columns are this far apart.
const GAP: usize = 2;
/// A column of a table is cut to no less than this.
const NARROWEST: usize = 4;
/// Stands where a cell was cut.
const ELLIPSIS: char = '…';

/// Lines for a person.
#[derive(Debug)]
pub struct Page {
    text: String,
    colored: bool,
    /// The width of the terminal, where the page goes to one.
    width: Option<usize>,
}

impl Page {
    pub(super) fn new(colored: bool, width: Option<usize>) -> Page {
        Page {
            text: String::new(),
            colored,
            width,
        }
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }

    /// Writes a line. Control characters in it are shown escaped, and no CI system takes it for a
    /// command.
    pub fn line(&mut self, spans: &[Span]) {
        let on_terminal = self.width.is_some();
        let shown: Vec<Cow<'_, str>> = spans.iter().map(|span| span.shown(on_terminal)).collect();
        self.shown_line(spans, &shown);
    }

    fn shown_line(&mut self, spans: &[Span], shown: &[Cow<'_, str>]) {
        let mut at_start = true;
        for (span, shown) in spans.iter().zip(shown) {
            let text = no_command(shown, at_start);
            at_start &= shown.trim_start().is_empty();
            if self.colored && span.look != Look::Plain {
                let style = span.look.style();
                self.text.push_str(&format!("{style}{text}{style:#}"));
            } else {
                self.text.push_str(&text);
            }
        }
        self.text.push('\n');
    }

    /// Writes a line without any look.
    pub fn plain(&mut self, text: impl Into<String>) {
        self.line(&[plain(text)]);
    }

    /// Writes text of several lines, each made harmless.
    pub fn lines(&mut self, text: &str) {
        for line in text.lines() {
            self.plain(line);
        }
    }

    /// Writes a row for a program: cells in full, separated by tabs.
    pub(super) fn tab_separated(&mut self, row: &[Span]) {
        let cells: Vec<Cow<'_, str>> = row.iter().map(|span| span.shown(false)).collect();
        let line = cells.join("\t");
        self.text.push_str(&no_command(&line, true));
        self.text.push('\n');
    }

    /// Writes rows under each other, columns aligned. On a terminal the table fits its width: the
    /// widest columns are cut.
    pub fn table(&mut self, headers: &[&str], rows: &[Vec<Span>]) {
        let headers: Vec<Span> = headers.iter().map(|&header| strong(header)).collect();
        let on_terminal = self.width.is_some();
        let lines: Vec<(&Vec<Span>, Vec<Cow<'_, str>>)> = std::iter::once(&headers)
            .filter(|row| !row.is_empty())
            .chain(rows)
            .map(|row| {
                let shown = row.iter().map(|span| span.shown(on_terminal)).collect();
                (row, shown)
            })
            .collect();
        let mut widths: Vec<usize> = Vec::new();
        for (_, shown) in &lines {
            for (column, cell) in shown.iter().enumerate() {
                let width = cell.width();
                match widths.get_mut(column) {
                    Some(widest) => *widest = width.max(*widest),
                    None => widths.push(width),
                }
            }
        }
        if let Some(width) = self.width {
            fit(&mut widths, width);
        }
        for (row, shown) in &lines {
            let mut spans = Vec::with_capacity(2 * row.len());
            let mut cells = Vec::with_capacity(2 * row.len());
            for (column, (span, cell)) in row.iter().zip(shown).enumerate() {
                let cell = cut(cell, widths[column]);
                let gap = widths[column] + GAP - cell.width();
                spans.push(span.clone());
                cells.push(cell);
                if column + 1 < row.len() {
                    spans.push(plain(""));
                    cells.push(" ".repeat(gap).into());
                }
            }
            self.shown_line(&spans, &cells);
        }
    }
}

/// Narrows the widest columns until the table fits.
fn fit(widths: &mut [usize], width: usize) {
    let gaps = GAP * widths.len().saturating_sub(1);
    while widths.iter().sum::<usize>() + gaps > width {
        let Some(widest) = widths.iter_mut().max() else {
            return;
        };
        if *widest <= NARROWEST {
            return;
        }
        *widest -= 1;
    }
}

/// Cuts text to a number of columns of a terminal.
fn cut(text: &str, width: usize) -> Cow<'_, str> {
    if text.width() <= width {
        return Cow::Borrowed(text);
    }
    let mut kept = String::new();
    let mut used = 0;
    for character in text.chars() {
        used += character.width().unwrap_or(0);
        if used + 1 > width {
            break;
        }
        kept.push(character);
    }
    kept.push(ELLIPSIS);
    Cow::Owned(kept)
}

/// Returns text that no CI system takes for a workflow command: GitHub's runner obeys lines that
/// begin with `::` behind blanks, and `##[` anywhere in a line.
fn no_command(text: &str, at_start: bool) -> Cow<'_, str> {
    let begins = at_start && text.trim_start().starts_with("::");
    if !begins && !text.contains("##[") {
        return Cow::Borrowed(text);
    }
    let text = text.replace("##[", "#\\u{23}[");
    Cow::Owned(if begins {
        text.replacen("::", ":\\u{3a}", 1)
    } else {
        text
    })
}

/// Returns `true` if a character would move a terminal's cursor, turn the direction of text, or not
/// be seen: control characters (C0, DEL, C1), bidirectional controls, and characters without width
/// or ink (Unicode, `Default_Ignorable_Code_Point`; the two that choose between text and emoji
/// hide nothing and stay).
pub(super) fn is_deceptive(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0d}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Returns text with deceptive characters shown as escapes: control characters, bidirectional
/// controls, invisible ones.
pub fn harmless(text: &str) -> Cow<'_, str> {
    if !text.contains(is_deceptive) {
        return text.into();
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        match character {
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push_str("\\t"),
            other if is_deceptive(other) => shown.extend(other.escape_unicode()),
            other => shown.push(other),
        }
    }
    shown.into()
}

/// Returns text of several lines, each made harmless; tabs stay.
pub(super) fn harmless_lines(text: &str) -> String {
    let lines = text.split('\n').map(|line| {
        let cells: Vec<Cow<'_, str>> = line.split('\t').map(harmless).collect();
        no_command(&cells.join("\t"), true).into_owned()
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use unicode_width::UnicodeWidthStr;

    use super::{Page, bad, harmless, plain};

    #[test]
    fn text_from_outside_cannot_move_the_cursor() {
        assert_eq!(
            harmless("a\u{1b}[2Jb\u{7f}\u{9b}\n"),
            "a\\u{1b}[2Jb\\u{7f}\\u{9b}\\n"
        );
        assert_eq!(harmless("镜像 é"), "镜像 é");
    }

    #[test]
    fn what_is_not_seen_is_shown_escaped() {
        for hidden in [
            "\u{200b}",
            "\u{202e}",
            "\u{2066}",
            "\u{feff}",
            "\u{ad}",
            "\u{e0041}",
        ] {
            let shown = harmless(hidden);
            assert!(shown.starts_with("\\u{"), "{shown}");
        }
        assert_eq!(harmless("❤\u{fe0f}"), "❤\u{fe0f}");
    }

    #[test]
    fn no_line_is_a_command_of_a_ci_system() {
        let mut page = Page::new(false, None);
        page.plain("::error::gone");
        page.line(&[plain("  "), plain("::stop-commands::x")]);
        page.plain("see ##[group]x");
        page.table(&[], &[vec![plain("::warning::a"), plain("::b")]]);
        page.tab_separated(&[plain("::warning::a"), plain("::b")]);
        page.plain("std::fmt a::b");
        assert_eq!(
            page.into_text(),
            ":\\u{3a}error::gone\n  :\\u{3a}stop-commands::x\nsee #\\u{23}[group]x\n\
             :\\u{3a}warning::a  ::b\n:\\u{3a}warning::a\t::b\nstd::fmt a::b\n"
        );
    }

    #[test]
    fn columns_are_aligned_with_and_without_color() {
        let rows = [
            vec![plain("a"), bad("failed"), plain("x")],
            vec![plain("abc"), plain("b")],
        ];
        let mut page = Page::new(false, None);
        page.table(&["TAG", "STATUS", "WHY"], &rows);
        assert_eq!(
            page.into_text(),
            "TAG  STATUS  WHY\na    failed  x\nabc  b\n"
        );
        let mut page = Page::new(true, None);
        page.table(&[], &rows[..1]);
        assert_eq!(
            page.into_text(),
            "a  \u{1b}[1m\u{1b}[31mfailed\u{1b}[0m  x\n"
        );
    }

    #[test]
    fn a_table_fits_the_terminal_and_is_uncut_elsewhere() {
        let rows = [
            vec![
                plain("v1"),
                plain("镜像镜像镜像镜像镜像"),
                plain("sha256:0123456789").shortened("0123"),
            ],
            vec![plain("v2"), plain("short"), plain("x")],
        ];
        let shown = |width| {
            let mut page = Page::new(false, width);
            page.table(&["TAG", "NAME", "DIGEST"], &rows);
            page.into_text()
        };
        assert_eq!(
            shown(Some(24)),
            "TAG  NAME         DIGEST\nv1   镜像镜像镜…  0123\nv2   short        x\n"
        );
        for width in 16..60 {
            let text = shown(Some(width));
            let widest = text.lines().map(UnicodeWidthStr::width).max();
            assert!(widest <= Some(width), "{width}: {text}");
        }
        assert!(shown(None).contains("镜像镜像镜像镜像镜像  sha256:0123456789"));
    }
}
