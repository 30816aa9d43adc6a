//! Manifests: pushed, refused, read, listed by tags and by what they refer to.

use serde_json::{Value, json};

use super::super::{NORTH, Played};
use super::{Client, IMAGE, INDEX, code, is, sha256};

#[test]
fn a_manifest_is_pushed_read_and_removed_by_tag_and_digest() {
    let played = Played::start();
    let client = Client::new(&played, NORTH);
    let manifest = client.image("demo/app", "v1", "layer");
    let digest = sha256(&manifest);
    for reference in ["v1", &digest] {
        let path = format!("demo/app/manifests/{reference}");
        let answer = client.get(&path);
        assert_eq!((answer.status, &answer.body), (200, &manifest));
        assert_eq!(answer.header("content-type"), Some(IMAGE));
        assert_eq!(
            answer.header("docker-content-digest"),
            Some(digest.as_str())
        );
        let head = client.ask(&format!("HEAD /v2/{path}"), &[], "");
        let length = manifest.len().to_string();
        assert_eq!(head.header("content-length"), Some(length.as_str()));
        assert_eq!(head.header("content-type"), Some(IMAGE));
    }
    // The API sees the same image.
    let tag = played
        .get("/v2/manage/namespaces/demo/repos/app/tags/v1")
        .json();
    assert_eq!(tag["digest"], digest.as_str());
    assert_eq!(tag["manifest"], manifest.as_str());
    assert_eq!(
        (&tag["tag_type"], &tag["size"]),
        (&json!(0), &json!(5 + 18))
    );
    // By digest it may have several tags at once.
    let other = client.image_of("demo/app", "other", &Value::Null);
    let reference = format!("{}?tag=a&tag=b", sha256(&other));
    let answer = client.manifest("demo/app", &reference, IMAGE, &other);
    let tags = answer.headers.iter().filter(|(name, _)| name == "oci-tag");
    assert_eq!((answer.status, tags.count()), (201, 2));
    assert_eq!(client.get("demo/app/manifests/b").body, other);
    let delete = |reference: &str| {
        let line = format!("DELETE /v2/demo/app/manifests/{reference}");
        client.ask(&line, &[], "").status
    };
    assert_eq!((delete("a"), delete("a")), (202, 404));
    assert_eq!(client.get("demo/app/manifests/b").status, 200);
    assert_eq!((delete(&digest), delete(&digest)), (202, 404));
    let gone = client.get("demo/app/manifests/v1");
    assert_eq!(code(&gone), is(404, "MANIFEST_UNKNOWN"));
    assert_eq!(
        code(&client.get("demo/other/manifests/v1")),
        is(404, "NAME_UNKNOWN")
    );
}

#[test]
fn a_manifest_that_is_wrong_or_lacks_parts_is_refused() {
    let played = Played::start();
    let client = Client::new(&played, NORTH);
    let good = client.image("demo/app", "v1", "layer");
    let put = |reference: &str, kind: &str, body: &str| {
        code(&client.manifest("demo/app", reference, kind, body))
    };
    let invalid = is(400, "MANIFEST_INVALID");
    for body in ["", "{", "[]", "{}", r#"{"schemaVersion":1}"#] {
        assert_eq!(put("v2", IMAGE, body), invalid, "{body}");
    }
    assert_eq!(put("v2", INDEX, &good), invalid);
    assert_eq!(
        put("v2", "text/plain", &good.replace(IMAGE, "text/plain")),
        invalid
    );
    assert_eq!(put("-v2", IMAGE, &good), is(400, "TAG_INVALID"));
    assert_eq!(
        put(&sha256("other"), IMAGE, &good),
        is(400, "DIGEST_INVALID")
    );
    assert_eq!(put("sha256:aa", IMAGE, &good), is(400, "DIGEST_INVALID"));
    let missing = is(400, "MANIFEST_BLOB_UNKNOWN");
    let lacking = good.replace(&sha256("layer"), &sha256("nobody's"));
    assert_eq!(put("v2", IMAGE, &lacking), missing);
    let index = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": [
        {"mediaType": IMAGE, "digest": sha256("nobody's"), "size": 3}]});
    assert_eq!(put("v2", INDEX, &index.to_string()), missing);
    // What lives elsewhere is never pushed.
    let foreign = lacking.replace(
        "application/vnd.oci.image.layer.v1.tar",
        "application/vnd.oci.image.layer.nondistributable.v1.tar",
    );
    assert_eq!(
        client.manifest("demo/app", "v2", IMAGE, &foreign).status,
        201
    );
    let huge = format!("{{\"a\":\"{}\"}}", " ".repeat(4 * 1024 * 1024));
    assert_eq!(put("v3", IMAGE, &huge), is(413, "SIZE_INVALID"));
}

