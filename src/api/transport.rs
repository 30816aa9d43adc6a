//! Sends a call: time limits, tries, pauses, size limit, trace.
//!
//! Every rule of contract section 5 that is not about the meaning of an answer is here.

use std::io::Read;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use reqwest::blocking::{Client, Response};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::redirect::Policy;
use url::Url;

use super::answer::{Answer, status_line};
use super::authorize::{Authorize, Draft};
use super::call::{Call, Repeat};
use super::error_body::read_error_body;
use super::roots::{self, Roots, Trust};
use crate::endpoint::Endpoint;
use crate::error::{Error, Kind};
use crate::interrupt::Interrupt;
use crate::secret::Secret;

/// Answers are read up to this many bytes.
const LARGEST: u64 = 16 * 1024 * 1024;
/// A `Retry-After` beyond this is the answer, not a pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// What the vendor advises after throttling is 2 to 5 seconds.
const THROTTLED: Duration = Duration::from_secs(2);
const FIRST_PAUSE: Duration = Duration::from_millis(500);

/// How long and how often.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// For one request, from connecting to the last byte.
    pub timeout: Duration,
    /// For connecting.
    pub connect_timeout: Duration,
    /// How often a request is sent again at the most.
    pub retries: u32,
}

/// What can be seen of the traffic (`-v`).
#[derive(Debug)]
pub enum Event<'a> {
    /// A request goes out.
    Sending {
        /// The method.
        method: &'a str,
        /// The whole address.
        url: &'a Url,
        /// Headers, secrets among them as such.
        headers: &'a [(&'static str, Secret)],
        /// The body.
        body: &'a [u8],
    },
    /// An answer came.
    Answered {
        /// The answer, read.
        answer: &'a Answer,
        /// The address that answered.
        url: &'a Url,
        /// From sending to the last byte.
        took: Duration,
    },
    /// No answer came.
    Failed {
        /// Why, in words.
        why: &'a str,
    },
    /// The same request will be sent again.
    Pausing {
        /// How long until then.
        pause: Duration,
        /// Why, in words.
        why: &'a str,
    },
    /// The roots that TLS trusts were read.
    Trusting(&'a Roots),
}

/// Whoever shows the traffic.
pub trait Trace: Send + Sync {
    /// Is told each event as it happens.
    fn event(&self, event: &Event<'_>);
}

/// Sends requests; one for a process, so that connections and roots are shared.
pub struct Transport {
    limits: Limits,
    trust: Trust,
    trace: Box<dyn Trace>,
    interrupt: Interrupt,
    secure: OnceLock<Client>,
    plain: OnceLock<Client>,
    /// Set by throttling: nobody sends before.
    not_before: Mutex<Option<Instant>>,
}

impl std::fmt::Debug for Transport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Transport")
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

/// Why one try brought no answer.
struct Lost {
    error: Error,
    sent: Sent,
}

/// Whether the service can have seen a request that brought no answer.
#[derive(PartialEq)]
enum Sent {
    No,
    Perhaps,
    /// It did, and would answer in the same way again.
    ForGood,
}

impl Transport {
    /// Makes a transport; nothing is read or connected before the first call.
    pub fn new(
        limits: Limits,
        trust: Trust,
        trace: Box<dyn Trace>,
        interrupt: Interrupt,
    ) -> Transport {
        Transport {
            limits,
            trust,
            trace,
            interrupt,
            secure: OnceLock::new(),
            plain: OnceLock::new(),
            not_before: Mutex::new(None),
        }
    }

    /// Returns the signals of this run.
    pub fn interrupt(&self) -> &Interrupt {
        &self.interrupt
    }

    /// Reads the roots that TLS will trust, for `doctor`.
    pub fn roots(&self) -> Result<Roots, Error> {
        roots::tls(&self.trust).map(|(_, roots)| roots)
    }

    /// Sends a call and returns its answer, whatever its status; tries again where that is safe
    /// and may help.
    ///
    /// # Errors
    /// Kinds `network` and `timeout` when no answer came, `interrupted` on a signal, `http` for an
    /// answer that is too large.
    pub fn send(
        &self,
        endpoint: &Endpoint,
        call: &Call,
        credential: Option<&dyn Authorize>,
    ) -> Result<Answer, Error> {
        self.send_with(endpoint, call, credential, self.limits)
    }

