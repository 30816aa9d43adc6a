//! Sends a call: time limits, retries, delays, size limit, trace.
//!
//! Every rule of contract section 5 that is not about the meaning of a response is here.

use std::error::Error as _;
use std::io::{self, Read};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use reqwest::blocking::{Client, Request, Response};
use reqwest::header::{HeaderName, HeaderValue};
use reqwest::redirect::Policy;
use url::Url;

use super::answer::{Answer, status_line};
use super::authorize::{Authorize, Draft, HeaderText};
use super::backoff::{Delay, retry_delay};
use super::call::{Call, Repeat};
use super::limits::Limits;
use super::regions::near;
use super::resolver::Resolver;
use super::roots::{self, Roots, Trust};
use super::send_error::{Delivery, SendError, innermost};
use super::trace::{Event, Trace};
use crate::endpoint::Endpoint;
use crate::error::{Error, Kind};
use crate::interrupt::Interrupt;
use crate::lock::lock;

/// One request waits for this many windows of throttling; each is at most a minute.
const WINDOWS: u32 = 10;
/// Responses are read up to this many bytes.
const LARGEST: u64 = 16 * 1024 * 1024;

/// Returns the proxy that a request goes through, if any.
pub type ProxyOf = Arc<dyn Fn(&Url) -> Option<Url> + Send + Sync>;

/// Sends requests; one per process, so that connections and roots are shared.
pub struct Transport {
    limits: Limits,
    trust: Trust,
    proxy: ProxyOf,
    trace: Box<dyn Trace>,
    interrupt: Interrupt,
    /// Refuse every address but this machine's.
    loopback_only: bool,
    secure: OnceLock<Client>,
    plain: OnceLock<Client>,
    /// Set by throttling: no request is sent before.
    not_before: Mutex<Option<Instant>>,
    /// The hosts to which the proxy connects.
    admitted: Mutex<Vec<String>>,
}

impl std::fmt::Debug for Transport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Transport")
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

impl Transport {
    /// Creates a transport; nothing is read or connected before the first call.
    pub fn new(
        limits: Limits,
        trust: Trust,
        proxy: ProxyOf,
        trace: Box<dyn Trace>,
        interrupt: Interrupt,
    ) -> Transport {
        Transport {
            limits,
            trust,
            proxy,
            trace,
            interrupt,
            loopback_only: false,
            secure: OnceLock::new(),
            plain: OnceLock::new(),
            not_before: Mutex::new(None),
            admitted: Mutex::default(),
        }
    }

    /// Lets requests go to this machine only: the sandbox of the emulator.
    #[must_use]
    pub fn loopback_only(mut self, only: bool) -> Transport {
        self.loopback_only = only;
        self
    }

    /// Returns the signals of this run.
    pub fn interrupt(&self) -> &Interrupt {
        &self.interrupt
    }

    /// Reads the roots that TLS will trust, for `doctor`.
    pub fn roots(&self) -> Result<Roots, Error> {
        roots::tls(&self.trust).map(|(_, roots)| roots)
    }

