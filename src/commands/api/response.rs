//! Sends and prints: an answer as it came, or the pages of a list as one array.

use std::io::IsTerminal;

use serde_json::Value;

use crate::api::{Answer, AnyList, Call};
use crate::context::Context;
use crate::error::Error;
use crate::exit::Exit;
use crate::output::{Output, Page, plain, strong};
use crate::secret::{REDACTED, scrub};

/// Headers that carry a credential: they are said to be there.
const SECRET: [&str; 3] = ["x-subject-token", "x-swr-dockerlogin", "set-cookie"];

/// Sends a call and prints its answer, whatever its status.
pub(super) fn one(context: &Context, call: &Call, include: bool) -> Result<Exit, Error> {
    let service = context.service()?;
    let answer = service.send(call)?;
    let output = context.output();
    if include {
        output.page(|page| page.lines(&head(&answer)))?;
        output.write("\n")?;
    }
    body(output, &answer)?;
    end(&answer)
}

/// Reads all pages of a list and prints their rows as they come.
pub(super) fn all_pages(context: &Context, list: AnyList) -> Result<Exit, Error> {
    let mut rows = context.service()?.rows(list);
    let output = context.output();
    let mut listing = output.array();
    while let Some(row) = rows.next() {
        match row {
            Ok(row) => listing.item(&row, Vec::new)?,
            Err(error) if listing.count() == 0 => {
                if let Some(answer) = rows.refused() {
                    body(output, answer)?;
                }
                return Err(error);
            }
            Err(error) => {
                // What came is a whole document; the error says that there is more.
                listing.finish("")?;
                return Err(error);
            }
        }
    }
    listing.finish("")?;
    Ok(Exit::Done)
}

/// Ends with the class of the status; anything but a success is explained on standard error.
fn end(answer: &Answer) -> Result<Exit, Error> {
    if answer.is_success() {
        return Ok(Exit::Done);
    }
    Err(answer.refusal())
}

fn head(answer: &Answer) -> String {
    let mut head = format!("HTTP/1.1 {}\n", answer.status_line());
    for (name, value) in &answer.headers {
        let value = if SECRET.contains(&name.as_str()) {
            REDACTED.into()
        } else {
            String::from_utf8_lossy(value.as_bytes())
        };
        head.push_str(&format!("{name}: {value}\n"));
    }
    head
}

/// Writes the body as it came, secrets taken out. On a terminal JSON is indented, and control
/// characters are shown; an error that follows begins on a line of its own.
fn body(output: &Output, answer: &Answer) -> Result<(), Error> {
    if std::io::stdout().is_terminal() {
        return output.page(|page| match serde_json::from_slice::<Value>(&answer.body) {
            Ok(json) => indented(page, &format!("{json:#}")),
            Err(_) => page.lines(&String::from_utf8_lossy(&answer.body)),
        });
    }
    let mut body = without_secrets(&answer.body);
    if !answer.is_success() && body.last().is_some_and(|last| *last != b'\n') {
        body.push(b'\n');
    }
    output.write_bytes(&body)
}

/// Writes indented JSON, its keys emphasized.
fn indented(page: &mut Page, text: &str) {
    for line in text.lines() {
        let begin = line.len() - line.trim_start().len();
        let (indent, rest) = line.split_at(begin);
        match rest.split_once("\": ") {
            Some((key, value)) if key.starts_with('"') => page.line(&[
                plain(indent),
                strong(format!("{key}\"")),
                plain(format!(": {value}")),
            ]),
            _ => page.plain(line),
        }
    }
}

fn without_secrets(body: &[u8]) -> Vec<u8> {
    let mut clean = Vec::with_capacity(body.len());
    for chunk in body.utf8_chunks() {
        clean.extend_from_slice(scrub(chunk.valid()).as_bytes());
        clean.extend_from_slice(chunk.invalid());
    }
    clean
}

#[cfg(test)]
mod tests {
    use reqwest::header::{HeaderMap, HeaderValue};

    use super::{head, without_secrets};
    use crate::api::{Answer, Call};
    use crate::secret::Secret;

    #[test]
    fn a_body_stays_as_it_came_except_for_secrets() {
        let secret = Secret::new("quoted-back-0815");
        let body = b"a\xffb\r\n quoted-back-0815\x00";
        assert_eq!(without_secrets(body), b"a\xffb\r\n [redacted]\x00");
        drop(secret);
    }

    #[test]
    fn the_head_has_no_credential() {
        let mut headers = HeaderMap::new();
        headers.insert("x-request-id", HeaderValue::from_static("1"));
        headers.insert(
            "x-swr-dockerlogin",
            HeaderValue::from_static("docker login"),
        );
        let answer = Answer::new(Call::read("/"), 200, headers, Vec::new());
        assert_eq!(
            head(&answer),
            "HTTP/1.1 200 OK\nx-request-id: 1\nx-swr-dockerlogin: [redacted]\n"
        );
    }
}
