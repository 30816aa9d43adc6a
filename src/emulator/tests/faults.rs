//! Every word of the grammar of faults, as a client sees it.

use std::io::{BufReader, Read};
use std::time::{Duration, Instant};

use super::support::{read, write};
use super::{EAST, NORTH, Played, REPO};

const TASK: &str = r#"{"remoteRegionId":"cn-east-3","remoteNamespace":"demo","syncAuto":true}"#;

fn sync_repo() -> String {
    format!("{REPO}/sync_repo")
}

fn tasks(played: &Played) -> usize {
    played.emulator.tasks(NORTH, "demo", "web/api").len()
}

#[test]
fn a_status_triggers_as_often_as_it_says_and_the_work_is_not_done() {
    let played = Played::failing(&["POST sync_repo: 503 x2"]);
    let code = || played.post(&sync_repo(), TASK).code();
    assert_eq!(code(), (503, "APIGW.0201".to_owned()));
    assert_eq!(code(), (503, "APIGW.0201".to_owned()));
    assert_eq!(tasks(&played), 0);
    assert_eq!(played.post(&sync_repo(), TASK).status, 200);
    assert_eq!(tasks(&played), 1);
}

#[test]
fn a_status_brings_the_code_that_fits_or_the_one_that_is_named() {
    for (fault, status, code) in [
        ("400", 400, "4000014"),
        ("401", 401, "APIGW.0301"),
        ("401 APIGW.0307", 401, "APIGW.0307"),
        ("403 4031032", 403, "4031032"),
        ("409 4090023", 409, "4090023"),
        ("413", 413, "APIGW.0201"),
        ("429", 429, "APIGW.0308"),
        ("500", 500, "5000057"),
        ("504", 504, "APIGW.0201"),
        ("507", 507, "5070070"),
    ] {
        let played = Played::failing(&[&format!("GET sync_repo: {fault}")]);
        assert_eq!(
            played.get(&sync_repo()).code(),
            (status, code.to_owned()),
            "{fault}"
        );
    }
}

#[test]
fn an_answer_may_hide_that_the_work_is_done() {
    let played = Played::failing(&["POST sync_repo: 503 done"]);
    assert_eq!(played.post(&sync_repo(), TASK).status, 503);
    assert_eq!(tasks(&played), 1);
}

