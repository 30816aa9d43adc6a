//! A text with its escapes decoded, each byte with the place that it came from.
//!
//! Servers, proxies and libraries spell one value in many ways: as JSON text (`\/`, `\u003d`),
//! percent-encoded in any case, as HTML entities, with control characters escaped, and one inside
//! the other. All of them are decoded alike, so that a secret is looked for in one form.

use std::ops::Range;

/// More layers of escapes than any chain of services adds.
const MOST_LAYERS: usize = 8;

/// A text with its layers of escapes taken off, one after the other.
pub(super) struct Decoded(Vec<Layer>);

/// A text with one layer of escapes less.
struct Layer {
    bytes: Vec<u8>,
    /// Where each run of copied bytes and each escape begins, in order.
    marks: Vec<Mark>,
}

struct Mark {
    at: usize,
    /// The place in the layer before.
    source: usize,
    /// The length of the escape there; zero for bytes that were copied.
    escape: usize,
}

impl Decoded {
    /// Decodes a text until it has no escape left, and no backslash: which of two escapes one of
    /// them belongs to depends on what was spelled first.
    pub(super) fn new(text: &str) -> Decoded {
        let mut decoded = Decoded(Vec::new());
        while decoded.0.len() < MOST_LAYERS
            && let Some(layer) = decode(decoded.last(text))
        {
            decoded.0.push(layer);
        }
        let last = without_backslashes(decoded.last(text));
        decoded.0.extend(last);
        decoded
    }

    fn last<'a>(&'a self, text: &'a str) -> &'a [u8] {
        let last = self.0.last();
        last.map_or(text.as_bytes(), |layer| &layer.bytes)
    }

    /// Returns the bytes of each layer.
    pub(super) fn layers(&self) -> impl Iterator<Item = &[u8]> {
        self.0.iter().map(|layer| layer.bytes.as_slice())
    }

    /// Returns the text without escapes and backslashes; `None` where it has none.
    pub(super) fn plain(mut self) -> Option<Vec<u8>> {
        self.0.pop().map(|layer| layer.bytes)
    }

    /// Returns the place in the text that some bytes of a layer came from.
    pub(super) fn source(&self, layer: usize, range: Range<usize>) -> Range<usize> {
        self.0[..=layer].iter().rev().fold(range, |range, layer| {
            layer.source(range.start).start..layer.source(range.end - 1).end
        })
    }
}

impl Layer {
    fn source(&self, at: usize) -> Range<usize> {
        let index = self.marks.partition_point(|mark| mark.at <= at) - 1;
        let mark = &self.marks[index];
        match mark.escape {
            0 => {
                let source = mark.source + (at - mark.at);
                source..source + 1
            }
            length => mark.source..mark.source + length,
        }
    }

    fn push(&mut self, bytes: &[u8], source: usize, escape: usize) {
        if !bytes.is_empty() {
            self.marks.push(Mark {
                at: self.bytes.len(),
                source,
                escape,
            });
            self.bytes.extend_from_slice(bytes);
        }
    }
}

/// Decodes one layer of escapes; `None` where there is none.
fn decode(bytes: &[u8]) -> Option<Layer> {
    let mut layer = Layer {
        bytes: Vec::new(),
        marks: Vec::new(),
    };
    let (mut copied, mut at) = (0, 0);
    while at < bytes.len() {
        let escape = match bytes[at] {
            b'\\' => backslash(&bytes[at..]),
            b'%' => percent(&bytes[at..]),
            b'&' => entity(&bytes[at..]),
            _ => None,
        };
        let Some((character, length)) = escape else {
            at += 1;
            continue;
        };
        layer.push(&bytes[copied..at], copied, 0);
        layer.push(&character.bytes(), at, length);
        at += length;
        copied = at;
    }
    if copied == 0 {
        return None;
    }
    layer.push(&bytes[copied..], copied, 0);
    Some(layer)
}

/// Takes the backslashes away; `None` where there is none.
fn without_backslashes(bytes: &[u8]) -> Option<Layer> {
    bytes.contains(&b'\\').then(|| {
        let mut layer = Layer {
            bytes: Vec::new(),
            marks: Vec::new(),
        };
        let mut at = 0;
        for run in bytes.split(|byte| *byte == b'\\') {
            layer.push(run, at, 0);
            at += run.len() + 1;
        }
        layer
    })
}

