//! The registry by plain HTTP: what the distribution specification asks of it, and what is SWR's.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256, Sha512};

use super::super::Options;
use super::support::Answered;
use super::{EAST, NORTH, Played, REPO};

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

#[test]
fn a_401_says_where_to_get_a_token_with_or_without_actions() {
    for (switch, actions) in [("challenge=empty", ""), ("challenge=actions", "pull")] {
        let played = Played::as_if(&[switch]);
        let host = played.host(NORTH);
        let realm = format!(
            "Bearer realm=\"http://{host}/swr/auth/v2/registry/auth/\",service=\"dockyard\""
        );
        for (line, challenge) in [
            ("GET /v2/", realm.clone()),
            (
                "GET /v2/demo/app/tags/list",
                format!("{realm},scope=\"repository:demo/app:{actions}\""),
            ),
        ] {
            let answer = played.send(NORTH, line, &[], "").unwrap();
            assert_eq!(
                refused(&answer),
                (401, "DENIED".to_owned(), "You may not login yet".to_owned())
            );
            assert_eq!(answer.header("www-authenticate"), Some(challenge.as_str()));
            assert_eq!(answer.header("forserver"), Some("swr"));
        }
        // A password straight at the registry opens nothing.
        let headers = [("Authorization", login(&played, NORTH))];
        let headers = headers
            .each_ref()
            .map(|(name, value)| (*name, value.as_str()));
        assert_eq!(
            played.send(NORTH, "GET /v2/", &headers, "").unwrap().status,
            401
        );
    }
}

#[test]
fn a_token_opens_the_repositories_of_its_scopes_in_its_region() {
    let played = Played::start();
    let denied = |text: &str| (401, "DENIED".to_owned(), text.to_owned());
    let ask = |region: &str, token: &str| {
        let headers = [("Authorization", token)];
        let line = "GET /v2/demo/app/tags/list";
        played.send(region, line, &headers, "").unwrap()
    };
    let client = Client::new(&played, NORTH);
    assert_eq!(ask(NORTH, &client.authorization).status, 200);
    let foreign = refused(&ask(EAST, &client.authorization));
    assert_eq!(foreign, denied("Authenticate Error"));
    let made_up = refused(&ask(NORTH, "Bearer made-up"));
    assert_eq!(made_up, denied("Authenticate Error"));
    // A token without a scope is for the first look only.
    let bare = Client::of(&played, NORTH, &[]);
    assert_eq!(bare.get("").status, 200);
    let other = refused(&bare.get("demo/app/tags/list"));
    assert_eq!(other, denied("you do not have the permission"));
    // A token to pull does not push.
    let reader = Client::of(&played, NORTH, &["repository:demo/app:pull"]);
    let push = reader.ask("POST /v2/demo/app/blobs/uploads/", &[], "");
    assert_eq!(refused(&push), denied("you do not have the permission"));
    // Empty actions, as in the service's own challenge, open what they are used for.
    let empty = Client::of(&played, NORTH, &["repository:demo/app:"]);
    assert_eq!(empty.blob("demo/app", "x"), sha256("x"));
}

#[test]
fn the_token_service_refuses_who_has_no_business() {
    let played = Played::start();
    played.emulator.add_foreign_namespace(NORTH, "theirs");
    let good = login(&played, NORTH);
    let user = "cn-north-4@EMULATORDEMOKEY00001";
    let password = played.emulator.registry_password();
    let ask = |authorization: &str, scope: &str| {
        let answer = token(&played, NORTH, authorization, &[scope]);
        (answer.status, answer.json()["errors"][0]["message"].clone())
    };
    let own = "repository:demo/app:pull";
    assert_eq!(ask(&good, own).0, 200);
    for (authorization, scope, text) in [
        ("", own, "You may not login yet"),
        (basic(user, "wrong").as_str(), own, "You may not login yet"),
        (
            basic("cn-east-3@EMULATORDEMOKEY00001", &password).as_str(),
            own,
            "You may not login yet",
        ),
        (
            basic("nobody", &password).as_str(),
            own,
            "You may not login yet",
        ),
        ("Basic !", own, "You may not login yet"),
        ("Bearer x", own, "You may not login yet"),
        (
            good.as_str(),
            "repository:none/app:pull",
            "Image organization does not exist",
        ),
        (
            good.as_str(),
            "repository:theirs/app:pull",
            "you do not have the permission",
        ),
    ] {
        assert_eq!(ask(authorization, scope), (401, text.into()), "{scope}");
    }
    // OAuth2 by POST is not offered, which sends containerd back to GET.
    let post = played
        .send(NORTH, &format!("POST {AUTH}"), &[], "")
        .unwrap();
    assert_eq!(post.status, 404);
    assert_eq!(
        played
            .send(NORTH, "GET /v2/_catalog", &[], "")
            .unwrap()
            .status,
        404
    );
}