#[test]
fn headers_and_bodies_are_sent_as_they_are_named() {
    let answer = |fault: &str| Played::failing(&[&format!("* *: {fault}")]).get(&sync_repo());
    assert_eq!(answer("429 retry-after=7").header("retry-after"), Some("7"));
    let moved = answer("redirect=http://127.0.0.1:1/x");
    assert_eq!(
        (moved.status, moved.header("location")),
        (302, Some("http://127.0.0.1:1/x"))
    );
    assert_eq!(answer("307 redirect=/x").status, 307);
    assert_eq!(answer("502 html").header("content-type"), Some("text/html"));
    assert_eq!(
        (answer("empty").status, answer("empty").body),
        (200, String::new())
    );
    assert_eq!(answer("null").body, "null");
    assert_eq!(answer("shape").body, r#"{"unexpected":["shape",1]}"#);
    assert_eq!(answer(r#"400 body={"a": "b c"}"#).body, r#"{"a": "b c"}"#);
    assert_eq!(answer("huge").body.len(), 17 * 1024 * 1024);
}

#[test]
fn an_endless_body_does_not_end() {
    let played = Played::failing(&["* *: endless"]);
    let mut stream = played.connect(NORTH);
    write(&stream, &format!("GET {}", sync_repo()), &[], "");
    let mut taken = vec![0; 18 * 1024 * 1024];
    stream.read_exact(&mut taken).unwrap();
    assert!(taken.starts_with(b"HTTP/1.1 200 OK"));
}

#[test]
fn a_cut_leaves_no_answer_before_or_after_the_work() {
    for (fault, done) in [("cut", 0), ("cut-after", 1), ("cut done", 1)] {
        let played = Played::failing(&[&format!("POST sync_repo: {fault}")]);
        assert_eq!(
            played.try_ask(NORTH, "POST", &sync_repo(), TASK),
            None,
            "{fault}"
        );
        assert_eq!(tasks(&played), done, "{fault}");
        assert_eq!(played.emulator.received()[0].status, 0);
    }
}

#[test]
fn a_torn_answer_ends_in_the_middle_of_its_body() {
    let played = Played::failing(&["GET sync_repo: torn"]);
    played.task(true, false);
    let answer = played.get(&sync_repo());
    assert_eq!((answer.status, answer.torn), (200, true));
    assert!(
        answer.body.starts_with('[') && !answer.body.ends_with(']'),
        "{answer:?}"
    );
}

#[test]
fn a_closed_connection_ends_unannounced_behind_the_whole_answer() {
    let played = Played::failing(&["GET sync_repo: close"]);
    played.task(true, false);
    let token = played.token(NORTH);
    let stream = played.connect(NORTH);
    let headers = [("X-Auth-Token", token.as_str())];
    write(&stream, &format!("GET {}", sync_repo()), &headers, "");
    let mut reader = BufReader::new(stream);
    let answer = read(&mut reader).unwrap();
    assert_eq!(
        (answer.status, answer.torn, answer.header("connection")),
        (200, false, None)
    );
    // The end comes by itself, not only in answer to another request.
    assert_eq!(reader.read(&mut [0; 1]).unwrap(), 0);
}

#[test]
fn a_stall_answers_never_and_others_go_on() {
    for (fault, done) in [("slow", 0), ("slow-after", 1)] {
        let played = Played::failing(&[&format!("POST sync_repo: {fault}")]);
        let stream = played.connect(NORTH);
        let token = played.token(NORTH);
        let headers = [
            ("X-Auth-Token", token.as_str()),
            ("Content-Type", "application/json"),
        ];
        write(&stream, &format!("POST {}", sync_repo()), &headers, TASK);
        let end = Instant::now() + Duration::from_secs(20);
        while played.emulator.received().is_empty() || tasks(&played) < done {
            assert!(Instant::now() < end, "{fault}");
            std::thread::yield_now();
        }
        assert_eq!(played.get("/v2/manage/regions").status, 200);
        assert_eq!(tasks(&played), done);
        stream.set_nonblocking(true).unwrap();
        assert!((&stream).read(&mut [0; 1]).is_err(), "nothing came");
    }
}

#[test]
fn a_late_answer_is_the_real_one() {
    let played = Played::failing(&["GET sync_repo: slow=1ms"]);
    assert_eq!(played.get(&sync_repo()).body, "[]");
}

#[test]
fn a_fault_triggers_at_its_region_only_and_every_service_alike() {
    let played = Played::failing(&["GET *@cn-east-3: 500", "POST /v3/auth/tokens: 503"]);
    assert_eq!(played.get("/v2/manage/regions").status, 200);
    assert_eq!(
        played.ask(EAST, "GET", "/v2/manage/regions", "").status,
        500
    );
    assert_eq!(played.post("/v3/auth/tokens", "{}").status, 503);
}

#[test]
fn copies_end_as_a_fault_says() {
    for ending in ["failed", "timeout", "cancel"] {
        let played = Played::failing(&[&format!("COPY demo/web/api:v2: {ending}")]);
        played.task(true, false);
        played.emulator.push(NORTH, "demo", "web/api", "v2", None);
        played.emulator.push(NORTH, "demo", "web/api", "v3", None);
        assert_eq!(played.settle(), [ending, "success"]);
    }
    // Stuck is for good, also where the fault is counted; late is not.
    for (ending, last) in [
        ("stuck", "running"),
        ("stuck x*", "running"),
        ("late x2", "success"),
    ] {
        let played = Played::failing(&[&format!("COPY *: {ending}")]);
        played.task(true, false);
        played.emulator.push(NORTH, "demo", "web/api", "v2", None);
        let looks: Vec<String> = (0..9).flat_map(|_| played.statuses()).collect();
        assert_eq!(looks[..4], ["waiting", "running", "running", "running"]);
        assert_eq!(looks[8], last, "{ending}");
    }
}

#[test]
fn faults_are_added_while_it_runs() {
    let played = Played::start();
    assert_eq!(played.get(&sync_repo()).status, 200);
    let fault = super::super::Fault::parse("GET sync_repo: 404 4040058").unwrap();
    played.emulator.add_fault(fault);
    assert_eq!(played.get(&sync_repo()).code(), (404, "4040058".to_owned()));
}
