//! Blobs: pushed, resumed, mounted, read in part, removed.

use sha2::{Digest as _, Sha512};

use super::super::{EAST, NORTH, Played};
use super::{Client, code, is, sha256};

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
