//! TLS: who is trusted, and what is said when somebody is not.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, Stream};

use crate::support::Home;

const LINE: &str =
    "sync create -n team -r web/api --to-region cn-east-3 --to-namespace team --retries 0";

/// A TLS server whose certificate a CA of its own signed; it answers `{}` with 200.
struct Secure {
    port: u16,
    ca: String,
}

/// What a server's certificate may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Leaf {
    Good,
    Expired,
    Future,
    OtherName,
    OfTheCa,
}

impl Secure {
    fn serve() -> Secure {
        Secure::with(Leaf::Good)
    }

    fn with(kind: Leaf) -> Secure {
        let ca_key = KeyPair::generate().unwrap();
        let mut ca_params = CertificateParams::new(Vec::new()).unwrap();
        ca_params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        if kind == Leaf::OfTheCa {
            ca_params.subject_alt_names = CertificateParams::new(vec!["localhost".to_owned()])
                .unwrap()
                .subject_alt_names;
        }
        let ca = ca_params.self_signed(&ca_key).unwrap();
        let ca_key_of_its_own = ca_key.serialize_der();
        let issuer = Issuer::new(ca_params, ca_key);
        let key = KeyPair::generate().unwrap();
        let name = match kind {
            Leaf::OtherName => "other.example",
            _ => "localhost",
        };
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        match kind {
            Leaf::Expired => params.not_after = date_time_ymd(2001, 1, 1),
            Leaf::Future => params.not_before = date_time_ymd(3000, 1, 1),
            _ => {}
        }
        let (leaf, key) = if kind == Leaf::OfTheCa {
            (ca.der().clone(), ca_key_of_its_own)
        } else {
            let leaf = params.signed_by(&key, &issuer).unwrap();
            (leaf.der().clone(), key.serialize_der())
        };
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![leaf],
                PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key)),
            )
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let config = Arc::new(config);
        std::thread::spawn(move || {
            for mut tcp in listener.incoming().flatten() {
                let mut tls = ServerConnection::new(Arc::clone(&config)).unwrap();
                let mut stream = Stream::new(&mut tls, &mut tcp);
                if stream.read(&mut [0; 4096]).is_ok() {
                    let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
                    tls.send_close_notify();
                    let _ = tls.write_tls(&mut tcp);
                }
            }
        });
        Secure { port, ca: ca.pem() }
    }

    fn user(&self) -> Home {
        Home::new()
            .with("SWR_ENDPOINT", format!("https://localhost:{}", self.port))
            .with("SWR_TOKEN", "token-of-the-test")
            .file("ca.pem", &self.ca)
    }
}

#[test]
fn an_unknown_ca_is_refused_with_the_way_to_add_it() {
    let run = Secure::serve().user().swr(LINE).exits(6);
    assert!(
        run.stderr
            .contains("certificate of 'localhost' is not trusted"),
        "{run}"
    );
    assert!(run.stderr.contains("--ca-file"), "{run}");
}

#[test]
fn a_ca_file_is_added() {
    let user = Secure::serve().user();
    let _ = user.swr(&format!("{LINE} --ca-file ca.pem")).exits(0);
    let _ = user.with("SWR_CA_FILE", "ca.pem").swr(LINE).exits(0);
}

#[test]
fn ssl_cert_file_replaces_the_roots() {
    let _ = Secure::serve()
        .user()
        .with("SSL_CERT_FILE", "ca.pem")
        .swr(LINE)
        .exits(0);
}

#[test]
fn ssl_cert_dir_is_a_list_of_which_one_has_to_hold_a_certificate() {
    let user = Secure::serve().user();
    let home = user.path().display().to_string();
    let user = user.file("certs/ca.pem", "");
    std::fs::copy(user.path().join("ca.pem"), user.path().join("certs/ca.pem")).unwrap();
    let list = format!("/nonexistent:{home}/certs");
    let _ = user.with("SSL_CERT_DIR", list).swr(LINE).exits(0);
}

