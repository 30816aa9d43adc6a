//! The traffic as `-v` and `-vv` show it, and what everybody has to know of it.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::api::{Answer, Event, Header, Trace};
use crate::duration;
use crate::lock::lock;
use crate::output::Output;

/// A pause of this length is reported without `-v`, too: no one should wonder what is going on.
const LONG: Duration = Duration::from_secs(10);

/// Shows the traffic on standard error.
pub(super) struct TraceOutput {
    output: Arc<Output>,
    /// When the last pause that was reported ends: throttled requests pause together.
    pausing: Mutex<Option<Instant>>,
}

impl Trace for TraceOutput {
    fn event(&self, event: &Event<'_>) {
        let verbosity = self.output.manner().verbosity;
        if let Event::Trusting(roots) = event
            && roots.bundled
        {
            self.output
                .warn(&format!("trusting the root certificates {}", roots.from));
            return;
        }
        if verbosity == 0 {
            if let Event::Pausing { pause, why } = event {
                self.report_pause(*pause, why);
            }
            return;
        }
        match event {
            Event::Sending {
                method,
                url,
                headers,
                body,
            } => {
                self.line('>', &format!("{method} {url}"));
                if verbosity > 1 {
                    self.headers(headers);
                    self.body('>', body);
                }
            }
            Event::Answered {
                answer,
                took,
                is_secret,
                ..
            } => {
                let id = answer.request_id().unwrap_or("none");
                let took = duration::text(*took);
                self.line(
                    '<',
                    &format!("{} in {took}, request id {id}", answer.status_line()),
                );
                if verbosity > 1 {
                    self.answer(answer, *is_secret);
                }
            }
            Event::Failed { why } => self.line('<', why),
            Event::Pausing { pause, why } => {
                let pause = duration::text(*pause);
                self.line('*', &format!("trying again in {pause}: {why}"));
            }
            Event::Trusting(roots) => {
                self.line(
                    '*',
                    &format!("{} root certificates from {}", roots.count, roots.from),
                );
            }
        }
    }
}

impl TraceOutput {
    pub(super) fn new(output: Arc<Output>) -> TraceOutput {
        let pausing = Mutex::default();
        TraceOutput { output, pausing }
    }

    /// Says why nothing happens for long; of several pauses at a time, the first.
    fn report_pause(&self, pause: Duration, why: &str) {
        let mut pausing = lock(&self.pausing);
        let now = Instant::now();
        if pause >= LONG && pausing.is_none_or(|end| end <= now) {
            *pausing = Some(now + pause);
            let pause = duration::text(pause);
            self.output.note(&format!("trying again in {pause}: {why}"));
        }
    }

    fn line(&self, mark: char, text: &str) {
        self.output.trace(mark, text);
    }

    fn headers(&self, headers: &[Header]) {
        for (name, value) in headers {
            self.line('>', &format!("{name}: {value}"));
        }
    }

    fn answer(&self, answer: &Answer, is_secret: bool) {
        for (name, value) in &answer.headers {
            let value = String::from_utf8_lossy(value.as_bytes());
            let secret = matches!(
                name.as_str(),
                "x-subject-token" | "x-swr-dockerlogin" | "set-cookie"
            );
            let value = if secret {
                crate::secret::REDACTED
            } else {
                value.as_ref()
            };
            self.line('<', &format!("{name}: {value}"));
        }
        if is_secret {
            self.line('<', crate::secret::REDACTED);
        } else {
            self.body('<', &answer.body);
        }
    }

    fn body(&self, mark: char, body: &[u8]) {
        for line in String::from_utf8_lossy(body).lines() {
            self.line(mark, line);
        }
    }
}
