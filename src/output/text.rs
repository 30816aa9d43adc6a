//! Text for a person: spans with a look, lines, tables. What comes from outside is made harmless
//! here, so that no report has to think of it.

use anstyle::{AnsiColor, Style};
use unicode_width::UnicodeWidthStr;

/// How a span looks where there is color.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// As the terminal writes.
    Plain,
    /// Bold: what the eye should find.
    Strong,
    /// Green: as wished.
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
}

macro_rules! look {
    ($name:ident, $look:ident, $meaning:literal) => {
        #[doc = $meaning]
        pub fn $name(text: impl Into<String>) -> Span {
            Span {
                look: Look::$look,
                text: text.into(),
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

/// Lines for a person.
#[derive(Debug)]
pub struct Page {
    text: String,
    colored: bool,
}

impl Page {
    pub(super) fn new(colored: bool) -> Page {
        Page {
            text: String::new(),
            colored,
        }
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }

    /// Writes a line; control characters in it are shown escaped.
    pub fn line(&mut self, spans: &[Span]) {
        for span in spans {
            let style = span.look.style();
            let text = harmless(&span.text);
            if self.colored && span.look != Look::Plain {
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

    /// Writes rows under each other, columns aligned, the last one as long as it is.
    pub fn table(&mut self, headers: &[&str], rows: &[Vec<Span>]) {
        let headers: Vec<Span> = headers.iter().map(|&header| dim(header)).collect();
        let lines = || {
            std::iter::once(&headers)
                .filter(|row| !row.is_empty())
                .chain(rows)
        };
        let mut widths: Vec<usize> = Vec::new();
        for row in lines() {
            for (column, span) in row.iter().enumerate() {
                let width = harmless(&span.text).width();
                match widths.get_mut(column) {
                    Some(widest) => *widest = width.max(*widest),
                    None => widths.push(width),
                }
            }
        }
        for row in lines() {
            let mut cells = Vec::with_capacity(2 * row.len());
            for (column, span) in row.iter().enumerate() {
                cells.push(span.clone());
                if column + 1 < row.len() {
                    let gap = widths[column] + 2 - harmless(&span.text).width();
                    cells.push(plain(" ".repeat(gap)));
                }
            }
            self.line(&cells);
        }
    }
}

/// Shows control characters (C0, DEL, C1) and what turns the direction of text as escapes.
pub fn harmless(text: &str) -> std::borrow::Cow<'_, str> {
    let harmful = |c: char| {
        c.is_control()
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
    };
    if !text.contains(harmful) {
        return text.into();
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        match character {
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push_str("\\t"),
            other if harmful(other) => shown.extend(other.escape_unicode()),
            other => shown.push(other),
        }
    }
    shown.into()
}

#[cfg(test)]
mod tests {
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
    fn columns_are_aligned_with_and_without_colour() {
        let rows = [
            vec![plain("a"), bad("failed"), plain("x")],
            vec![plain("abc"), plain("b")],
        ];
        let mut page = Page::new(false);
        page.table(&["TAG", "STATUS", "WHY"], &rows);
        assert_eq!(
            page.into_text(),
            "TAG  STATUS  WHY\na    failed  x\nabc  b\n"
        );
        let mut page = Page::new(true);
        page.table(&[], &rows[..1]);
        assert_eq!(
            page.into_text(),
            "a  \u{1b}[1m\u{1b}[31mfailed\u{1b}[0m  x\n"
        );
    }
}
