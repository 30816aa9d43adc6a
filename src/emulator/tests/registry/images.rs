//! Images beyond one request: copied between regions, seeded, kept between runs, and under faults.

use serde_json::{Value, json};

use super::super::super::Options;
use super::super::{EAST, NORTH, Played};
use super::{Client, IMAGE, INDEX, is, refused, sha256};

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

#[test]
fn images_are_kept_with_the_state_and_what_is_not_linked_is_swept() {
    let directory = tempfile::tempdir().unwrap();
    let state = directory.path().join("state.json");
    let start = || {
        Played::of(Options {
            state: Some(state.clone()),
            ..Options::default()
        })
    };
    let played = start();
    let client = Client::new(&played, NORTH);
    let manifest = client.image("demo/app", "v1", "layer");
    let left = client.blob("demo/app", "left over");
    client.ask(&format!("DELETE /v2/demo/app/blobs/{left}"), &[], "");
    let location = client.begin();
    client.ask(&format!("PATCH {location}"), &[], "never finished");
    drop(played);
    let blobs = directory.path().join("state.json.blobs");
    let kept = |text: &str| {
        let digest = sha256(text).replace(':', "-");
        blobs.join(digest).exists()
    };
    assert!(kept("left over") && kept("layer"));
    let played = start();
    assert!(!kept("left over") && kept("layer"));
    let names = std::fs::read_dir(&blobs).unwrap();
    let uploads = { names }
        .filter(|entry| {
            entry
                .as_ref()
                .unwrap()
                .file_name()
                .to_string_lossy()
                .starts_with("upload")
        })
        .count();
    assert_eq!(uploads, 0);
    let client = Client::new(&played, NORTH);
    assert_eq!(client.get("demo/app/manifests/v1").body, manifest);
}

#[test]
fn a_namespace_cannot_be_called_as_the_api_is() {
    let played = Played::start();
    let answer = played.post("/v2/manage/namespaces", r#"{"namespace":"manage"}"#);
    assert_eq!(answer.code(), is(400, "4001008"));
    assert!(answer.body.contains("one port"), "{answer:?}");
}