#[test]
fn a_key_is_locked_after_five_wrong_passwords() {
    let played = Played::start();
    let own = ["repository:demo/app:pull"];
    for _ in 0..5 {
        let wrong = basic("cn-north-4@EMULATORDEMOKEY00001", "wrong");
        assert_eq!(token(&played, NORTH, &wrong, &own).status, 401);
    }
    assert_eq!(
        token(&played, NORTH, &login(&played, NORTH), &own).status,
        401
    );
}

#[test]
fn a_temporary_login_opens_the_registry_that_it_names() {
    let played = Played::start();
    for path in ["secret", "authorizationtoken"] {
        let answer = played.post(&format!("/v2/manage/utils/{path}"), "").json();
        let auth = answer["auths"][played.host(NORTH)]["auth"].clone();
        let login = format!("Basic {}", auth.as_str().unwrap());
        let scope = ["repository:demo/app:pull,push"];
        assert_eq!(token(&played, NORTH, &login, &scope).status, 200);
        assert_eq!(token(&played, EAST, &login, &scope).status, 401);
    }
}

#[test]
fn a_public_repository_is_pulled_by_anybody_and_pushed_by_nobody() {
    let played = Played::start();
    let patch = played.ask(NORTH, "PATCH", REPO, r#"{"is_public":true}"#);
    assert_eq!(patch.status, 201);
    let scope = ["repository:demo/web/api:pull,push"];
    // Some clients send an empty user for nobody.
    for nobody in ["", &basic("", "")] {
        let client = |scopes: &[&str]| {
            let token = token(&played, NORTH, nobody, scopes).json()["token"].clone();
            Client {
                played: &played,
                region: NORTH,
                authorization: format!("Bearer {}", token.as_str().unwrap()),
            }
        };
        let anybody = client(&scope);
        assert_eq!(anybody.get("demo/web/api/manifests/v1.0.0").status, 200);
        let push = anybody.ask("POST /v2/demo/web/api/blobs/uploads/", &[], "");
        assert_eq!(push.status, 401);
        // A token without a scope is for the first look only.
        let bare = client(&[]);
        assert_eq!(bare.get("").status, 200);
        assert_eq!(bare.get("demo/web/api/tags/list").status, 401);
    }
}

#[test]
fn a_blob_is_pushed_whole_in_pieces_resumed_or_cancelled() {
    let played = Played::start();
    let client = Client::new(&played, NORTH);
    let text = "0123456789";
    let digest = sha256(text);
    // POST, then PUT with everything.
    let location = client.begin();
    let answer = client.ask(&format!("PUT {location}?digest={digest}"), &[], text);
    assert_eq!(answer.status, 201);
    let blob = format!("/v2/demo/app/blobs/{digest}");
    assert_eq!(answer.header("location"), Some(blob.as_str()));
    assert_eq!(
        answer.header("docker-content-digest"),
        Some(digest.as_str())
    );
    assert_eq!(client.ask(&format!("GET {blob}"), &[], "").body, text);
    // Pieces, the last one with the PUT; one out of order is refused and changes nothing.
    let location = client.begin();
    let piece = |range: &str, body: &str| {
        let answer = client.ask(
            &format!("PATCH {location}"),
            &[("Content-Range", range)],
            body,
        );
        (
            answer.status,
            answer.header("range").unwrap_or_default().to_owned(),
        )
    };
    assert_eq!(piece("0-3", "0123"), (202, "0-3".to_owned()));
    for (range, body) in [("0-3", "0123"), ("5-6", "56"), ("4-9", "45"), ("x", "45")] {
        assert_eq!(piece(range, body), (416, "0-3".to_owned()), "{range}");
    }
    assert_eq!(piece("bytes 4-5/10", "45"), (202, "0-5".to_owned()));
    let status = client.ask(&format!("GET {location}"), &[], "");
    assert_eq!((status.status, status.header("range")), (204, Some("0-5")));
    assert_eq!(status.header("location"), Some(location.as_str()));
    let last = [("Content-Range", "6-9")];
    let answer = client.ask(&format!("PUT {location}?digest={digest}"), &last, "6789");
    assert_eq!(answer.status, 201);
    assert_eq!(client.ask(&format!("GET {location}"), &[], "").status, 404);
    // Cancelled, or with a digest that it does not have, it is gone.
    let location = client.begin();
    assert_eq!(
        client.ask(&format!("DELETE {location}"), &[], "").status,
        204
    );
    assert_eq!(
        code(&client.ask(&format!("PATCH {location}"), &[], "x")),
        is(404, "BLOB_UPLOAD_UNKNOWN")
    );
    let location = client.begin();
    let wrong = client.ask(&format!("PUT {location}?digest={digest}"), &[], "other");
    assert_eq!(code(&wrong), is(400, "DIGEST_INVALID"));
    for query in ["", "?digest=sha256:aa", "?digest=md5:aa"] {
        let location = client.begin();
        let answer = client.ask(&format!("PUT {location}{query}"), &[], text);
        assert_eq!(code(&answer), is(400, "DIGEST_INVALID"), "{query}");
    }
    // Another repository does not see an upload.
    let location = client.begin().replace("demo/app", "demo/other");
    assert_eq!(client.ask(&format!("GET {location}"), &[], "").status, 404);
}

#[test]
fn a_blob_may_be_empty_or_have_a_digest_by_sha512() {
    let played = Played::start();
    let client = Client::new(&played, NORTH);
    for text in ["", "0123456789"] {
        let long = format!("sha512:{}", hex::encode(Sha512::digest(text)));
        for digest in [sha256(text), long] {
            let location = client.begin();
            let answer = client.ask(&format!("PUT {location}?digest={digest}"), &[], text);
            assert_eq!(answer.status, 201, "{digest}");
            assert_eq!(client.get(&format!("demo/app/blobs/{digest}")).body, text);
        }
    }
}

#[test]
fn a_blob_is_read_whole_or_in_part_and_removed() {
    let played = Played::start();
    let client = Client::new(&played, NORTH);
    let digest = client.blob("demo/app", "0123456789");
    let line = format!("GET /v2/demo/app/blobs/{digest}");
    let head = client.ask(&line.replace("GET", "HEAD"), &[], "");
    assert_eq!(
        (head.status, head.header("content-length")),
        (200, Some("10"))
    );
    assert_eq!(head.header("docker-content-digest"), Some(digest.as_str()));
    let part = |range: &str| {
        let answer = client.ask(&line, &[("Range", range)], "");
        let range = answer
            .header("content-range")
            .unwrap_or_default()
            .to_owned();
        (answer.status, range, answer.body)
    };
    let expected =
        |status: u16, range: &str, body: &str| (status, range.to_owned(), body.to_owned());
    assert_eq!(part("bytes=2-4"), expected(206, "bytes 2-4/10", "234"));
    assert_eq!(part("bytes=8-"), expected(206, "bytes 8-9/10", "89"));
    assert_eq!(part("bytes=500-0"), expected(200, "", "0123456789"));
    assert_eq!(
        (part("bytes=10-").0, part("bytes=10-").1),
        (416, "bytes */10".to_owned())
    );
    // Visible where it was brought, and nowhere else.
    let other = client.get(&format!("demo/other/blobs/{digest}"));
    assert_eq!(code(&other), is(404, "BLOB_UNKNOWN"));
    let east = Client::new(&played, EAST).get(&format!("demo/app/blobs/{digest}"));
    assert_eq!(code(&east), is(404, "BLOB_UNKNOWN"));
    let delete = line.replace("GET", "DELETE");
    assert_eq!(client.ask(&delete, &[], "").status, 202);
    assert_eq!(client.ask(&line, &[], "").status, 404);
    assert_eq!(client.ask(&delete, &[], "").status, 404);
}

#[test]
fn a_blob_is_mounted_from_a_repository_that_the_token_opens() {
    let played = Played::start();
    let client = Client::new(&played, NORTH);
    let digest = client.blob("demo/other", "shared");
    let mount = |client: &Client<'_>, from: &str| {
        let line = format!("POST /v2/demo/app/blobs/uploads/?mount={digest}{from}");
        client.ask(&line, &[], "").status
    };
    assert_eq!(mount(&client, ""), 202);
    assert_eq!(mount(&client, "&from=demo/web/api"), 202);
    let narrow = Client::of(&played, NORTH, &["repository:demo/app:pull,push"]);
    assert_eq!(mount(&narrow, "&from=demo/other"), 202);
    assert_eq!(client.get(&format!("demo/app/blobs/{digest}")).status, 404);
    assert_eq!(mount(&client, "&from=demo/other"), 201);
    assert_eq!(
        client.get(&format!("demo/app/blobs/{digest}")).body,
        "shared"
    );
}

#[test]
fn a_killed_client_leaves_an_upload_that_goes_on() {
    let played = Played::start();
    let client = Client::new(&played, NORTH);
    let location = client.begin();
    let mut stream = played.connect(NORTH);
    let text = format!(
        "PATCH {location} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: {}\r\n\
         Transfer-Encoding: chunked\r\n\r\n4\r\n0123\r\n",
        client.authorization
    );
    std::io::Write::write_all(&mut stream, text.as_bytes()).unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    let mut range = String::new();
    for _ in 0..10_000 {
        let answer = client.ask(&format!("GET {location}"), &[], "");
        range = answer.header("range").unwrap_or_default().to_owned();
        if range == "0-3" {
            break;
        }
        std::thread::yield_now();
    }
    assert_eq!(range, "0-3");
    let line = format!("PUT {location}?digest={}", sha256("0123456789"));
    let answer = client.ask(&line, &[("Content-Range", "4-9")], "456789");
    assert_eq!(answer.status, 201);
}

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
                assert_eq!(super::registry::refused(&answer), refused, "{switch}");
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