/// An index of one image and an attestation, as buildx makes it by default.
fn buildx(image: &str) -> String {
    let child = |kind: &str| {
        let mut child = json!({"mediaType": IMAGE, "digest": sha256(image), "size": image.len()});
        if !kind.is_empty() {
            child["annotations"] = json!({"vnd.docker.reference.type": kind});
        }
        child
    };
    json!({"schemaVersion": 2, "mediaType": INDEX,
           "manifests": [child(""), child("attestation-manifest")]})
    .to_string()
}

#[test]
fn what_a_push_may_bring_is_a_switch() {
    let refused = (
        400,
        "MANIFEST_INVALID".to_owned(),
        "Invalid image, fail to parse 'manifest.json'".to_owned(),
    );
    for (switch, attestation, index, image) in [
        ("oci=no-attestations", false, true, true),
        ("oci=docker-only", false, false, false),
        ("oci=any", true, true, true),
    ] {
        let played = Played::as_if(&[switch]);
        let client = Client::new(&played, NORTH);
        let manifest = client.image_of("demo/app", "layer", &Value::Null);
        let put = |reference: &str, kind: &str, body: &str, taken: bool| {
            let answer = client.manifest("demo/app", reference, kind, body);
            if taken {
                assert_eq!(answer.status, 201, "{switch}: {answer:?}");
            } else {
                assert_eq!(super::refused(&answer), refused, "{switch}");
            }
        };
        put("image", IMAGE, &manifest, image);
        let plain = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": []});
        put("index", INDEX, &plain.to_string(), index);
        put("built", INDEX, &buildx(&manifest), attestation);
        let docker = manifest.replace(
            IMAGE,
            "application/vnd.docker.distribution.manifest.v2+json",
        );
        let kind = "application/vnd.docker.distribution.manifest.v2+json";
        put("docker", kind, &docker, true);
    }
}

#[test]
fn tags_are_listed_in_pages_and_of_a_missing_repository_by_a_switch() {
    let played = Played::start();
    let client = Client::new(&played, NORTH);
    let missing = client.get("demo/app/tags/list");
    assert_eq!(missing.json(), json!({"name": "demo/app", "tags": null}));
    for tag in ["c", "a", "B"] {
        client.image("demo/app", tag, "layer");
    }
    let list = |query: &str| {
        let answer = client.get(&format!("demo/app/tags/list{query}"));
        let link = answer.header("link").map(str::to_owned);
        (answer.json()["tags"].clone(), link)
    };
    assert_eq!(list(""), (json!(["B", "a", "c"]), None));
    let next = "</v2/demo/app/tags/list?n=2&last=a>; rel=\"next\"";
    assert_eq!(list("?n=2"), (json!(["B", "a"]), Some(next.to_owned())));
    assert_eq!(list("?n=2&last=a"), (json!(["c"]), None));
    assert_eq!(list("?n=0"), (json!([]), None));
    assert_eq!(list("?last=zz"), (json!([]), None));
    let wrong = client.get("demo/app/tags/list?n=x");
    assert_eq!(code(&wrong), is(400, "PAGINATION_NUMBER_INVALID"));
    let strict = Played::as_if(&["missing-tags=404"]);
    let missing = Client::new(&strict, NORTH).get("demo/app/tags/list");
    assert_eq!(code(&missing), is(404, "NAME_UNKNOWN"));
}

#[test]
fn what_refers_to_a_manifest_is_listed_where_the_switch_says_so() {
    let played = Played::start();
    let client = Client::new(&played, NORTH);
    let image = client.image("demo/app", "v1", "layer");
    let path = format!("demo/app/referrers/{}", sha256(&image));
    assert_eq!(client.get(&path).status, 404);

    let played = Played::as_if(&["referrers=api"]);
    let client = Client::new(&played, NORTH);
    let none = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": []});
    assert_eq!(client.get(&path).json(), none);
    let subject = json!({"mediaType": IMAGE, "digest": sha256(&image), "size": image.len()});
    let signature = client.image_of("demo/app", "signature", &subject);
    let digest = sha256(&signature);
    let answer = client.manifest("demo/app", &digest, IMAGE, &signature);
    assert_eq!(answer.header("oci-subject"), Some(sha256(&image).as_str()));
    let expected = json!([{"mediaType": IMAGE, "size": signature.len(), "digest": digest,
        "artifactType": "text/x-signature", "annotations": {"a": "b"}}]);
    let answer = client.get(&path);
    assert_eq!(answer.header("content-type"), Some(INDEX));
    assert_eq!(answer.json()["manifests"], expected);
    for (kind, found) in [("text/x-signature", expected), ("other", json!([]))] {
        let answer = client.get(&format!("{path}?artifactType={kind}"));
        assert_eq!(answer.json()["manifests"], found);
        assert_eq!(answer.header("oci-filters-applied"), Some("artifactType"));
    }
}
