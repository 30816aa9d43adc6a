//! A request to one of the services here, and how it finds its answer.

use std::pin::Pin;
use std::sync::Arc;

use axum::body::{Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use super::answer::Answer;
use super::keys::LARGEST_BODY;
use super::{Identity, Incoming, Refusal};

/// A request, read to its end.
pub(super) struct Asked {
    parts: Parts,
    body: Bytes,
    /// The id of its answer.
    pub(super) trace: String,
}

/// Plays one call: the answer, whether it is a good one or a refusal.
pub(super) type Play = fn(&Identity, &Asked) -> Result<Answer, Answer>;

type Answering = Pin<Box<dyn Future<Output = Response> + Send>>;

/// Returns the handler of a call of IAM, whose answers carry `X-IAM-Trace-Id`.
pub(super) fn played_by_iam(
    play: Play,
) -> impl Fn(State<Arc<Identity>>, Request) -> Answering + Clone {
    played_under("x-iam-trace-id", play)
}

/// Returns the handler of a call of any other service.
pub(super) fn played(play: Play) -> impl Fn(State<Arc<Identity>>, Request) -> Answering + Clone {
    played_under("x-request-id", play)
}

fn played_under(
    trace_header: &'static str,
    play: Play,
) -> impl Fn(State<Arc<Identity>>, Request) -> Answering + Clone {
    move |State(identity): State<Arc<Identity>>, request: Request| {
        Box::pin(async move {
            let trace = identity.next_trace();
            let answer = match Asked::read(request, &trace).await {
                Ok(asked) => play(&identity, &asked).unwrap_or_else(|refused| refused),
                Err(answer) => answer,
            };
            answer.header(trace_header, &trace).into_response()
        })
    }
}

/// The gateway's answer to a path that is there for other methods only (section 6.3).
pub(super) fn wrong_method(_: &Identity, asked: &Asked) -> Result<Answer, Answer> {
    let text = "The API does not exist or has not been published in the environment.";
    Err(asked.refused(&Refusal::new(404, "APIGW.0101", text)))
}

impl Asked {
    async fn read(request: Request, trace: &str) -> Result<Asked, Answer> {
        let (parts, body) = request.into_parts();
        let body = to_bytes(body, LARGEST_BODY).await.map_err(|_| {
            let refusal = Refusal::new(413, "APIGW.0201", "Request entity too large");
            Answer::gateway(&refusal, trace)
        })?;
        Ok(Asked {
            parts,
            body,
            trace: trace.to_owned(),
        })
    }

    pub(super) fn incoming(&self) -> Incoming<'_> {
        Incoming {
            method: self.parts.method.as_str(),
            path_and_query: self
                .parts
                .uri
                .path_and_query()
                .map_or("/", |it| it.as_str()),
            headers: &self.parts.headers,
            body: &self.body,
        }
    }

    pub(super) fn path(&self) -> &str {
        self.parts.uri.path()
    }

    /// Returns the text of a header; one that is no text counts as empty.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let value = self.parts.headers.get(name)?;
        Some(value.to_str().unwrap_or_default())
    }

    /// Returns what follows `Bearer ` in `Authorization`.
    pub(super) fn bearer(&self) -> Option<&str> {
        self.header("authorization")?.strip_prefix("Bearer ")
    }

    /// Returns the decoded value of a query's parameter.
    pub(super) fn query(&self, name: &str) -> Option<String> {
        let query = self.parts.uri.query().unwrap_or_default();
        url::form_urlencoded::parse(query.as_bytes())
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    }

    /// Returns the body, if it is JSON.
    pub(super) fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }

    pub(super) fn body(&self) -> &[u8] {
        &self.body
    }

    /// Puts a refusal into the gateway's shape.
    pub(super) fn refused(&self, refusal: &Refusal) -> Answer {
        Answer::gateway(refusal, &self.trace)
    }
}

/// Returns the text at a place in a body; anything but text there counts as missing.
pub(super) fn text_at<'a>(body: &'a Value, pointer: &str) -> Option<&'a str> {
    body.pointer(pointer)?.as_str()
}
