//! The ports: hyper on one thread of its own, faults and latency around every request.

use std::future::{Future, poll_fn};
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use http_body_util::BodyExt;
use hyper::body::Bytes;
use hyper::header::{HOST, HeaderMap, HeaderValue, ORIGIN};
use hyper::http::request::Parts;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::sync::oneshot;

use super::fault::{ClosingBody, TornBody, What};
use super::received::Received;
use super::refusal::Refusal;
use super::registry::{self, Registry, Visit};
use super::request::{Incoming, Request};
use super::resources;
use super::response::{Response, Wire};
use super::shared::Shared;
use super::switches::Switch;
use crate::error::{Error, Kind};
use crate::names::RegionId;
use crate::origin::Origin;

/// The gateway takes no larger body (section 6.3).
const LARGEST_BODY: usize = 12 * 1024 * 1024;

/// The thread that serves; it ends when dropped.
#[derive(Debug)]
pub(super) struct Server {
    end: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
    shared: Arc<Shared>,
}

/// One region's port.
struct Port {
    shared: Arc<Shared>,
    registry: Arc<Registry>,
    region: RegionId,
}

/// The connection ends without an answer: hyper closes it when a service fails.
#[derive(Debug)]
struct Cut;

impl std::fmt::Display for Cut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("cut by a fault")
    }
}

impl std::error::Error for Cut {}

impl Server {
    /// Binds a port a region, on loopback only, and serves them.
    pub(super) fn start(
        shared: &Arc<Shared>,
        first: Option<u16>,
    ) -> Result<(Server, Vec<SocketAddr>), Error> {
        let mut listeners = Vec::new();
        let mut addresses = Vec::new();
        for (index, region) in (0_u16..).zip(shared.regions()) {
            let port = first.map_or(Some(0), |first| first.checked_add(index));
            let listener = port.map_or_else(
                || Err(io::Error::other("there are no ports above 65535")),
                |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)),
            );
            let listener = listener.and_then(|listener| {
                listener.set_nonblocking(true)?;
                addresses.push(listener.local_addr()?);
                Ok(listener)
            });
            let listener = listener.map_err(|error| {
                let port = port.unwrap_or_default();
                Error::new(Kind::Io, format!("port {port} cannot be served"))
                    .cause(error)
                    .origin(if first.is_some() {
                        Origin::Option("--port")
                    } else {
                        Origin::Default
                    })
                    .hint("give another --port, or none for free ports")
            })?;
            listeners.push((region.clone(), listener));
        }
        let (end, ended) = oneshot::channel();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .enable_time()
            .build()
            .map_err(|error| Error::new(Kind::Io, "the emulator cannot be started").cause(error))?;
        let here = Arc::clone(shared);
        let registry = Arc::new(Registry::default());
        let thread = Builder::new().spawn(move || {
            runtime.block_on(async move {
                for (region, listener) in listeners {
                    let port = Arc::new(Port {
                        shared: Arc::clone(&here),
                        registry: Arc::clone(&registry),
                        region,
                    });
                    if let Ok(listener) = tokio::net::TcpListener::from_std(listener) {
                        tokio::spawn(listen(port, listener));
                    }
                }
                let _ = ended.await;
            });
        });
        let thread = thread.map_err(Error::no_thread)?;
        let shared = Arc::clone(shared);
        shared.served_at(addresses.clone());
        Ok((
            Server {
                end: Some(end),
                thread: Some(thread),
                shared,
            },
            addresses,
        ))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end.take();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        // No caller is left to hear of a full disk; `save` reports it to those that ask.
        let _ = self.shared.save();
    }
}

async fn listen(port: Arc<Port>, listener: tokio::net::TcpListener) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let _ = stream.set_nodelay(true);
                tokio::spawn(converse(Arc::clone(&port), stream));
            }
            // A client that is gone already, or no file descriptor left: others will come.
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}

/// Answers the requests of one connection.
async fn converse(port: Arc<Port>, stream: TcpStream) {
    let closing = Arc::new(AtomicBool::new(false));
    let service = service_fn(|request| respond(Arc::clone(&port), Arc::clone(&closing), request));
    let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    poll_fn(|context| match connection.as_mut().poll(context) {
        Poll::Ready(_) => Poll::Ready(()),
        // The answer is out: hang up without a word.
        Poll::Pending if closing.load(Ordering::SeqCst) => Poll::Ready(()),
        Poll::Pending => Poll::Pending,
    })
    .await;
}

/// A body, read where that is fine, and not yet where it may be large.
enum Content {
    /// `None` is one that was too large.
    Read(Option<Bytes>),
    Unread(hyper::body::Incoming),
}

