//! The registry by plain HTTP: what the distribution specification asks of it, and what is SWR's.

mod access;
mod blobs;
mod images;
mod manifests;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::Played;
use super::support::Answered;

const AUTH: &str = "/swr/auth/v2/registry/auth/";
const IMAGE: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";

fn sha256(bytes: impl AsRef<[u8]>) -> String {
    format!("sha256:{}", hex::encode(Sha256::digest(bytes)))
}

fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
}

/// A client of the registry in one region.
struct Client<'a> {
    played: &'a Played,
    region: &'static str,
    authorization: String,
}

impl<'a> Client<'a> {
    /// A client whose token opens these scopes.
    fn of(played: &'a Played, region: &'static str, scopes: &[&str]) -> Client<'a> {
        let login = login(played, region);
        let answer = token(played, region, &login, scopes);
        assert_eq!(answer.status, 200, "{answer:?}");
        let token = answer.json()["token"].as_str().unwrap().to_owned();
        Client {
            played,
            region,
            authorization: format!("Bearer {token}"),
        }
    }

    fn new(played: &'a Played, region: &'static str) -> Client<'a> {
        let scopes = ["repository:demo/app:push,pull", "repository:demo/other:*"];
        Client::of(played, region, &scopes)
    }

    fn ask(&self, line: &str, headers: &[(&str, &str)], body: &str) -> Answered {
        let mut all = vec![("Authorization", self.authorization.as_str())];
        all.extend(headers);
        let answer = self.played.send(self.region, line, &all, body).unwrap();
        assert_eq!(answer.header("forserver"), Some("swr"));
        let version = answer.header("docker-distribution-api-version");
        assert_eq!(version, Some("registry/2.0"));
        answer
    }

    fn get(&self, path: &str) -> Answered {
        self.ask(&format!("GET /v2/{path}"), &[], "")
    }

    /// Pushes a blob in one go, and returns its digest.
    fn blob(&self, repository: &str, bytes: &str) -> String {
        let digest = sha256(bytes);
        let line = format!("POST /v2/{repository}/blobs/uploads/?digest={digest}");
        assert_eq!(self.ask(&line, &[], bytes).status, 201);
        digest
    }

    /// Pushes a manifest, and returns what came of it.
    fn manifest(&self, repository: &str, reference: &str, kind: &str, body: &str) -> Answered {
        let line = format!("PUT /v2/{repository}/manifests/{reference}");
        self.ask(&line, &[("Content-Type", kind)], body)
    }

    /// Pushes an image, and returns its manifest.
    fn image(&self, repository: &str, reference: &str, text: &str) -> String {
        let manifest = self.image_of(repository, text, &Value::Null);
        let answer = self.manifest(repository, reference, IMAGE, &manifest);
        assert_eq!(answer.status, 201, "{answer:?}");
        manifest
    }

    /// Pushes an image's blobs, and returns its manifest with a subject.
    fn image_of(&self, repository: &str, text: &str, subject: &Value) -> String {
        let config = self.blob(repository, &format!("{{\"config\":\"{text}\"}}"));
        let layer = self.blob(repository, text);
        let mut manifest = json!({
            "schemaVersion": 2, "mediaType": IMAGE,
            "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": config,
                       "size": text.len() + 13},
            "layers": [{"mediaType": "application/vnd.oci.image.layer.v1.tar", "digest": layer,
                        "size": text.len()}],
        });
        if !subject.is_null() {
            manifest["subject"] = subject.clone();
            manifest["annotations"] = json!({"a": "b"});
            manifest["artifactType"] = "text/x-signature".into();
        }
        manifest.to_string()
    }

    fn begin(&self) -> String {
        let answer = self.ask("POST /v2/demo/app/blobs/uploads/", &[], "");
        assert_eq!((answer.status, answer.header("range")), (202, Some("0-0")));
        answer.header("location").unwrap().to_owned()
    }
}

fn login(played: &Played, region: &str) -> String {
    let served = played.emulator.regions().iter();
    let served = { served }
        .find(|one| one.region.as_str() == region)
        .unwrap();
    basic(&served.registry_user, &played.emulator.registry_password())
}

fn token(played: &Played, region: &str, authorization: &str, scopes: &[&str]) -> Answered {
    let mut line = format!("GET {AUTH}?service=dockyard");
    for scope in scopes {
        line.push_str(&format!("&scope={scope}"));
    }
    let headers: Vec<_> = [("Authorization", authorization)]
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .collect();
    played.send(region, &line, &headers, "").unwrap()
}

/// Status, code and text of a refusal.
fn refused(answer: &Answered) -> (u16, String, String) {
    let error = &answer.json()["errors"][0];
    let text = |field: &str| error[field].as_str().unwrap().to_owned();
    (answer.status, text("code"), text("message"))
}

fn code(answer: &Answered) -> (u16, String) {
    let (status, code, _) = refused(answer);
    (status, code)
}

fn is(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}
