//! A server that answers at once, or after a fixed time: nothing of it is measured.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, Stream};

const PAGE: usize = 100;
const DIGEST: &str = "sha256:208acab65b8ebdf03a4a5e49e1e515bb65a4adfd6d265addfbeda951a141b26c";

/// Plain HTTP, keep-alive, a thread a connection.
pub struct Server {
    port: u16,
    requests: Arc<AtomicUsize>,
}

impl Server {
    /// Serves namespaces of so many repositories with one tag each. Those of `team` have a task to
    /// `team` in cn-east-3, the others none.
    pub fn start(latency: Duration, repositories: usize) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let requests = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&requests);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let counter = Arc::clone(&counter);
                std::thread::spawn(move || converse(&stream, latency, repositories, &counter));
            }
        });
        Server { port, requests }
    }

    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// How many requests came.
    pub fn count(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

fn converse(stream: &TcpStream, latency: Duration, repositories: usize, requests: &AtomicUsize) {
    let _ = stream.set_nodelay(true);
    let mut reader = BufReader::new(stream);
    let mut writer = stream;
    let mut line = String::new();
    loop {
        line.clear();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        let request = line.clone();
        let mut length = 0;
        loop {
            line.clear();
            if reader.read_line(&mut line).unwrap_or(0) == 0 {
                return;
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap_or(0);
            }
            if line == "\r\n" {
                break;
            }
        }
        let mut body = vec![0; length];
        if reader.read_exact(&mut body).is_err() {
            return;
        }
        requests.fetch_add(1, Ordering::SeqCst);
        std::thread::sleep(latency);
        let answer = answer(&request, repositories);
        let text = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{answer}",
            answer.len()
        );
        if writer.write_all(text.as_bytes()).is_err() {
            return;
        }
    }
}

fn answer(request: &str, repositories: usize) -> String {
    if request.starts_with("GET /v3/manage/repos?") {
        let namespace = between(request, "namespace=", &[' ', '&']).unwrap_or("team");
        let from = between(request, "marker=", &[' ', '&']);
        let from: usize = from.and_then(|text| text.parse().ok()).unwrap_or(0);
        let to = (from + PAGE).min(repositories);
        let rows: Vec<String> = (from..to)
            .map(|number| {
                format!(r#"{{"name":"repository-{number}","namespace_name":"{namespace}"}}"#)
            })
            .collect();
        let next = if to < repositories { to } else { 0 };
        format!(r#"{{"repos":[{}],"nextMarker":{next}}}"#, rows.join(","))
    } else if request.contains("/tags") {
        format!(
            r#"{{"tags":[{{"tag":"v1","digest":"{DIGEST}"}}],"nextMarker":"","has_more":false}}"#
        )
    } else if request.starts_with("GET ") && request.contains("/sync_repo") {
        let repository = between(request, "/repos/", &['/']).unwrap_or_default();
        if request.contains("/namespaces/team/") {
            format!(
                r#"[{{"id":1,"namespace":"team","repoName":"{repository}","remoteRegionId":"cn-east-3","remoteNamespace":"team","syncAuto":true,"override":false}}]"#
            )
        } else {
            "[]".to_owned()
        }
    } else if request.starts_with("GET /v2/manage/regions") {
        r#"[{"regionID":"cn-north-4"},{"regionID":"cn-east-3"}]"#.to_owned()
    } else if let Some(name) = between(request, "GET /v2/manage/namespaces/", &[' ']) {
        format!(r#"{{"id":1,"name":"{name}","auth":7}}"#)
    } else {
        "{}".to_owned()
    }
}

/// Returns the text after a mark, up to one of the ends.
fn between<'a>(text: &'a str, mark: &str, ends: &[char]) -> Option<&'a str> {
    text.split(mark).nth(1)?.split(ends).next()
}

/// Sends the pages of a namespace and for each of its repositories the same requests (method and
/// path), so many at once, over connections that are kept, and does nothing with the answers.
pub fn generate_load(
    server: &Server,
    repositories: usize,
    at_once: usize,
    each: &[(&str, &str)],
) -> Duration {
    let started = Instant::now();
    let next = AtomicUsize::new(0);
    let send = |stream: &mut TcpStream, buffer: &mut [u8], method: &str, path: &str| {
        let body = if method == "GET" { "" } else { crate::BODY };
        let length = body.len();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut read = 0;
        loop {
            read += stream.read(&mut buffer[read..]).unwrap();
            let text = String::from_utf8_lossy(&buffer[..read]);
            let Some((head, body)) = text.split_once("\r\n\r\n") else {
                continue;
            };
            let length = head.split("Content-Length: ").nth(1).unwrap();
            let length: usize = length.split("\r\n").next().unwrap().parse().unwrap();
            if body.len() >= length {
                return;
            }
        }
    };
    std::thread::scope(|scope| {
        for worker in 0..at_once {
            let next = &next;
            scope.spawn(move || {
                let mut stream = TcpStream::connect(("127.0.0.1", server.port)).unwrap();
                stream.set_nodelay(true).unwrap();
                let mut buffer = vec![0; 64 * 1024];
                if worker == 0 {
                    for page in 0..repositories / PAGE {
                        let path = format!(
                            "/v3/manage/repos?namespace=team&limit=100&marker={}",
                            page * PAGE
                        );
                        send(&mut stream, &mut buffer, "GET", &path);
                    }
                }
                while next.fetch_add(1, Ordering::SeqCst) < repositories {
                    for (method, path) in each {
                        send(&mut stream, &mut buffer, method, path);
                    }
                }
            });
        }
    });
    started.elapsed()
}

/// HTTPS with a CA of its own; answers `{}`.
pub struct Secure {
    port: u16,
    pub ca: String,
}

impl Secure {
    pub fn start() -> Secure {
        let ca_key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![
            KeyUsagePurpose::KeyCertSign,
            KeyUsagePurpose::DigitalSignature,
        ];
        // A name of its own: OpenSSL takes a leaf that is called like its CA for self-signed.
        params
            .distinguished_name
            .push(DnType::CommonName, "benchmark CA");
        let ca = params.self_signed(&ca_key).unwrap();
        let issuer = Issuer::new(params, ca_key);
        let key = KeyPair::generate().unwrap();
        let leaf = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let leaf = leaf.signed_by(&key, &issuer).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![leaf.der().clone()],
                PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())),
            )
            .unwrap();
        let config = Arc::new(config);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(move || {
            for mut tcp in listener.incoming().flatten() {
                let config = Arc::clone(&config);
                std::thread::spawn(move || {
                    let mut tls = ServerConnection::new(config).unwrap();
                    let mut stream = Stream::new(&mut tls, &mut tcp);
                    let mut buffer = [0; 8192];
                    let mut text = String::new();
                    while !text.contains("}") {
                        match stream.read(&mut buffer) {
                            Ok(read) if read > 0 => {
                                text.push_str(&String::from_utf8_lossy(&buffer[..read]))
                            }
                            _ => return,
                        }
                    }
                    let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
                    let _ = stream.flush();
                    tls.send_close_notify();
                    let _ = tls.write_tls(&mut tcp);
                });
            }
        });
        Secure { port, ca: ca.pem() }
    }

    pub fn endpoint(&self) -> String {
        format!("https://localhost:{}", self.port)
    }
}