/// Responds to a request, unless a fault does.
async fn respond(
    port: Arc<Port>,
    closing: Arc<AtomicBool>,
    request: hyper::Request<hyper::body::Incoming>,
) -> Result<Wire, Cut> {
    let shared = &port.shared;
    let (parts, body) = request.into_parts();
    let id = shared.next_request_id();
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let method = parts.method.as_str();
    let content = if registry::serves(parts.uri.path()) {
        Content::Unread(body)
    } else {
        Content::Read(read(body).await?)
    };
    if let Some(refusal) = not_from_here(&parts.headers) {
        drain(content).await;
        return Ok(refusal.response(shared.switches(), &id).wire());
    }
    let number = shared.keep(|| Received {
        region: port.region.clone(),
        method: method.to_owned(),
        path: path.to_owned(),
        headers: headers_of(&parts.headers),
        body: match &content {
            Content::Read(Some(bytes)) => String::from_utf8_lossy(bytes).into_owned(),
            _ => String::new(),
        },
        status: 0,
    });
    if !shared.latency().is_zero() {
        tokio::time::sleep(shared.latency()).await;
    }
    let fault = shared.faults().trigger(method, path, port.region.as_str());
    let work = |content| work(&port, &parts, content, &id);
    let mut response = match fault {
        None | Some(What::Copy(_)) => work(content).await,
        Some(What::Answer { answer, done }) => {
            if done {
                work(content).await;
            } else {
                drain(content).await;
            }
            answer.response(shared.switches(), &id)
        }
        Some(What::Cut { done }) => {
            if done {
                work(content).await;
            }
            return Err(Cut);
        }
        Some(What::Stall { done }) => {
            if done {
                work(content).await;
            }
            // Dropped when the client goes.
            std::future::pending().await
        }
        Some(What::Delay(late)) => {
            let response = work(content).await;
            tokio::time::sleep(late).await;
            response
        }
        Some(What::Torn) => torn(work(content).await).await,
        Some(What::Close) => {
            let end = move || closing.store(true, Ordering::SeqCst);
            let response = work(content).await;
            response.map(|body| ClosingBody::new(body, Box::new(end)).boxed_unsync())
        }
    };
    let headers = response.headers_mut();
    if !headers.contains_key("x-iam-trace-id")
        && let Ok(id) = HeaderValue::from_str(&id)
    {
        headers.entry("x-request-id").or_insert(id);
    }
    shared.note(number, response.status().as_u16());
    Ok(response)
}

/// Does what a request asks for, and keeps what that changed.
async fn work(port: &Port, parts: &Parts, content: Content, id: &str) -> Wire {
    let shared = &port.shared;
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let body = match content {
        Content::Read(body) => body,
        Content::Unread(body) => {
            let visit = Visit {
                shared,
                registry: &port.registry,
                region: port.region.as_str(),
                method: parts.method.as_str(),
                path: parts.uri.path(),
                query: parts.uri.query().unwrap_or_default(),
                headers: &parts.headers,
            };
            let response = registry::respond(visit, body).await;
            return saved(shared, response).wire();
        }
    };
    let response = body
        .as_deref()
        .ok_or_else(Refusal::too_large)
        .and_then(|body| {
            let incoming = Incoming {
                region: port.region.as_str(),
                method: parts.method.as_str(),
                path_and_query: path,
                headers: &parts.headers,
                body,
            };
            route(shared, incoming, id)
        });
    let response = response.unwrap_or_else(|refusal| refusal.response(shared.switches(), id));
    saved(shared, response).wire()
}

/// Writes the state before a response goes out: what was answered survives a kill.
fn saved(shared: &Shared, response: Response) -> Response {
    match shared.save_changes() {
        Ok(()) => response,
        Err(error) => Response::text(507, error.message()),
    }
}

/// Reads a body that is not needed, so that the response arrives.
async fn drain(content: Content) {
    if let Content::Unread(mut body) = content {
        while let Some(Ok(_)) = body.frame().await {}
    }
}

/// Reads a body; `None` is one that is too large. It is read to its end all the same: hanging up
/// while the other side sends would lose the response.
async fn read(mut body: hyper::body::Incoming) -> Result<Option<Bytes>, Cut> {
    let (mut whole, mut length) = (Vec::new(), 0_usize);
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| Cut)?.into_data() else {
            continue;
        };
        length = length.saturating_add(data.len());
        if length <= LARGEST_BODY {
            whole.extend_from_slice(&data);
        }
    }
    Ok((length <= LARGEST_BODY).then(|| whole.into()))
}

/// Refuses what a page in a browser could send: another Host than loopback (a rebound name), or an
/// Origin. Nothing but programs on this machine has business here.
fn not_from_here(headers: &HeaderMap) -> Option<Refusal> {
    let refuse = |text: &str| Some(Refusal::gateway(403, "EMULATOR.0001", text));
    if headers.contains_key(ORIGIN) {
        return refuse("the emulator takes no request of a web page (Origin)");
    }
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    if host.is_some_and(is_loopback) {
        return None;
    }
    refuse("the emulator is reached as 127.0.0.1 or localhost only (Host)")
}

/// Returns `true` if a Host, with or without its port, is this machine's loopback.
fn is_loopback(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let address = name.trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost")
        || address
            .parse()
            .is_ok_and(|address: std::net::IpAddr| address.is_loopback())
}

fn headers_of(headers: &HeaderMap) -> Vec<(String, String)> {
    let of = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    headers
        .iter()
        .map(|(name, value)| (name.to_string(), of(value)))
        .collect()
}

async fn torn(response: Wire) -> Wire {
    let (parts, body) = response.into_parts();
    let whole = body
        .collect()
        .await
        .map(|body| body.to_bytes())
        .unwrap_or_default();
    Wire::from_parts(parts, TornBody::of(&whole).boxed_unsync())
}

/// Does what the request asks for: SWR's own paths here, all others at the identity services.
fn route(shared: &Shared, incoming: Incoming<'_>, id: &str) -> Result<Response, Refusal> {
    let path = incoming.path_and_query;
    let mut parts = path.trim_start_matches('/').split(['/', '?']);
    let manages = matches!(
        (parts.next(), parts.next()),
        (Some("v2" | "v3"), Some("manage"))
    );
    let request = Request::of(incoming)?;
    if path == "/emulator/push" {
        return super::push::push(shared, &request);
    }
    if !manages && path != "/" {
        return shared.identity().respond(&request, id, shared.switches());
    }
    if manages || shared.switches().has(Switch::VersionsNeedToken) {
        shared.identity().authenticate(&incoming)?;
    }
    request.check_content_type(shared.switches())?;
    resources::respond(shared, &request)
}
