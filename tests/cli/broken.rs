//! A setting that is there and broken is an error before the first request (contract section 2).

use crate::support::{Cloud, Home, Reply, Run, Wire};

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
        r#""ok": "NO_PROXY excludes this endpoint from the proxy""#
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

const CONFIG: &str = ".config/swr/config.toml";

fn mode(home: &Home, path: &str, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    let path = home.path().join(path);
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_config_that_others_can_write_runs_no_program() {
    let wire = service();
    let home = Home::new()
        .with("SWR_ENDPOINT", wire.address())
        .with("PATH", crate::support::shell_path())
        .config("token_command = ['sh', '-c', 'touch ran; echo MIItoken']\n");
    for (bits, is_run) in [(0o600, true), (0o644, true), (0o666, false), (0o620, false)] {
        mode(&home, CONFIG, bits);
        let run = home.swr(LINE).exits(i32::from(!is_run));
        let ran = home.path().join("ran");
        assert_eq!(ran.exists(), is_run, "{bits:o}: {run}");
        let _ = std::fs::remove_file(ran);
        assert_eq!(
            run.stderr.contains("token_command is not run"),
            !is_run,
            "{run}"
        );
    }
    // A stronger credential is not stopped by it.
    let _ = home.with("SWR_TOKEN", "MIItoken").swr(LINE).exits(0);
}

#[test]
fn a_path_may_begin_in_the_home_directory() {
    let wire = service();
    let home = || {
        Home::new()
            .with("SWR_ENDPOINT", wire.address())
            .file("token", "MIItoken\n")
    };
    let path = |home: &Home| home.path().display().to_string();
    let user = home().config("token_file = '~/token'\n");
    let at = path(&user);
    let _ = user.with("HOME", at).swr(LINE).exits(0);
    let user = home().with("SWR_TOKEN_FILE", "~/token");
    let at = path(&user);
    let _ = user.with("HOME", at).swr(LINE).exits(0);
}

#[test]
fn what_surrounds_a_setting_in_a_file_or_a_variable_is_no_part_of_it() {
    let wire = service();
    let config = format!(
        "\u{feff}endpoint = '{}'\r\ntoken = 'MIItoken'\r\n",
        wire.address()
    );
    let _ = Home::new().config(&config).swr(LINE).exits(0);
    for end in ["\n", "\r\n", " ", "\t\n\n"] {
        let mut home = Home::new();
        for (name, value) in [
            ("SWR_ENDPOINT", wire.address().as_str()),
            ("SWR_REGION", "cn-north-4"),
            ("SWR_ACCESS_KEY", "AKAKAKAKAKAKAKAKAKAK"),
            ("SWR_SECRET_KEY", "SKSKSKSK"),
            ("SWR_SECURITY_TOKEN", "STSTSTST"),
            ("SWR_PROJECT_ID", "p1"),
            ("SWR_TIMEOUT", "9s"),
            ("SWR_CONNECT_TIMEOUT", "9s"),
            ("SWR_RETRIES", "1"),
            ("SWR_OUTPUT", "human"),
            ("SWR_REGISTRY", "127.0.0.1:5000"),
            ("SWR_NAMESPACE", "team"),
            ("SWR_TO", "cn-east-3"),
            ("HTTPS_PROXY", "http://127.0.0.1:9"),
            ("NO_PROXY", "a.example"),
        ] {
            home = home.with(name, format!("{value}{end}"));
        }
        let shown = home.swr("config show -o json").exits(0).json();
        for row in shown.as_array().unwrap() {
            assert!(row["error"].is_null(), "{end:?}: {row}");
        }
        let _ = home.swr(LINE).exits(0);
    }
    let run = Home::new()
        .with("SWR_REGION", "cn\nnorth")
        .swr(LINE)
        .exits(1);
    assert!(run.stderr.contains(r"invalid region 'cn\nnorth'"), "{run}");
}

#[test]
fn a_file_of_the_vendors_tools_that_says_nothing_usable_is_not_passed_over() {
    for (path, text, words) in [
        (
            ".huaweicloud/credentials",
            "[Basic]\nak = A\nsk = S\n",
            "[basic] is missing",
        ),
        (
            ".huaweicloud/credentials",
            "[global]\nak = A\nsk = S\n",
            "[basic] is missing",
        ),
        (
            ".huaweicloud/credentials",
            "[basic]\nak = \"A\"\nsk = S\n",
            "quotation mark",
        ),
        (
            ".huaweicloud/regions.yaml",
            "SRW:\n- {id: cn-north-4, endpoint: https://a.example}\n",
            "no service 'SWR'",
        ),
        (
            ".huaweicloud/regions.yaml",
            "SWR: &a [*a]\n",
            "anchors and aliases",
        ),
    ] {
        let home = Home::new()
            .with("SWR_REGION", "cn-north-4")
            .file(path, text);
        let home = if path.ends_with("yaml") {
            home.with("SWR_TOKEN", "MIItoken")
        } else {
            home
        };
        let run = home.swr(LINE).exits(1);
        assert!(
            run.stderr.contains(words) && run.stderr.contains(path),
            "{run}"
        );
    }
    let nested = "- ".repeat(5_000);
    let home = Home::new()
        .with("SWR_REGION", "cn-north-4")
        .with("SWR_TOKEN", "MIItoken");
    let run = home
        .file(".huaweicloud/regions.yaml", &nested)
        .swr(LINE)
        .exits(1);
    assert!(run.stderr.contains("nested too deeply"), "{run}");
}

#[test]
fn a_broken_setting_of_a_target_region_is_found_before_anything_is_sent_or_deleted() {
    let to = "-n team -r web/api --to-region cn-east-3 --to-namespace team";
    for verb in [
        "sync create [TO] --auto --preflight",
        "sync create [TO] --auto --create-namespace",
        "sync create [TO] --auto --backfill",
        "sync create [TO] --auto --override --if-exists replace --preflight",
        "sync create [TO] --auto --override --if-exists replace --backfill --wait --verify",
        "sync run [TO] --all --wait",
        "sync run [TO] --all --wait --verify",
        "sync wait [TO] v1",
        "sync verify [TO]",
    ] {
        for (name, value) in [
            ("SWR_ENDPOINT_CN_EAST_3", "nonsense"),
            ("SWR_ENDPOINT_CN_EAST_3", "http://far.example"),
            (
                "SWR_ENDPOINT_CN_EAST_3",
                "https://swr-api.cn-north-1.myhuaweicloud.com",
            ),
            ("SWR_TOKEN_FILE_CN_EAST_3", "/nonexistent/token"),
            ("SWR_TOKEN_CN_EAST_3", "\"MIItoken\""),
            ("SWR_TOKEN_CN_EAST_3", "two tokens"),
            (
                "config",
                "[regions.'cn-east-3']\naccess_key = 'AKAKAKAKAKAKAKAKAKAK'\n",
            ),
            (
                "config",
                "[regions.'cn-east-3']\ntoken = 'MIIa'\ntoken_file = 'b'\n",
            ),
        ] {
            let cloud = Cloud::start()
                .repository("team", "web/api", &["v1"])
                .namespace("cn-east-3", "team")
                .task(("team", "web/api"), "cn-east-3", true, false);
            let user = cloud.user().without("SWR_TOKEN_CN_EAST_3");
            let user = match name {
                "config" => user.config(value),
                _ => user.with(name, value),
            };
            let run = user.swr(&verb.replace("[TO]", to));
            assert_eq!(run.code, Some(1), "{verb}: {name}={value}: {run}");
            assert_eq!(cloud.received(), [""; 0], "{verb}: {name}={value}: {run}");
        }
    }
}
