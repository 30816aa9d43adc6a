//! The ports: hyper on one thread of its own, faults and latency around every request.

use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::thread::JoinHandle;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, Request, Response};
use http_body_util::BodyExt;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tower::ServiceExt;

use super::call::Call;
use super::fault::{ClosingBody, TornBody, What};
use super::identity::Incoming;
use super::received::Received;
use super::refusal::Refused;
use super::resources;
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
    region: RegionId,
    identity: Router,
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
        let thread = std::thread::spawn(move || {
            runtime.block_on(async move {
                for (region, listener) in listeners {
                    let identity = here.identity().router();
                    let port = Arc::new(Port {
                        shared: Arc::clone(&here),
                        region,
                        identity,
                    });
                    if let Ok(listener) = tokio::net::TcpListener::from_std(listener) {
                        tokio::spawn(listen(port, listener));
                    }
                }
                let _ = ended.await;
            });
        });
        let shared = Arc::clone(shared);
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
        // Nobody is left to be told of a disk that is full; `save` tells those who ask.
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
    let service = service_fn(|request| answer(Arc::clone(&port), Arc::clone(&closing), request));
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

/// Answers a request, unless a fault does.
async fn answer(
    port: Arc<Port>,
    closing: Arc<AtomicBool>,
    request: Request<hyper::body::Incoming>,
) -> Result<Response<Body>, Cut> {
    let shared = &port.shared;
    let (parts, body) = request.into_parts();
    let id = shared.next_request_id();
    let path = parts
        .uri
        .path_and_query()
        .map_or("/", |path| path.as_str())
        .to_owned();
    let method = parts.method.as_str().to_owned();
    let body = read(body).await?;
    let number = shared.keep(Received {
        region: port.region.clone(),
        method: method.clone(),
        path: path.clone(),
        headers: headers_of(&parts.headers),
        body: String::from_utf8_lossy(body.as_deref().unwrap_or_default()).into_owned(),
        status: 0,
    });
    if !shared.latency().is_zero() {
        tokio::time::sleep(shared.latency()).await;
    }
    let fault = shared.faults().strike(&method, &path, port.region.as_str());
    let work = || async {
        match body {
            Some(body) => work(&port, Request::from_parts(parts, body), &path, &id).await,
            None => Refused::gateway(413, "APIGW.0201", "Request entity too large")
                .reply(shared.switches(), &id)
                .response(),
        }
    };
    let mut response = match fault {
        None | Some(What::Copy(_)) => work().await,
        Some(What::Answer { answer, done }) => {
            if done {
                work().await;
            }
            answer.response(shared.switches(), &id)
        }
        Some(What::Cut { done }) => {
            if done {
                work().await;
            }
            return Err(Cut);
        }
        Some(What::Stall { done }) => {
            if done {
                work().await;
            }
            // Dropped when the client goes.
            std::future::pending().await
        }
        Some(What::Delay(late)) => {
            let response = work().await;
            tokio::time::sleep(late).await;
            response
        }
        Some(What::Torn) => torn(work().await).await,
        Some(What::Close) => {
            let end = move || closing.store(true, Ordering::SeqCst);
            let response = work().await;
            response.map(|body| Body::new(ClosingBody::new(body, Box::new(end))))
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

/// Reads a body; `None` is one that is too large. It is read to its end all the same: who hangs up
/// while the other side sends loses the answer.
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

fn headers_of(headers: &axum::http::HeaderMap) -> Vec<(String, String)> {
    let of = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    headers
        .iter()
        .map(|(name, value)| (name.to_string(), of(value)))
        .collect()
}

async fn torn(response: Response<Body>) -> Response<Body> {
    let (parts, body) = response.into_parts();
    let whole = body
        .collect()
        .await
        .map(|body| body.to_bytes())
        .unwrap_or_default();
    Response::from_parts(parts, Body::new(TornBody::of(&whole)))
}

/// Does what the request asks for: SWR's own paths here, all others at the identity services.
async fn work(port: &Port, request: Request<Bytes>, path: &str, id: &str) -> Response<Body> {
    let first = path
        .trim_start_matches('/')
        .split(['/', '?'])
        .next()
        .unwrap_or_default();
    let manages = path.split(['/', '?']).nth(2) == Some("manage");
    let own = (matches!(first, "v2" | "v3") && manages) || path == "/" || path == "/emulator/push";
    if !own {
        let (parts, body) = request.into_parts();
        let request = Request::from_parts(parts, Body::from(body));
        let response: Result<Response<Body>, Infallible> =
            port.identity.clone().oneshot(request).await;
        let Ok(response) = response;
        // The router's own answer to a path that it does not know has no body.
        if response.status() != 404 || response.headers().contains_key("content-type") {
            return response;
        }
        return Refused::not_published()
            .reply(port.shared.switches(), id)
            .response();
    }
    let switches = port.shared.switches();
    match swr(port, &request, path) {
        Ok(reply) => reply.response(),
        Err(refused) => refused.reply(switches, id).response(),
    }
}

fn swr(port: &Port, request: &Request<Bytes>, path: &str) -> Result<super::reply::Reply, Refused> {
    let shared = &port.shared;
    let method = request.method().as_str();
    let content_type = request
        .headers()
        .get("content-type")
        .and_then(|kind| kind.to_str().ok());
    let call = Call::of(
        port.region.as_str(),
        method,
        path,
        content_type,
        request.body(),
    )?;
    if path == "/emulator/push" {
        return super::push::answer(shared, &call);
    }
    if path != "/" || shared.switches().has(Switch::VersionsNeedToken) {
        let incoming = Incoming {
            method,
            path_and_query: path,
            headers: request.headers(),
            body: request.body(),
        };
        let authenticated = shared.identity().authenticate(&port.region, &incoming);
        authenticated
            .map_err(|refusal| Refused::gateway(refusal.status, &refusal.code, refusal.text))?;
    }
    call.judge_content_type(shared.switches())?;
    resources::answer(shared, &call)
}