    /// Sends a call under limits of its own.
    ///
    /// # Errors
    /// As [`Transport::send`].
    pub fn send_with(
        &self,
        endpoint: &Endpoint,
        call: &Call,
        credential: Option<&dyn Authorize>,
        limits: Limits,
    ) -> Result<Answer, Error> {
        let client = self.client(endpoint)?;
        let url = endpoint.at_query(&call.path);
        let body = call.bytes()?;
        let mut tries = 0;
        loop {
            self.wait_for_the_pace()?;
            tries += 1;
            let started = Instant::now();
            let outcome = self.try_once(client, &url, call, &body, credential, limits, tries)?;
            let more = tries <= limits.retries;
            let pause = match &outcome {
                Ok(answer) => {
                    self.trace.event(&Event::Answered {
                        answer,
                        url: &url,
                        took: started.elapsed(),
                    });
                    pause_after(answer, call.repeat, tries)
                }
                Err(lost) => {
                    self.trace.event(&Event::Failed {
                        why: &lost.error.message(),
                    });
                    let again = match lost.sent {
                        Sent::No => true,
                        Sent::Perhaps => call.repeat != Repeat::Never,
                        Sent::ForGood => false,
                    };
                    again.then(|| Pause::for_this_call(backoff(FIRST_PAUSE, tries)))
                }
            };
            let Some(pause) = pause.filter(|_| more) else {
                return outcome.map_err(|lost| {
                    let unsure = lost.sent != Sent::No;
                    lost.error.with(|details| details.unsure = unsure)
                });
            };
            let why = match &outcome {
                Ok(answer) => status_line(answer.status),
                Err(lost) => lost.error.what().to_owned(),
            };
            self.trace.event(&Event::Pausing {
                pause: pause.length,
                why: &why,
            });
            if pause.for_all {
                self.slow_down(pause.length);
            } else {
                self.interrupt.pause(pause.length)?;
            }
        }
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "one try needs all that the loop knows"
    )]
    fn try_once(
        &self,
        client: &Client,
        url: &Url,
        call: &Call,
        body: &[u8],
        credential: Option<&dyn Authorize>,
        limits: Limits,
        tries: u32,
    ) -> Result<Result<Answer, Lost>, Error> {
        let set = call.headers();
        let mut headers: Vec<(&'static str, Secret)> = match credential {
            Some(credential) => {
                let draft = Draft {
                    method: call.method.as_str(),
                    url,
                    headers: &set,
                    body,
                };
                credential.authorize(&draft)?
            }
            None => Vec::new(),
        };
        headers.splice(0..0, call.extra_headers.iter().cloned());
        self.trace.event(&Event::Sending {
            method: call.method.as_str(),
            url,
            headers: &headers,
            body,
        });
        let mut map = HeaderMap::new();
        for (name, value) in set {
            if let Ok(value) = HeaderValue::from_str(&value) {
                map.insert(HeaderName::from_static(lower(name)), value);
            }
        }
        for (name, value) in headers {
            let mut value = HeaderValue::from_str(value.expose()).map_err(|_| {
                Error::new(
                    Kind::Auth,
                    "the credential holds a character that no header can carry",
                )
            })?;
            value.set_sensitive(true);
            map.insert(
                HeaderName::from_bytes(name.as_bytes()).map_err(unsendable)?,
                value,
            );
        }
        let mut request = client
            .request(call.method.clone(), url.clone())
            .headers(map)
            .timeout(limits.timeout);
        if call.body.is_some() || call.method == reqwest::Method::POST {
            request = request.body(body.to_vec());
        }
        let started = Instant::now();
        Ok(match request.send() {
            Ok(response) => self.read(response, call, started, limits, tries),
            Err(error) => Err(lost(&error, url, limits)),
        })
    }

    fn read(
        &self,
        mut response: Response,
        call: &Call,
        started: Instant,
        limits: Limits,
        tries: u32,
    ) -> Result<Answer, Lost> {
        let mut answer = Answer {
            status: response.status().as_u16(),
            headers: std::mem::take(response.headers_mut()),
            body: Vec::new(),
            tries,
            request: (call.method.to_string(), call.path.clone()),
        };
        let mut piece = [0; 16 * 1024];
        loop {
            let read = response.read(&mut piece).map_err(|error| {
                let error = match error.downcast::<reqwest::Error>() {
                    Ok(error) if error.is_timeout() => out_of_time(limits.timeout),
                    Ok(error) => cut(error),
                    Err(error) => cut(error),
                };
                Lost {
                    error,
                    sent: Sent::Perhaps,
                }
            })?;
            if read == 0 {
                return Ok(answer);
            }
            answer.body.extend_from_slice(&piece[..read]);
            if answer.body.len() as u64 > LARGEST {
                let error = Error::new(
                    Kind::Http,
                    format!(
                        "the answer ({}) is larger than 16 MiB",
                        answer.status_line()
                    ),
                )
                .hint("check the endpoint: no call of SWR answers with so much");
                return Err(Lost {
                    error,
                    sent: Sent::ForGood,
                });
            }
            if started.elapsed() > limits.timeout {
                return Err(Lost {
                    error: out_of_time(limits.timeout),
                    sent: Sent::Perhaps,
                });
            }
            if self.interrupt.raised().is_some() {
                // The caller's pause will say which signal; an endless answer must not hold it up.
                return Err(Lost {
                    error: cut(anyhow::anyhow!("interrupted")),
                    sent: Sent::Perhaps,
                });
            }
        }
    }

