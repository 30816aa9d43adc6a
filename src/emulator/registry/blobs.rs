//! Blobs: read whole or in part, and removed from a repository.

use std::io::{Seek, SeekFrom};

use super::{Failure, Name, Visit};
use crate::emulator::response::{Body, Response};
use crate::emulator::storage::Digest;

fn unknown() -> Failure {
    Failure::new(404, "BLOB_UNKNOWN", "blob unknown to registry")
}

pub(super) fn get(visit: &Visit<'_>, name: &Name, digest: &str) -> Result<Response, Failure> {
    let digest = Digest::parse(digest)
        .ok_or_else(|| Failure::new(400, "DIGEST_INVALID", "invalid digest"))?;
    let place = name.place(visit.region);
    let linked = visit
        .shared
        .world()
        .content(&place)
        .is_some_and(|content| content.blobs.contains(&digest));
    let found = visit.shared.store().read(&digest)?;
    let (mut file, length) = found.filter(|_| linked).ok_or_else(unknown)?;
    let range = visit
        .header("range")
        .filter(|_| visit.method == "GET")
        .and_then(|text| Range::parse(text, length));
    let (status, start, end) = match range {
        None => (200, 0, length),
        Some(Range::Outside) => {
            let text = "requested range not satisfiable";
            return Err(Failure::new(416, "RANGE_INVALID", text)
                .header("content-range", format!("bytes */{length}")));
        }
        Some(Range::Part { start, end }) => (206, start, end),
    };
    file.seek(SeekFrom::Start(start))?;
    let response = Response {
        status,
        headers: Vec::new(),
        body: Body::File {
            kind: "application/octet-stream".to_owned(),
            file,
            length: end - start,
        },
    };
    let response = response
        .header("docker-content-digest", digest.as_str())
        .header("accept-ranges", "bytes");
    Ok(if status == 206 {
        let range = format!("bytes {start}-{}/{length}", end - 1);
        response.header("content-range", range)
    } else {
        response
    })
}

/// A range that was asked for.
#[derive(Debug, PartialEq, Eq)]
enum Range {
    /// From `start` up to, and without, `end`.
    Part { start: u64, end: u64 },
    /// Behind the end.
    Outside,
}

impl Range {
    /// Parses `bytes=a-b`, `bytes=a-` or `bytes=-n`; anything else counts as no range at all, as
    /// RFC 9110 says.
    fn parse(text: &str, length: u64) -> Option<Range> {
        let (first, last) = text.strip_prefix("bytes=")?.split_once('-')?;
        if first.is_empty() {
            let count: u64 = last.parse().ok()?;
            return Some(match count.min(length) {
                0 => Range::Outside,
                count => Range::Part {
                    start: length - count,
                    end: length,
                },
            });
        }
        let start: u64 = first.parse().ok()?;
        let end = match last {
            "" => length,
            last => last.parse::<u64>().ok()?.checked_add(1)?.min(length),
        };
        if !last.is_empty() && last.parse::<u64>().ok()? < start {
            return None;
        }
        Some(if start >= length {
            Range::Outside
        } else {
            Range::Part { start, end }
        })
    }
}

pub(super) fn delete(visit: &Visit<'_>, name: &Name, digest: &str) -> Result<Response, Failure> {
    let digest = Digest::parse(digest).ok_or_else(unknown)?;
    let place = name.place(visit.region);
    let mut world = visit.shared.world_to_change();
    if world.remove_blob(&place, &digest) {
        Ok(Response::nothing(202))
    } else {
        Err(unknown())
    }
}

#[cfg(test)]
mod tests {
    use super::Range;

    #[test]
    fn ranges_are_read_as_rfc_9110_says() {
        let part = |start, end| Some(Range::Part { start, end });
        for (text, expected) in [
            ("bytes=0-9", part(0, 10)),
            ("bytes=90-", part(90, 100)),
            ("bytes=90-500", part(90, 100)),
            ("bytes=-10", part(90, 100)),
            ("bytes=-500", part(0, 100)),
            ("bytes=100-", Some(Range::Outside)),
            ("bytes=500-600", Some(Range::Outside)),
            ("bytes=-0", Some(Range::Outside)),
            ("bytes=500-0", None),
            ("bytes=9-1", None),
            ("bytes=a-b", None),
            ("bytes=", None),
            ("0-9", None),
            ("bytes=0-9,20-29", None),
            ("bytes=0-18446744073709551615", None),
        ] {
            assert_eq!(Range::parse(text, 100), expected, "{text}");
        }
        assert_eq!(Range::parse("bytes=0-", 0), Some(Range::Outside));
    }
}