    /// Sends a call and returns its response, whatever its status; retries where that is safe and
    /// may help.
    ///
    /// # Errors
    /// Kinds `network` and `timeout` without a response, `interrupted` on a signal, `http` for a
    /// response that is too large.
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
        let (mut tries, mut spent, mut windows) = (0, 0, 0);
        loop {
            self.wait_for_the_pace()?;
            tries += 1;
            let started = Instant::now();
            let outcome = self.try_once(client, &url, call, &body, credential, limits, tries)?;
            spent += 1;
            let more = spent <= limits.retries;
            let delay = match &outcome {
                Ok(answer) => {
                    self.trace.event(&Event::Answered {
                        answer,
                        took: started.elapsed(),
                        is_secret: call.brings_secret && answer.status < 300,
                    });
                    retry_delay(answer, call.repeat, spent)
                }
                Err(failed) => {
                    self.trace.event(&Event::Failed {
                        why: &failed.error.message(),
                    });
                    let again = match failed.delivery {
                        Delivery::NotSent => true,
                        Delivery::Unknown => call.repeat != Repeat::Never,
                        Delivery::Received | Delivery::Refused => false,
                    };
                    again.then(|| Delay::after_no_response(spent))
                }
            };
            let Some(delay) = delay.filter(|_| more) else {
                return outcome.map_err(|failed| {
                    let unsure = matches!(failed.delivery, Delivery::Unknown | Delivery::Received);
                    failed.error.with(|details| details.unsure = unsure)
                });
            };
            let why = match &outcome {
                Ok(answer) => status_line(answer.status),
                Err(failed) => failed.error.what().to_owned(),
            };
            self.trace.event(&Event::Pausing {
                pause: delay.length,
                why: &why,
            });
            if delay.is_window && windows < WINDOWS {
                // Others have used the window up; this request has had no try yet.
                windows += 1;
                spent -= 1;
            }
            if delay.for_all {
                self.slow_down(delay.length);
            } else {
                self.interrupt.pause(delay.length)?;
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
    ) -> Result<Result<Answer, SendError>, Error> {
        let has_body = call.body.is_some() || call.method == reqwest::Method::POST;
        let plain = |name, value: &str| (name, HeaderText::Plain(value.to_owned()));
        // Host and Accept are what the client would add by itself.
        let mut headers = vec![plain("Host", &host_and_port(url)), plain("Accept", "*/*")];
        headers.extend(Call::HEADERS.map(|(name, value)| plain(name, value)));
        if has_body {
            headers.push(plain("Content-Length", &body.len().to_string()));
        }
        headers.extend(call.extra_headers.iter().cloned());
        if let Some(credential) = credential {
            headers.extend(credential.authorize(&Draft {
                method: call.method.as_str(),
                url,
                headers: &Call::HEADERS,
                body,
            })?);
        }
        self.trace.event(&Event::Sending {
            method: call.method.as_str(),
            url,
            headers: &headers,
            body,
        });
        let mut request = Request::new(call.method.clone(), url.clone());
        for (name, value) in headers {
            let is_secret = matches!(value, HeaderText::Secret(_));
            let mut value = HeaderValue::from_str(value.expose()).map_err(|_| {
                Error::new(
                    Kind::Auth,
                    "the credential contains a character that is not allowed in a header",
                )
            })?;
            value.set_sensitive(is_secret);
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(unsendable)?;
            request.headers_mut().insert(name, value);
        }
        // For the whole exchange: the client's own limit would start again with each piece read.
        *request.timeout_mut() = Some(limits.timeout);
        if has_body {
            *request.body_mut() = Some(body.to_vec().into());
        }
        if let Some(refused) = self.refused_by_proxy(url, limits) {
            return Ok(Err(refused));
        }
        let started = Instant::now();
        Ok(match client.execute(request) {
            Ok(response) => self.read(response, call, started, limits, tries),
            Err(error) => Err(SendError::of(
                &error,
                url,
                self.proxy_to(url).as_ref(),
                limits,
            )),
        })
    }

    /// Returns the proxy through which a connection to this address is tunneled.
    fn proxy_to(&self, url: &Url) -> Option<Url> {
        (self.proxy)(url).filter(|_| url.scheme() == "https")
    }

    /// Asks the proxy once for each host of the service; the client does not say why it was refused.
    fn refused_by_proxy(&self, url: &Url, limits: Limits) -> Option<SendError> {
        let proxy = self.proxy_to(url)?;
        let host = url.host_str()?;
        let mut admitted = lock(&self.admitted);
        if admitted.iter().any(|other| other == host) {
            return None;
        }
        let refused = SendError::of_refusing_proxy(&proxy, url, limits.for_connecting());
        if refused.is_none() {
            admitted.push(host.to_owned());
        }
        refused
    }

    fn read(
        &self,
        mut response: Response,
        call: &Call,
        started: Instant,
        limits: Limits,
        tries: u32,
    ) -> Result<Answer, SendError> {
        let headers = std::mem::take(response.headers_mut());
        let status = response.status().as_u16();
        let mut answer = Answer::new(call.clone(), status, headers, Vec::new());
        answer.tries = tries;
        let mut piece = [0; 4 * 1024];
        loop {
            let read = response.read(&mut piece).map_err(|error| {
                match error.downcast::<reqwest::Error>() {
                    Ok(error) if error.is_timeout() => SendError::timed_out(limits.timeout),
                    Ok(error) => SendError::cut(innermost(&error)),
                    Err(error) => SendError::cut(error),
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
                        "the response ({}) is larger than 16 MiB",
                        answer.status_line()
                    ),
                )
                .hint("check the endpoint: no call of SWR responds with so much");
                return Err(SendError {
                    error,
                    delivery: Delivery::Received,
                });
            }
            if started.elapsed() > limits.timeout {
                return Err(SendError::timed_out(limits.timeout));
            }
            if self.interrupt.raised().is_some() {
                // The caller's pause will say which signal; an endless response must not delay it.
                return Err(SendError::cut(anyhow::anyhow!("interrupted")));
            }
        }
    }

    fn client(&self, endpoint: &Endpoint) -> Result<&Client, Error> {
        if self.loopback_only && !endpoint.is_loopback() {
            let error = Error::new(
                Kind::Config,
                format!(
                    "'{endpoint}' is outside the emulator, which SWR_EMULATOR keeps requests in"
                ),
            );
            let region = endpoint.region();
            let error = match region.and_then(|region| near(region.as_str())) {
                Some(near) => error.hint(format!("did you mean the region '{near}'?")),
                None => error,
            };
            return Err(error.hint(
                "serve that region in the emulator, too ('swr emulator exec --region ID'), or \
                 unset SWR_EMULATOR",
            ));
        }
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
            // Retries happen here; the client would keep a copy of each request for its own.
            .retry(reqwest::retry::never().max_retries_per_request(0))
            .timeout(self.limits.timeout)
            .connect_timeout(self.limits.for_connecting())
            // Shorter than the time after which load balancers close silently (60 s).
            .pool_idle_timeout(Duration::from_secs(50))
            .dns_resolver(Arc::new(Resolver))
            .tls_backend_preconfigured(tls);
        // The client reads no variable: it gets the proxy that the settings say.
        builder = builder.no_proxy();
        if !plain {
            let proxy = Arc::clone(&self.proxy);
            builder = builder.proxy(reqwest::Proxy::custom(move |url| proxy(url)));
        }
        let client = builder.build().map_err(|error| {
            // The client has a thread of its own.
            let is_refused = error.source().is_some_and(|cause| cause.is::<io::Error>());
            if is_refused {
                return Error::no_thread(innermost(&error));
            }
            Error::new(Kind::Config, "the HTTP client cannot be created")
                .cause(error)
                .hint("check the proxy variables: HTTPS_PROXY, ALL_PROXY, NO_PROXY")
        })?;
        Ok(place.get_or_init(|| client))
    }

    /// Delays all requests: the others would be throttled, too.
    fn slow_down(&self, pause: Duration) {
        let mut not_before = lock(&self.not_before);
        let then = Instant::now() + pause;
        *not_before = Some(not_before.map_or(then, |other| other.max(then)));
    }

    fn wait_for_the_pace(&self) -> Result<(), Error> {
        let not_before = *lock(&self.not_before);
        match not_before {
            Some(then) => self
                .interrupt
                .pause(then.saturating_duration_since(Instant::now())),
            None => self.interrupt.check(),
        }
    }
}

/// Returns the value of the Host header: with a port that is not the scheme's own.
fn host_and_port(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

fn unsendable(error: impl Into<anyhow::Error>) -> Error {
    Error::new(Kind::Validation, "invalid header name").cause(error)
}
