//! A request, read to its end.

use axum::body::{Body, Bytes};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Request};
use http_body::Body as _;

use super::cloud::Received;
use super::identity::Incoming;

/// A larger body is refused (`reference/swr-api.md` 6.3).
const LARGEST_BODY: usize = 12 * 1024 * 1024;

/// A request as it came.
pub(super) struct Asked {
    parts: Parts,
    body: Bytes,
    /// The body was larger than the gateway takes, and was thrown away.
    pub(super) too_large: bool,
}

impl Asked {
    /// Reads a request; nothing when the client goes away while it sends.
    pub(super) async fn read(request: Request<hyper::body::Incoming>) -> Option<Asked> {
        let (parts, mut body) = request.into_parts();
        let mut read = Vec::new();
        let mut too_large = false;
        // A body that is too large is read all the same: who closes early loses its answer.
        loop {
            let next =
                std::future::poll_fn(|context| std::pin::Pin::new(&mut body).poll_frame(context));
            match next.await {
                None => break,
                Some(Err(_)) => return None,
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        too_large |= read.len() + data.len() > LARGEST_BODY;
                        if too_large {
                            read.clear();
                        } else {
                            read.extend_from_slice(&data);
                        }
                    }
                }
            }
        }
        let body = read.into();
        Some(Asked {
            parts,
            body,
            too_large,
        })
    }

    pub(super) fn method(&self) -> &str {
        self.parts.method.as_str()
    }

    pub(super) fn path(&self) -> &str {
        self.parts.uri.path()
    }

    /// Returns path and query as on the wire.
    pub(super) fn path_and_query(&self) -> &str {
        self.parts
            .uri
            .path_and_query()
            .map_or("/", |it| it.as_str())
    }

    /// Returns the query's pairs, decoded.
    pub(super) fn query(&self) -> Vec<(String, String)> {
        let query = self.parts.uri.query().unwrap_or_default();
        url::form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect()
    }

    pub(super) fn headers(&self) -> &HeaderMap {
        &self.parts.headers
    }

    pub(super) fn body(&self) -> &Bytes {
        &self.body
    }

    /// Tells whether the body is said to be JSON.
    pub(super) fn is_json(&self) -> bool {
        self.parts
            .headers
            .get("content-type")
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| value.to_ascii_lowercase().starts_with("application/json"))
    }

    /// Returns the request as those judge it who let in.
    pub(super) fn incoming(&self) -> Incoming<'_> {
        Incoming {
            method: self.method(),
            path_and_query: self.path_and_query(),
            headers: &self.parts.headers,
            body: &self.body,
        }
    }

    /// Returns the request as it is kept for who asks what came.
    pub(super) fn received(&self, region: &str) -> Received {
        let headers = self.headers().iter().map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.to_string(), value)
        });
        Received {
            region: region.to_owned(),
            method: self.method().to_owned(),
            path: self.path_and_query().to_owned(),
            headers: headers.collect(),
            body: String::from_utf8_lossy(&self.body).into_owned(),
            status: 0,
        }
    }

    /// Returns the request as axum takes it.
    pub(super) fn again(&self) -> Request<Body> {
        Request::from_parts(self.parts.clone(), Body::from(self.body.clone()))
    }
}
