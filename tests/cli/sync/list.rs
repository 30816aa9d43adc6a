//! `swr sync list`.

use snapbox::{assert_data_eq, str};

use super::cloud;
use crate::support::NORTH;

#[test]
fn tasks_are_listed_of_a_repository_a_namespace_and_everything() {
    let cloud = cloud(&[])
        .repository("team", "web/worker", &["v1"])
        .repository("other", "x", &["v1"])
        .task(("team", "web/api"), "team", true, true)
        .task(("team", "web/worker"), "team", true, false)
        .task(("other", "x"), "team", true, false);
    for (line, count) in [("-n team -r web/api", 1), ("-n team", 2), ("", 3)] {
        let run = cloud.swr(&format!("sync list {line} -o json")).exits(0);
        assert_eq!(
            run.document("sync-list").as_array().unwrap().len(),
            count,
            "{line}"
        );
        assert!(run.stderr.contains("not listed"), "{run}");
    }
    assert_data_eq!(
        cloud.swr("sync list -n team -q").to_string(),
        str![[r#"
exit: 0
--- stdout
team/web/api	team (cn-east-3)	yes	yes	2026-01-01T00:00:26Z
team/web/worker	team (cn-east-3)	yes	no	2026-01-01T00:00:27Z

"#]]
    );
}

#[test]
fn a_namespace_that_does_not_exist_has_no_empty_list() {
    let cloud = cloud(&[]).namespace(NORTH, "empty");
    let _ = cloud.swr("sync list -n nope -o json").exits(4);
    let run = cloud.swr("sync list -n empty -o json").exits(0);
    assert_eq!(run.document("sync-list"), serde_json::json!([]));
}