/// What an escape means: a character, or a byte of one.
enum Character {
    Char(char),
    Byte(u8),
}

impl Character {
    fn bytes(&self) -> Vec<u8> {
        match self {
            Character::Char(character) => character.to_string().into_bytes(),
            Character::Byte(byte) => vec![*byte],
        }
    }
}

type Escape = Option<(Character, usize)>;

/// JSON's escapes, and those of programming languages: `\x1b`, `\u{1b}`.
fn backslash(bytes: &[u8]) -> Escape {
    let simple = |character| Some((Character::Char(character), 2));
    match bytes.get(1)? {
        b'n' => simple('\n'),
        b'r' => simple('\r'),
        b't' => simple('\t'),
        b'b' => simple('\u{8}'),
        b'f' => simple('\u{c}'),
        b'0' => simple('\0'),
        b'x' => Some((
            Character::Byte(u8::try_from(hex(bytes.get(2..4)?)?).ok()?),
            4,
        )),
        b'u' if bytes.get(2) == Some(&b'{') => {
            let digits = bytes[3..].iter().take(7).position(|byte| *byte == b'}')?;
            let character = char::from_u32(hex(&bytes[3..3 + digits])?)?;
            Some((Character::Char(character), digits + 4))
        }
        b'u' => {
            let unit = hex(bytes.get(2..6)?)?;
            let second = || {
                let next = bytes.get(6..12)?.strip_prefix(b"\\u")?;
                let pair = [u16::try_from(unit).ok()?, u16::try_from(hex(next)?).ok()?];
                char::decode_utf16(pair).next()?.ok()
            };
            match char::from_u32(unit) {
                Some(character) => Some((Character::Char(character), 6)),
                None => Some((Character::Char(second()?), 12)),
            }
        }
        &byte if byte.is_ascii_punctuation() => simple(char::from(byte)),
        _ => None,
    }
}

fn percent(bytes: &[u8]) -> Escape {
    let byte = u8::try_from(hex(bytes.get(1..3)?)?).ok()?;
    Some((Character::Byte(byte), 3))
}

/// Numbers, and the names that encoders give to ASCII.
fn entity(bytes: &[u8]) -> Escape {
    const LONGEST: usize = 10;
    let end = bytes.iter().take(LONGEST).position(|byte| *byte == b';')?;
    let name = std::str::from_utf8(&bytes[1..end]).ok()?;
    let character = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "sol" => '/',
        "bsol" => '\\',
        "plus" => '+',
        "equals" => '=',
        "percnt" => '%',
        "colon" => ':',
        "commat" => '@',
        "num" => '#',
        "excl" => '!',
        "dollar" => '$',
        "lowbar" => '_',
        "Tab" => '\t',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(digits) => hex(digits.as_bytes())?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)?
        }
    };
    Some((Character::Char(character), end + 1))
}

fn hex(digits: &[u8]) -> Option<u32> {
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::Decoded;

    fn plain(text: &str) -> Option<Vec<u8>> {
        Decoded::new(text).plain()
    }

    #[test]
    fn every_spelling_of_a_text_is_decoded_to_it() {
        for spelling in [
            r"a\/b=\tc",
            r"a/b\u003d\u0009c",
            r"a/b\u003D\x09c",
            r"a/b=\u{9}c",
            "a%2Fb%3D%09c",
            "a%2fb%3d%09c",
            "a&#47;b&equals;&#x9;c",
            "a&#x2F;b&#61;&Tab;c",
            r"a%255cu002Fb=\\tc",
        ] {
            let decoded = plain(spelling).unwrap_or_default();
            assert_eq!(String::from_utf8_lossy(&decoded), "a/b=\tc", "{spelling}");
        }
        assert_eq!(plain(r"\ud83d\ude00").unwrap(), "😀".as_bytes());
    }

    #[test]
    fn what_is_no_escape_stays() {
        for text in ["", "100%", "%zz", "&unknown;", "a & b; c", "é"] {
            assert_eq!(plain(text), None, "{text}");
        }
    }
}