#[test]
fn one_bad_certificate_does_not_spoil_the_good_ones() {
    let secure = Secure::serve();
    let (ca, junk) = (
        secure.ca.as_str(),
        "-----BEGIN CERTIFICATE-----\nMIIBBBBB\n-----END CERTIFICATE-----\n",
    );
    let cut = ca.replace("-----END CERTIFICATE-----\n", "");
    for (text, is_warned) in [
        (format!("{junk}{ca}"), true),
        (format!("{ca}{junk}"), true),
        (format!("{ca}{cut}"), true),
        (format!("\u{feff}{ca}"), false),
        (ca.replace('\n', "\r\n"), false),
        (format!("# of the company\n{ca}end"), false),
    ] {
        let user = secure.user().file("bundle.pem", &text);
        let run = user.swr(&format!("{LINE} --ca-file bundle.pem")).exits(0);
        let told = run
            .stderr
            .contains("1 certificate of 'bundle.pem' is unusable");
        assert_eq!(told, is_warned, "{run}");
    }
}

#[test]
fn a_ca_file_that_is_none_is_named() {
    let user = Secure::serve()
        .user()
        .file("empty.pem", "")
        .file("broken.pem", "-----BEGIN CERTIFICATE-----\nA\n");
    for (file, code) in [("missing.pem", 2), ("empty.pem", 2), ("broken.pem", 2)] {
        let run = user.swr(&format!("{LINE} --ca-file {file}")).exits(code);
        assert!(
            run.stderr.contains(file) && run.stderr.contains("--ca-file"),
            "{run}"
        );
    }
}

#[test]
fn what_is_wrong_with_a_certificate_is_told_in_words_with_advice_that_fits() {
    for (kind, words, advice) in [
        (Leaf::Expired, "has expired", "clock"),
        (Leaf::Future, "is not valid yet", "clock"),
        (Leaf::OtherName, "is for another name", "host name"),
        (Leaf::OfTheCa, "is a CA certificate", "issued"),
    ] {
        let user = Secure::with(kind).user();
        let run = user
            .swr(&format!("{LINE} --ca-file ca.pem -o json"))
            .exits(6);
        let error = run.json_error();
        let message = error["message"].as_str().unwrap();
        assert_eq!(
            message.split(" 'localhost' ").collect::<Vec<_>>()[0],
            "the certificate of",
            "{kind:?}: {message}"
        );
        assert!(message.contains(words), "{kind:?}: {message}");
        let hint = error["hint"].as_str().unwrap();
        assert!(hint.contains(advice), "{kind:?}: {hint}");
        assert!(!hint.contains("--ca-file"), "{kind:?}: {hint}");
        assert!(!hint.contains("not known whether"), "{kind:?}: {hint}");
    }
}

#[test]
fn a_server_without_tls_is_told_as_one() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut tcp in listener.incoming().flatten() {
            let _ = tcp.read(&mut [0; 4096]);
            let _ = tcp.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
        }
    });
    let run = Home::new()
        .with("SWR_ENDPOINT", format!("https://127.0.0.1:{port}"))
        .with("SWR_TOKEN", "token-of-the-test")
        .swr(LINE)
        .exits(6);
    assert!(run.stderr.contains("does not use TLS"), "{run}");
}

#[test]
fn a_handshake_that_stalls_has_created_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    // The limit of connecting is a tenth below that of the request: on a busy machine a tenth of
    // little is no time.
    for limits in ["--timeout 4s", "--timeout 1m --connect-timeout 300ms"] {
        let run = Home::new()
            .with("SWR_ENDPOINT", format!("https://127.0.0.1:{port}"))
            .with("SWR_TOKEN", "token-of-the-test")
            .swr(&format!("{LINE} {limits}"))
            .exits(7);
        assert!(run.stderr.contains("no connection to '127.0.0.1'"), "{run}");
        assert!(!run.stderr.contains("not known whether"), "{run}");
    }
}
