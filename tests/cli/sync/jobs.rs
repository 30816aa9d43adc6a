//! `swr sync jobs` and `swr sync regions`.

use super::{TARGET, cloud};

#[test]
fn jobs_are_shown_with_filters() {
    let cloud = cloud(&[]);
    let _ = cloud
        .swr(&format!(
            "sync run -n team -r web/api --all {TARGET} --wait"
        ))
        .exits(0);
    let list = |line: &str| {
        let run = cloud
            .swr(&format!("sync jobs -n team -r web/api {line} -o json"))
            .exits(0);
        run.document("sync-jobs").as_array().unwrap().len()
    };
    assert_eq!(
        [
            "",
            "v1",
            "--status success",
            "--status failed",
            "--limit 1",
            "--to-region cn-east-2"
        ]
        .map(list),
        [3, 1, 3, 0, 1, 0]
    );
}

#[test]
fn an_empty_span_of_time_says_that_there_are_older_jobs() {
    let cloud = cloud(&[]);
    let _ = cloud
        .swr(&format!(
            "sync run -n team -r web/api --all {TARGET} --wait"
        ))
        .exits(0);
    let empty = |line: &str| {
        let line = format!("sync jobs -n team -r web/api --since 2999-01-01 {line}");
        let run = cloud.swr(&line).exits(0);
        assert_eq!(run.stdout, "", "{run}");
        run.stderr
    };
    let older = "note: no such job since then; there are older ones, the newest of ";
    for line in ["", "v1", "--status success"] {
        assert!(empty(line).starts_with(older), "{line}: {}", empty(line));
    }
    for line in ["--status failed", "--to-region cn-east-2"] {
        let said = empty(line);
        assert!(
            said.starts_with("note: no such job; a new"),
            "{line}: {said}"
        );
    }
}

#[test]
fn regions_are_listed_or_the_call_is_closed() {
    let run = cloud(&[]).swr("sync regions -o json").exits(0);
    assert!(
        run.document("sync-regions")
            .to_string()
            .contains("cn-east-3")
    );
    let run = cloud(&["regions=closed"]).swr("sync regions").exits(4);
    assert!(run.stderr.contains("cn-east-3"), "{run}");
}
