//! Images beyond one request: copied between regions, seeded, kept between runs, and under faults.

use std::path::Path;

use serde_json::{Value, json};

use super::super::super::Options;
use super::super::{EAST, NORTH, Played};
use super::{Client, IMAGE, INDEX, code, is, refused, sha256};

#[test]
fn a_push_is_copied_with_all_its_parts_at_once_or_not_at_all() {
    let played = Played::start();
    let north = Client::new(&played, NORTH);
    let east = Client::new(&played, EAST);
    played
        .emulator
        .add_task(NORTH, "demo", "app", EAST, "demo", true, true);
    let image = north.image_of("demo/app", "layer", &Value::Null);
    let child = sha256(&image);
    assert_eq!(
        north.manifest("demo/app", &child, IMAGE, &image).status,
        201
    );
    let index = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": [
        {"mediaType": IMAGE, "digest": child, "size": image.len()}]});
    let index = index.to_string();
    assert_eq!(north.manifest("demo/app", "v1", INDEX, &index).status, 201);
    let tag = played
        .get("/v2/manage/namespaces/demo/repos/app/tags/v1")
        .json();
    assert_eq!(
        (&tag["tag_type"], &tag["size"]),
        (&json!(1), &json!(5 + 18))
    );
    let paths = [
        format!("manifests/{child}"),
        format!("manifests/{}", sha256(&index)),
        format!("blobs/{}", sha256("layer")),
    ];
    // Every look moves the copy; before it ends nothing is there, and then all is.
    let mut looks = 0;
    while east.get("demo/app/manifests/v1").status == 404 {
        for path in &paths[2..] {
            assert_eq!(east.get(&format!("demo/app/{path}")).status, 404);
        }
        looks += 1;
        assert!(looks < 5);
    }
    assert!(looks > 0);
    let arrived = east.get("demo/app/manifests/v1");
    assert_eq!(arrived.body, index);
    for path in &paths {
        let path = format!("demo/app/{path}");
        assert_eq!(east.get(&path).body, north.get(&path).body);
    }
}

#[test]
fn seeds_and_pushes_of_the_emulator_are_real_images_with_fixed_bytes() {
    let played = Played::start();
    let pushed = played.emulator.push(NORTH, "demo", "web/api", "v2", None);
    let client = Client::of(&played, NORTH, &["repository:demo/web/api:pull"]);
    for (tag, digest) in played.emulator.tags(NORTH, "demo", "web/api") {
        let answer = client.get(&format!("demo/web/api/manifests/{tag}"));
        assert_eq!(sha256(&answer.body), digest);
        let manifest = answer.json();
        for part in
            std::iter::once(&manifest["config"]).chain(manifest["layers"].as_array().unwrap())
        {
            let path = format!("demo/web/api/blobs/{}", part["digest"].as_str().unwrap());
            let head = client.ask(&format!("HEAD /v2/{path}"), &[], "");
            let size = part["size"].to_string();
            assert_eq!(head.header("content-length"), Some(size.as_str()), "{path}");
        }
    }
    let again = Played::start();
    assert_eq!(
        again.emulator.push(NORTH, "demo", "web/api", "v2", None),
        pushed
    );
    played
        .emulator
        .push(NORTH, "demo", "web/api", "v3", Some("sha256:aa"));
    let (status, _, text) = refused(&client.get("demo/web/api/manifests/v3"));
    assert_eq!(status, 404);
    assert!(text.ends_with("seeded by digest only"), "{text}");
}

#[test]
fn faults_trigger_in_the_registry_and_the_body_is_read_all_the_same() {
    let played = Played::failing(&["PATCH blobs: 503 x2", "PUT manifests: cut-after"]);
    let client = Client::new(&played, NORTH);
    let location = client.begin();
    let patch = || played_status(&client, &format!("PATCH {location}"), &"x".repeat(100_000));
    assert_eq!((patch(), patch(), patch()), (503, 503, 202));
    let manifest = client.image_of("demo/app", "layer", &Value::Null);
    let headers = [
        ("Authorization", client.authorization.as_str()),
        ("Content-Type", IMAGE),
    ];
    let lost = played.send(NORTH, "PUT /v2/demo/app/manifests/v1", &headers, &manifest);
    assert_eq!(lost, None);
    assert_eq!(client.get("demo/app/manifests/v1").body, manifest);
}

