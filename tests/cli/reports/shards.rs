//! Parts of a namespace: by shard, and by what has changed.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{VERIFY, junit, read};
use crate::support::{Cloud, EAST, Run};

/// Forty repositories with a tag each, which the target has.
fn cloud() -> Cloud {
    let mut cloud = Cloud::start().namespace(EAST, "mirror");
    for number in 0..40 {
        let name = format!("service/n{number}");
        cloud = cloud.repository("team", &name, &["v1"]);
        let digest = cloud.tags("cn-north-4", "team", &name)[0].1.clone();
        cloud.emulator().add_repository(EAST, "mirror", &name);
        cloud
            .emulator()
            .push(EAST, "mirror", &name, "v1", Some(&digest));
    }
    cloud
}

fn names(run: &Run) -> BTreeSet<String> {
    let document = run.json();
    let items = document["items"].as_array().unwrap().iter();
    items
        .map(|item| item["repository"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn shards_are_a_partition_and_their_parts_are_one_report() {
    let cloud = cloud();
    let user = cloud.user();
    let whole = names(&user.swr(&format!("{VERIFY} -o json")).exits(0));
    assert_eq!(whole.len(), 40);
    let mut union = BTreeSet::new();
    for number in 1..=5 {
        // A pod of an Indexed Job knows its number, from 0.
        let run = if number == 3 {
            let pod = cloud.user().with("JOB_COMPLETION_INDEX", "2");
            pod.swr(&format!("{VERIFY} --shard job/5 -o json"))
        } else {
            user.swr(&format!("{VERIFY} --shard {number}/5 -o json"))
        };
        let run = run.exits(0);
        let document = run.document("sync-verify");
        assert_eq!(document["shard"], format!("{number}/5"));
        let part = names(&run);
        assert!(part.len() < 20, "{part:?}");
        assert!(union.is_disjoint(&part), "{part:?}");
        union.extend(part);
        user.write(&format!("{number}.json"), &run.stdout);
    }
    assert_eq!(union, whole);
    let run = user
        .swr("report 1.json 2.json 3.json 4.json 5.json --junit all.xml -o json")
        .exits(0);
    assert_eq!(names(&run), whole);
    assert_eq!(run.json()["summary"]["same"], 40);
    assert_eq!(junit(&read(&user, "all.xml")).counts, [40, 0, 0, 0]);
}

#[test]
fn a_shard_without_a_repository_is_done_and_one_of_nothing_is_not() {
    let cloud = Cloud::start()
        .repository("team", "web/api", &["v1"])
        .namespace(EAST, "mirror");
    let ends: Vec<Option<i32>> = (1..=3)
        .map(|number| cloud.swr(&format!("{VERIFY} --shard {number}/3")).code)
        .collect();
    // The one repository lacks its tag in the target.
    assert_eq!(
        ends.iter().filter(|code| **code == Some(0)).count(),
        2,
        "{ends:?}"
    );
    let empty = ends.iter().position(|code| *code == Some(0)).unwrap() + 1;
    let run = cloud.swr(&format!("{VERIFY} --shard {empty}/3")).exits(0);
    assert!(
        run.stderr
            .contains("none of the 1 repositories of 'team' is in this part"),
        "{run}"
    );
    let line = VERIFY.replace("-n team", "-n nope");
    let _ = cloud.swr(&format!("{line} --shard 1/3")).exits(4);
}

#[test]
fn wrong_shards_send_nothing() {
    let cloud = cloud();
    for (shard, says) in [
        ("0/4", "must be K/N"),
        ("5/4", "must be K/N"),
        ("x", "must be K/N"),
        ("job/4", "JOB_COMPLETION_INDEX is not set"),
    ] {
        let run = cloud.swr(&format!("{VERIFY} --shard {shard}")).exits(2);
        assert!(run.stderr.contains(says), "{run}");
    }
    let pod = cloud.user().with("JOB_COMPLETION_INDEX", "4");
    let _ = pod.swr(&format!("{VERIFY} --shard job/4")).exits(2);
    let run = cloud
        .swr(&format!("{VERIFY} -r web/api --shard 1/4"))
        .exits(2);
    assert!(run.stderr.contains("--shard"), "{run}");
    let _ = cloud
        .swr(&format!("{VERIFY} -r web/api --updated-within 1h"))
        .exits(2);
    let _ = cloud.swr(&format!("{VERIFY} --updated-within 1")).exits(2);
    let line = VERIFY.replace("-n team", "team/web/api");
    let run = cloud
        .swr(&format!("{line} --updated-within 1h --shard 1/4"))
        .exits(2);
    assert!(
        run.stderr
            .contains("--updated-within is a part of a namespace"),
        "{run}"
    );
    assert_eq!(cloud.received(), Vec::<String>::new());
}

#[test]
fn only_what_changed_is_compared_and_what_does_not_say_so_is() {
    let ago = |hours: i64| -> Value {
        let time = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(hours);
        time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string().into()
    };
    let repository = |name: &str, updated: Value| json!({"name": name, "updated_at": updated});
    let list = |repositories: &[Value]| {
        let body = json!({"repos": repositories});
        cloud().failing(&format!("GET /v3/manage/repos: x* body={body}"))
    };
    let cloud = list(&[
        repository("service/n1", ago(2)),
        repository("service/n2", ago(50)),
        repository("service/n3", Value::Null),
        repository("service/n4", "soon".into()),
    ]);
    let run = cloud
        .swr(&format!("{VERIFY} --updated-within 1d -o json"))
        .exits(0);
    let expected = ["service/n1", "service/n3", "service/n4"].map(str::to_owned);
    assert_eq!(names(&run), expected.into(), "{run}");
    let cloud = list(&[repository("service/n2", ago(50))]);
    let run = cloud
        .swr(&format!("{VERIFY} --updated-within 1d -o json"))
        .exits(0);
    assert_eq!(names(&run), BTreeSet::new());
    assert!(
        run.stderr
            .contains("none of the 1 repositories of 'team' is in this part"),
        "{run}"
    );
}