    fn client(&self, endpoint: &Endpoint) -> Result<&Client, Error> {
        let (place, plain) = if endpoint.is_plain() {
            (&self.plain, true)
        } else {
            (&self.secure, false)
        };
        if let Some(client) = place.get() {
            return Ok(client);
        }
        let tls = if plain {
            roots::none()?
        } else {
            let (tls, roots) = roots::tls(&self.trust)?;
            self.trace.event(&Event::Trusting(&roots));
            tls
        };
        let mut builder = Client::builder()
            .redirect(Policy::none())
            .timeout(self.limits.timeout)
            .connect_timeout(self.limits.connect_timeout)
            // Below what load balancers close at without a word (60 s).
            .pool_idle_timeout(Duration::from_secs(50))
            .tls_backend_preconfigured(tls);
        if plain {
            builder = builder.no_proxy();
        }
        let client = builder.build().map_err(|error| {
            Error::new(Kind::Config, "the HTTP client cannot be set up")
                .cause(error)
                .hint("check the proxy variables: HTTPS_PROXY, ALL_PROXY, NO_PROXY")
        })?;
        Ok(place.get_or_init(|| client))
    }

    /// Slows all requests down: the others would only be throttled, too.
    fn slow_down(&self, pause: Duration) {
        let mut not_before = self
            .not_before
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let then = Instant::now() + pause;
        *not_before = Some(not_before.map_or(then, |other| other.max(then)));
    }

    fn wait_for_the_pace(&self) -> Result<(), Error> {
        let not_before = *self
            .not_before
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        match not_before {
            Some(then) => self
                .interrupt
                .pause(then.saturating_duration_since(Instant::now())),
            None => self.interrupt.check(),
        }
    }
}

struct Pause {
    length: Duration,
    for_all: bool,
}

impl Pause {
    fn for_this_call(length: Duration) -> Pause {
        Pause {
            length,
            for_all: false,
        }
    }
}

/// Returns the pause before the next try, when the answer is one that may change.
fn pause_after(answer: &Answer, repeat: Repeat, tries: u32) -> Option<Pause> {
    if answer.status < 400 {
        return None;
    }
    let body = read_error_body(&answer.body);
    let code = body
        .code
        .as_deref()
        .and_then(|code| code.rsplit('.').next())
        .unwrap_or_default();
    let throttled = match (answer.status, code) {
        // Both with a status that elsewhere is final (section 6.2).
        (429, _) | (403, "4031032" | "4031042") => true,
        (502..=504, _) | (409, "4090023") => false,
        (500, "5001101") => return None,
        (500, _) if repeat == Repeat::Read => false,
        _ => return None,
    };
    let asked = answer.header("retry-after").and_then(retry_after);
    let length = match asked {
        Some(asked) if asked > LONGEST_PAUSE => return None,
        Some(asked) => asked,
        None if throttled => {
            let text = String::from_utf8_lossy(&answer.body);
            let window = throttling_window(&text).unwrap_or(THROTTLED);
            backoff(window.min(THROTTLED), tries)
        }
        None => backoff(FIRST_PAUSE, tries),
    };
    Some(Pause {
        length,
        for_all: throttled,
    })
}

/// Doubles with each try; up to a quarter more by chance, so that many do not return at once.
fn backoff(first: Duration, tries: u32) -> Duration {
    let length = first
        .saturating_mul(1 << (tries - 1).min(6))
        .min(LONGEST_PAUSE);
    length
        .mul_f64(1.0 + fastrand::f64() / 4.0)
        .min(LONGEST_PAUSE)
}

/// Reads `Retry-After`: seconds, or a date.
pub(super) fn retry_after(value: &str) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let then = jiff::fmt::rfc2822::parse(value).ok()?.timestamp();
    let left = then.duration_since(jiff::Timestamp::now());
    Some(Duration::try_from(left).unwrap_or_default())
}