fn played_status(client: &Client<'_>, line: &str, body: &str) -> u16 {
    let headers = [("Authorization", client.authorization.as_str())];
    client
        .played
        .send(NORTH, line, &headers, body)
        .unwrap()
        .status
}

/// An emulator that keeps its state.
fn keeping(state: &Path) -> Played {
    Played::of(Options {
        state: Some(state.to_owned()),
        ..Options::default()
    })
}

/// The names of the files that hold content.
fn files(state: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(state.with_extension("json.blobs")).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
    names.collect()
}

fn file(digest: &str) -> String {
    digest.replace(':', "-")
}

#[test]
fn images_are_kept_with_the_state_and_what_was_under_way_is_swept() {
    let directory = tempfile::tempdir().unwrap();
    let state = directory.path().join("state.json");
    let played = keeping(&state);
    let client = Client::new(&played, NORTH);
    let manifest = client.image("demo/app", "v1", "layer");
    let location = client.begin();
    client.ask(&format!("PATCH {location}"), &[], "never finished");
    drop(played);
    let is_upload = |name: &String| name.starts_with("upload");
    assert!(files(&state).iter().any(is_upload));
    let played = keeping(&state);
    assert!(!files(&state).iter().any(is_upload));
    let client = Client::new(&played, NORTH);
    assert_eq!(client.get("demo/app/manifests/v1").body, manifest);
}

#[test]
fn content_goes_with_the_last_repository_that_has_it() {
    let directory = tempfile::tempdir().unwrap();
    let state = directory.path().join("state.json");
    let played = Played::of(Options {
        state: Some(state.clone()),
        switches: super::super::support::switches(&["delete-namespace=with-content"]),
        ..Options::default()
    });
    played.post("/v2/manage/namespaces", r#"{"namespace":"gone"}"#);
    let client = Client::of(
        &played,
        NORTH,
        &[
            "repository:demo/app:*",
            "repository:demo/other:*",
            "repository:gone/app:*",
        ],
    );
    let seeded = files(&state);
    let added = || {
        let mut names = files(&state);
        names.retain(|name| !seeded.contains(name));
        names.sort();
        names
    };
    let delete = |path: &str| client.ask(&format!("DELETE /v2/{path}"), &[], "").status;
    // A blob, by its digest in each repository.
    let blob = client.blob("demo/app", "in two places");
    client.blob("demo/other", "in two places");
    assert_eq!(delete(&format!("demo/app/blobs/{blob}")), 202);
    assert_eq!(added(), [file(&blob)]);
    assert_eq!(delete(&format!("demo/other/blobs/{blob}")), 202);
    assert!(added().is_empty());
    // A manifest; its blobs stay.
    let digest = sha256(client.image("demo/app", "v1", "layer"));
    let count = added().len();
    assert_eq!(delete(&format!("demo/app/manifests/{digest}")), 202);
    assert!(added().len() == count - 1 && !added().contains(&file(&digest)));
    // A repository and a namespace, with all that they have.
    client.image("demo/app", "v1", "layer");
    played.delete("/v2/manage/namespaces/demo/repos/app", "");
    assert!(added().is_empty());
    client.image("gone/app", "v1", "layer");
    assert_eq!(added().len(), count);
    played.delete("/v2/manage/namespaces/gone", "");
    assert!(added().is_empty());
    let gone = client.ask(
        &format!("POST /v2/gone/app/blobs/uploads/?digest={blob}"),
        &[],
        "in two places",
    );
    assert_eq!(code(&gone), is(404, "NAME_UNKNOWN"));
    // A manifest that is refused leaves nothing either.
    let lacking = client.image_of("demo/other", "layer", &Value::Null);
    let answer = client.manifest("demo/app", "v1", IMAGE, &lacking);
    assert_eq!(answer.status, 400);
    assert!(!added().contains(&file(&sha256(&lacking))));
}

#[test]
fn a_namespace_cannot_be_called_as_the_api_is() {
    let played = Played::start();
    let answer = played.post("/v2/manage/namespaces", r#"{"namespace":"manage"}"#);
    assert_eq!(answer.code(), is(400, "4001008"));
    assert!(answer.body.contains("one port"), "{answer:?}");
}
