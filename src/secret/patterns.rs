//! What to look for: every secret as it is, decoded, and in base64.

use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use super::decoded::Decoded;

/// Shorter values would be found in innocent text; nothing that guards an account is that short.
pub(super) const SHORTEST: usize = 6;

/// The patterns of all secrets, ready to be searched for in one pass.
#[derive(Default)]
pub(super) struct Patterns {
    /// Sorted, so that those with one beginning are neighbors.
    patterns: Vec<Vec<u8>>,
    /// Which beginnings there are, as bits of their hash.
    beginnings: Vec<u64>,
}

/// How many bytes of a pattern its hash is made of.
const BEGINNING: usize = 4;

impl Patterns {
    pub(super) fn new<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Patterns {
        let mut patterns: Vec<Vec<u8>> = secrets.into_iter().flat_map(spellings).collect();
        patterns.sort_unstable();
        patterns.dedup();
        let mut beginnings = vec![0; 1 << 10];
        for pattern in &patterns {
            let (word, bit) = bit_of(&pattern[..BEGINNING]);
            beginnings[word] |= bit;
        }
        Patterns {
            patterns,
            beginnings,
        }
    }

    /// Returns where secrets are in a text, in order, without overlaps.
    pub(super) fn find(&self, text: &str) -> Vec<Range<usize>> {
        if self.patterns.is_empty() {
            return Vec::new();
        }
        let mut found = self.search(text.as_bytes());
        if text.contains(['\\', '%', '&']) {
            let decoded = Decoded::new(text);
            for (index, bytes) in decoded.layers().enumerate() {
                let ranges = self.search(bytes).into_iter();
                found.extend(ranges.map(|range| decoded.source(index, range)));
            }
        }
        found.sort_unstable_by_key(|range| range.start);
        let mut merged: Vec<Range<usize>> = Vec::with_capacity(found.len());
        for range in found {
            match merged.last_mut() {
                Some(last) if range.start < last.end => last.end = last.end.max(range.end),
                _ => merged.push(range),
            }
        }
        merged
    }

    /// Finds, at each place, the longest pattern that begins there: a secret that begins another
    /// one must not leave the other's tail.
    fn search(&self, bytes: &[u8]) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        for (at, window) in bytes.windows(BEGINNING).enumerate() {
            let beginning: [u8; BEGINNING] = std::array::from_fn(|index| fold(window[index]));
            let (word, bit) = bit_of(&beginning);
            if self.beginnings[word] & bit == 0 {
                continue;
            }
            let first = self
                .patterns
                .partition_point(|pattern| pattern.as_slice() < beginning.as_slice());
            let longest = self.patterns[first..]
                .iter()
                .take_while(|pattern| pattern.starts_with(&beginning))
                .filter(|pattern| begins(&bytes[at..], pattern))
                .map(Vec::len)
                .max();
            found.extend(longest.map(|length| at..at + length));
        }
        found
    }
}

fn begins(text: &[u8], pattern: &[u8]) -> bool {
    let mut text = text.iter().map(|byte| fold(*byte));
    pattern.iter().all(|wanted| text.next() == Some(*wanted))
}

/// A form writes a blank as `+`, and a reader of forms takes a `+` for a blank.
fn fold(byte: u8) -> u8 {
    if byte == b'+' { b' ' } else { byte }
}

fn folded(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().map(|byte| fold(*byte)).collect()
}

/// Returns the bit of a beginning: its word, and the bit in the word.
fn bit_of(beginning: &[u8]) -> (usize, u64) {
    let hash = beginning.iter().fold(0, |hash: u32, byte| {
        (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193)
    });
    (usize::from((hash >> 22) as u16), 1 << (hash & 63))
}

/// Returns a secret as it is, decoded as texts are, and in base64 at each of the three places where
/// it may be part of a longer value (`user:password`).
fn spellings(secret: &str) -> Vec<Vec<u8>> {
    let mut spellings = vec![secret.as_bytes().to_vec()];
    spellings.extend(Decoded::new(secret).plain());
    spellings.push(visible(secret).into_bytes());
    for before in 0..3 {
        for alphabet in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
            spellings.push(in_base64(secret, before, &alphabet));
        }
    }
    // Whatever the secret loses when what looks like an escape in it is decoded.
    let long = spellings
        .iter()
        .filter(|spelling| spelling.len() >= BEGINNING);
    long.map(|spelling| folded(spelling)).collect()
}

/// Returns a secret as `output` shows its control characters: behind a backslash of the secret's
/// own, such an escape is no longer told apart.
fn visible(secret: &str) -> String {
    let escape = |character: char| match character {
        '\n' | '\r' | '\t' => character.escape_default().to_string(),
        control if control.is_control() => control.escape_unicode().to_string(),
        other => other.to_string(),
    };
    secret.chars().map(escape).collect()
}

/// Encodes a secret behind so many unknown bytes, without the characters that depend on those or on
/// what follows.
fn in_base64(secret: &str, before: usize, alphabet: &base64::engine::GeneralPurpose) -> Vec<u8> {
    let mut bytes = vec![0; before];
    bytes.extend_from_slice(secret.as_bytes());
    let mut text = alphabet.encode(&bytes).into_bytes();
    if !bytes.len().is_multiple_of(3) {
        text.pop();
    }
    let unknown = match before {
        0 => 0,
        more => more + 1,
    };
    text.split_off(unknown.min(text.len()))
}