/// Reads the window out of the gateway's text: `… limit:100,time:1 minute` (section 6.5).
fn throttling_window(text: &str) -> Option<Duration> {
    let (_, rest) = text.split_once("time:")?;
    let mut words = rest
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty());
    let count: u64 = words.next()?.parse().ok()?;
    let unit = match words.next()?.trim_end_matches('s') {
        "second" => 1,
        "minute" => 60,
        "hour" => 3600,
        "day" => 86_400,
        _ => return None,
    };
    Some(Duration::from_secs(count.saturating_mul(unit)))
}

fn lost(error: &reqwest::Error, url: &Url, limits: Limits) -> Lost {
    let host = url.host_str().unwrap_or_default();
    if error.is_timeout() {
        let unsent = error.is_connect();
        let error = if unsent {
            Error::new(
                Kind::Timeout,
                format!(
                    "no connection to '{host}' within {:?}",
                    limits.connect_timeout
                ),
            )
            .hint("check the network and the proxy, or give more time with --connect-timeout")
            .retryable(true)
        } else {
            out_of_time(limits.timeout)
        };
        return Lost {
            error,
            sent: if unsent { Sent::No } else { Sent::Perhaps },
        };
    }
    if error.is_connect() {
        return Lost {
            error: no_connection(error, url),
            sent: Sent::No,
        };
    }
    Lost {
        error: cut(innermost(error)),
        sent: Sent::Perhaps,
    }
}

/// Words the causes that a person can do something about.
fn no_connection(error: &reqwest::Error, url: &Url) -> Error {
    let host = url.host_str().unwrap_or_default();
    let cause = innermost(error);
    let text = cause.to_string();
    let (what, hint) = if text.contains("invalid peer certificate") {
        (
            format!("the certificate of '{host}' is not trusted"),
            "if a company's CA signed it, add it with --ca-file; TLS checks are never switched off",
        )
    } else if text.contains("failed to lookup") || text.contains("Name or service not known") {
        (
            format!("the host '{host}' is not known"),
            "check the endpoint or the region, and the network's name resolution",
        )
    } else {
        let port = url.port_or_known_default().unwrap_or_default();
        (
            format!("no connection to '{host}:{port}'"),
            "check the endpoint, the network, and the proxy variables",
        )
    };
    Error::new(Kind::Network, what)
        .cause(cause)
        .hint(hint)
        .retryable(true)
}

fn out_of_time(timeout: Duration) -> Error {
    Error::new(Kind::Timeout, format!("no answer within {timeout:?}"))
        .hint("try again, or give more time with --timeout")
        .retryable(true)
}

fn cut(cause: impl Into<anyhow::Error>) -> Error {
    Error::new(
        Kind::Network,
        "the connection was cut before the whole answer came",
    )
    .cause(cause)
    .hint("try again")
    .retryable(true)
}

/// Returns the deepest cause: the outer ones only repeat the address.
fn innermost(error: &reqwest::Error) -> anyhow::Error {
    let mut cause: &dyn std::error::Error = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    anyhow::anyhow!(cause.to_string())
}

fn unsendable(error: impl Into<anyhow::Error>) -> Error {
    Error::new(Kind::Validation, "a header's name cannot be sent").cause(error)
}

fn lower(name: &'static str) -> &'static str {
    match name {
        "Content-Type" => "content-type",
        "User-Agent" => "user-agent",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{backoff, retry_after, throttling_window};

    #[test]
    fn the_window_is_read_out_of_the_gateways_text() {
        let text = "The throttling threshold has been reached: policy user over \
                    ratelimit,limit:100,time:1 minute";
        assert_eq!(throttling_window(text), Some(Duration::from_secs(60)));
        assert_eq!(
            throttling_window("limit:5,time:5 seconds\"}"),
            Some(Duration::from_secs(5))
        );
        assert_eq!(throttling_window("busy"), None);
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        assert_eq!(retry_after(" 7 "), Some(Duration::from_secs(7)));
        assert_eq!(
            retry_after("Sun, 06 Nov 1994 08:49:37 GMT"),
            Some(Duration::ZERO)
        );
        assert_eq!(retry_after("soon"), None);
    }

    #[test]
    fn pauses_double_and_stay_below_a_minute() {
        for (tries, least) in [(1, 500), (2, 1000), (3, 2000), (9, 32000)] {
            let pause = backoff(Duration::from_millis(500), tries);
            assert!(pause >= Duration::from_millis(least), "{tries}: {pause:?}");
            assert!(pause <= Duration::from_mins(1), "{tries}: {pause:?}");
        }
    }
}
