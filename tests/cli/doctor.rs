//! `swr doctor` against the emulated service.

use crate::support::{Cloud, EAST};

/// A repository, and a namespace to copy it to.
fn cloud(switches: &[&str]) -> Cloud {
    Cloud::as_if(switches)
        .repository("team", "web/api", &["v1"])
        .namespace(EAST, "team")
}

#[test]
fn the_doctor_finds_a_healthy_set_up_healthy() {
    let cloud = cloud(&[]);
    let line = "doctor --to-region cn-east-3 --to-namespace team";
    let run = cloud.swr(&format!("{line} -o json")).exits(0);
    let document = run.document("doctor");
    assert_eq!(document["summary"]["error"], 0, "{document:#}");
    let changed = cloud
        .received()
        .into_iter()
        .find(|line| !line.starts_with("GET "));
    assert_eq!(changed, None);
}

#[test]
fn the_doctor_names_each_fault() {
    for (switches, fault, id, exit) in [
        (vec!["agency=missing"], None, "agency", 8),
        (
            vec![],
            Some("GET /v2/manage/namespaces: 401 x*"),
            "permission",
            4,
        ),
        (
            vec![],
            Some("GET /v2/manage/namespaces: 503 retry-after=0 x*"),
            "permission",
            5,
        ),
    ] {
        let mut cloud = cloud(&switches);
        if let Some(fault) = fault {
            cloud = cloud.failing(fault);
        }
        let run = cloud.swr("doctor -o json").exits(exit);
        let document = run.document("doctor");
        let found = document["items"]
            .as_array()
            .unwrap()
            .iter()
            .find(|item| item["status"] == "error");
        assert_eq!(found.unwrap()["id"], id, "{document:#}");
    }
    let run = cloud(&[])
        .user()
        .without("SWR_TOKEN")
        .without("SWR_TOKEN_CN_NORTH_4")
        .swr("doctor")
        .exits(1);
    assert!(run.stdout.contains("no credential is set"), "{run}");
}
