//! The vendor's Python SDK as judge: of our requests, and of the emulator.
//!
//! `.ci/run test` installs it; without it these tests say so and pass.

use std::path::PathBuf;
use std::process::Command;

use crate::support::{Heard, Home, Reply, Wire};

/// Returns the Python that has the SDK.
fn python() -> Option<PathBuf> {
    let named = std::env::var_os("SWR_INTEROP_PYTHON").map(PathBuf::from);
    let made = PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/target/interop/bin/python"
    ));
    let found = named.or(Some(made)).filter(|path| path.exists());
    if found.is_none() {
        eprintln!("the vendor's SDK is not installed ('.ci/run test' does): skipped");
    }
    found
}

fn script(name: &str) -> String {
    format!("{}/tests/interop/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// What of a request has to be the same: method, path and query, body, type. The SDK writes `$` as
/// `%24`, which the service takes as one (`reference/swr-api.md` 4).
fn essence(heard: &Heard) -> (String, serde_json::Value, Option<String>) {
    let line = heard.line.replace("%24", "$");
    // The order of the keys is each one's own.
    let body = serde_json::from_str(&heard.body).unwrap_or_default();
    (line, body, heard.header("Content-Type").map(str::to_owned))
}

#[test]
fn our_requests_are_those_of_the_vendors_sdk() {
    let Some(python) = python() else { return };
    let theirs = Wire::serve([Reply::json(200, "{}")]);
    let output = Command::new(python)
        .arg(script("sdk_requests.py"))
        .arg(theirs.address())
        .env("NO_PROXY", "127.0.0.1")
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let ours = Wire::serve([Reply::json(200, "{}")]);
    let user = ours.user();
    let target = "--to-region cn-east-3 --to-namespace team";
    for line in [
        format!("sync create -n team -r web/api {target} --auto"),
        format!("sync delete -n team -r web/api {target}"),
        format!("sync run -n team -r web/api v1 {target}"),
        "sync regions".to_owned(),
        "namespace show team".to_owned(),
        "namespace create team".to_owned(),
        "repo show -n team -r web/api".to_owned(),
        "tag show -n team -r web/api v1".to_owned(),
        "api GET /v2/manage/agency".to_owned(),
    ] {
        let run = user.swr(&line);
        assert_ne!(run.code, Some(2), "{line}: {run}");
    }
    // `run` looks the tag up first, and an answer without one is refused: what it would send then
    // is shown by its dry run.
    let shown = user
        .swr(&format!(
            "sync run -n team -r web/api v1 {target} --dry-run -o json"
        ))
        .exits(0)
        .document("dry-run");
    let sent: Vec<_> = ours.heard().iter().map(essence).collect();
    for heard in theirs.heard() {
        let expected = essence(&heard);
        if heard.line.starts_with("POST") && heard.line.contains("sync_images") {
            let url = shown["request"]["url"]
                .as_str()
                .unwrap()
                .replace("[SERVER]", "");
            assert!(
                expected.0.contains(url.trim_start_matches("http://")),
                "{expected:?}"
            );
            assert_eq!(shown["request"]["body"], expected.1);
            continue;
        }
        if heard.line.contains("sync_job") {
            // The filter, to the letter: limit, offset and order as the reference has them.
            assert!(
                expected
                    .0
                    .contains("filter=limit%3A%3A100%7Coffset%3A%3A0%7Corder%3A%3Adesc"),
                "{expected:?}"
            );
            continue;
        }
        assert!(
            sent.contains(&expected),
            "{expected:?}\nis not among\n{sent:#?}"
        );
    }
    assert_eq!(theirs.heard().len(), 11);
}

#[test]
fn a_signature_of_ours_is_the_one_that_the_sdk_makes() {
    let Some(python) = python() else { return };
    let wire = Wire::serve([Reply::json(200, "{}")]);
    let user = Home::new()
        .with("SWR_ENDPOINT", wire.address())
        .with("SWR_ACCESS_KEY", "ZIRRKMTWPTQFQI1WKNKB")
        .with("SWR_SECRET_KEY", "Me0U8LVTpZSBVYLYxEF3dNo6ogNBkmCRPkHvBHD1")
        .with("SWR_PROJECT_ID", "0605767a5a80d5762fbfc01f8d5cbb36");
    let line = "sync create -n team -r web/api --to-region cn-east-3 --to-namespace team --auto";
    let _ = user.swr(line).exits(0);
    let heard = wire.heard().remove(0);
    let output = Command::new(python)
        .arg(script("sign.py"))
        .arg(serde_json::json!({
            "endpoint": wire.address(),
            "path": heard.line.split(' ').nth(1).unwrap(),
            "method": "POST",
            "body": heard.body,
            "authorization": heard.header("Authorization").unwrap(),
            "headers": heard.headers.iter().cloned().collect::<std::collections::BTreeMap<_, _>>(),
        }).to_string())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(said.trim(), heard.header("Authorization").unwrap());
}

#[test]
fn the_vendors_sdk_works_against_the_emulator_unchanged() {
    let Some(python) = python() else { return };
    let home = Home::new().with("NO_PROXY", "127.0.0.1");
    let run = home.words([
        "emulator".into(),
        "exec".into(),
        "--".into(),
        python.into_os_string(),
        script("sdk_client.py").into(),
    ] as [std::ffi::OsString; 5]);
    assert_eq!(run.code, Some(0), "{run}");
    assert_eq!(run.stdout, "the vendor's SDK is content\n");
}
