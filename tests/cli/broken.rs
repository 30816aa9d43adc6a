//! A setting that is there and broken is an error before the first request (contract section 2).

use crate::support::{Home, Reply, Run, Wire};

const LINE: &str = "namespace list";

fn service() -> Wire {
    Wire::serve([Reply::json(200, r#"{"namespaces":[]}"#)])
}

/// Runs with one more variable; the error names `place`, and nothing was sent.
fn refused(name: &str, value: &str, place: &str) -> Run {
    let wire = service();
    let run = wire.user().with(name, value).swr(LINE).exits(1);
    assert!(run.stderr.contains(place), "{name}={value}: {run}");
    assert_eq!(wire.lines(), [""; 0], "{name}={value}");
    run
}

const PROXIES: [&str; 6] = [
    "HTTPS_PROXY",
    "https_proxy",
    "HTTP_PROXY",
    "http_proxy",
    "ALL_PROXY",
    "all_proxy",
];

#[test]
fn a_proxy_that_cannot_be_used_is_never_passed_over() {
    for name in PROXIES {
        for value in [
            "htp://127.0.0.1:9",
            "'http://127.0.0.1:9'",
            "not a proxy",
            "http://",
            "http://127.0.0.1:port",
            "http://127.0.0.1:9/path",
            "http://joe:secret-of-joe#1@127.0.0.1:9",
            "http://joe:1#secret-of-joe@127.0.0.1:9",
            "http://joe:1/secret-of-joe@127.0.0.1:9",
            "http://joe:1?secret-of-joe@127.0.0.1:9",
        ] {
            let run = refused(name, value, name);
            assert!(!run.to_string().contains("secret-of-joe"), "{run}");
        }
    }
    for name in ["NO_PROXY", "no_proxy"] {
        for value in [
            "10.0.0.0/33",
            "http://a.example",
            "192.168.*",
            "[::1",
            "a:b",
        ] {
            let _ = refused(name, value, name);
        }
    }
}

/// Returns `true` if a request to the endpoint came to the proxy.
fn is_proxied(variables: &[(&str, &str)], endpoint: &str) -> bool {
    let proxy = Wire::serve([Reply::json(502, "")]);
    let mut home = Home::new()
        .with("SWR_ENDPOINT", endpoint)
        .with("SWR_TOKEN", "token-of-the-test")
        .with("SWR_RETRIES", "0")
        .with("HTTPS_PROXY", proxy.address());
    for (name, value) in variables {
        home = home.with(name, value.replace("[PROXY]", &proxy.address()));
    }
    let _ = home.swr(LINE);
    !proxy.heard().is_empty()
}

#[test]
fn exceptions_are_hosts_domains_addresses_and_networks_each_with_a_port_if_needed() {
    let name = "https://swr.cloud.invalid";
    for (exceptions, endpoint, expected) in [
        ("", name, true),
        ("*", name, false),
        ("*", "https://127.0.0.1:9", false),
        ("cloud.invalid", name, false),
        (".cloud.invalid", name, false),
        ("*.cloud.invalid", name, false),
        ("loud.invalid", name, true),
        ("*.loud.invalid", name, true),
        ("swr.cloud.invalid:443", name, false),
        ("swr.cloud.invalid:8443", name, true),
        ("x, SWR.cloud.invalid", name, false),
        ("127.0.0.1", "https://127.0.0.1:9", false),
        ("127.0.0.1:9", "https://127.0.0.1:9", false),
        ("127.0.0.1:8", "https://127.0.0.1:9", true),
        ("127.0.0.0/8", "https://127.0.0.1:9", false),
        ("10.0.0.0/8", "https://127.0.0.1:9", true),
        ("[::1]", "https://[::1]:9", false),
        ("[::1]:9", "https://[::1]:9", false),
        ("::/0", "https://[::1]:9", false),
    ] {
        let found = is_proxied(&[("NO_PROXY", exceptions)], endpoint);
        assert_eq!(found, expected, "{exceptions} {endpoint}");
    }
}

#[test]
fn an_empty_proxy_variable_counts_as_unset() {
    let name = "https://swr.cloud.invalid";
    assert!(!is_proxied(&[("HTTPS_PROXY", "")], name));
    assert!(is_proxied(
        &[("HTTPS_PROXY", ""), ("https_proxy", "[PROXY]")],
        name
    ));
    assert!(is_proxied(
        &[("HTTPS_PROXY", " \n"), ("ALL_PROXY", "[PROXY]\n")],
        name
    ));
}

#[test]
fn doctor_shows_the_route_that_the_client_takes() {
    let finding = |variables: &[(&str, &str)]| {
        let mut home = Home::new()
            .with("SWR_ENDPOINT", "https://127.0.0.1:9")
            .with("SWR_CONNECT_TIMEOUT", "1s")
            .with("SWR_RETRIES", "0");
        for (name, value) in variables {
            home = home.with(name, *value);
        }
        let found = home.swr("doctor -o json").json();
        let rows = found["items"].as_array().unwrap();
        let row = rows.iter().find(|row| row["id"] == "proxy").unwrap();
        format!("{}: {}", row["status"], row["message"])
    };
    let proxy = ("HTTPS_PROXY", "http://joe:secret-of-joe@127.0.0.1:9");
    assert_eq!(
        finding(&[proxy]),
        r#""ok": "requests go through the proxy http://[redacted]@127.0.0.1:9 (HTTPS_PROXY)""#
    );
    assert_eq!(
        finding(&[proxy, ("NO_PROXY", "127.0.0.0/8")]),
        r#""ok": "NO_PROXY excepts this endpoint from the proxy""#
    );
    assert!(finding(&[("HTTPS_PROXY", "htp://p")]).starts_with(r#""error": "invalid proxy"#));
}

#[test]
fn certificates_that_are_named_and_missing_are_never_replaced_by_others() {
    for (name, value, place) in [
        (
            "SSL_CERT_FILE",
            "/nonexistent/none.pem",
            "/nonexistent/none.pem",
        ),
        ("SSL_CERT_FILE", "/dev/null", "/dev/null"),
        ("SSL_CERT_DIR", "/nonexistent/none", "/nonexistent/none"),
        (
            "SSL_CERT_DIR",
            "/nonexistent/one:/nonexistent/two",
            "/nonexistent/two",
        ),
        (
            "SWR_CA_FILE",
            "/nonexistent/none.pem",
            "/nonexistent/none.pem",
        ),
        ("SWR_CA_FILE", "/dev/null", "/dev/null"),
    ] {
        let run = refused(name, value, place);
        assert!(run.stderr.contains(name), "{run}");
    }
    let wire = service();
    for name in ["SSL_CERT_FILE", "SSL_CERT_DIR", "SWR_CA_FILE"] {
        let _ = wire.user().with(name, "").swr(LINE).exits(0);
    }
}
