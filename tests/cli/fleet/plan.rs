//! `swr plan`: what is different, and what was asked to find it.

use super::{cloud, fleet, statuses, user};
use crate::support::{Cloud, EAST};

#[test]
fn a_plan_shows_what_is_different() {
    let cloud = cloud()
        .task(("team", "web/api"), "team", true, true)
        .task(("team", "web/ui"), "team", true, false)
        .task(("team", "web/ui"), "old", true, false);
    let text = format!("{}override = false\n", fleet("['web/**', 'base', 'gone']"));
    let home = user(&cloud, &text);
    let run = home.swr("plan").exits(8);
    assert_eq!(
        run.stdout,
        "team/web/api\n  ~ team (cn-east-3)             replace: override yes → no\n\
         team/web/ui\n  - old (cn-east-3)              surplus; --prune deletes it\n\
         team/base\n  + team (cn-east-3)             create\n\
         team/gone                        missing (swr.toml:3)\n\
         1 to create, 1 to replace, 1 surplus, 1 missing, 1 unchanged; 4 of 4 repositories selected\n"
    );
    assert_eq!(
        run.stderr,
        "note: tasks without syncAuto are not seen: the service does not list them\n"
    );
    let document = home
        .swr("plan -o json --prune --all")
        .exits(8)
        .document("plan");
    assert_eq!(
        statuses(&document),
        [
            "web/api → team: replace",
            "web/ui → team: unchanged",
            "web/ui → old: delete",
            "base → team: create",
            "gone: missing"
        ]
    );
    let fleet = serde_json::json!({
        "files": 1, "entries": 1, "repositories": 4, "selected": 4, "shard": null, "prune": true
    });
    assert_eq!(document["fleet"], fleet);
    let of_api = &document["items"][0];
    assert_eq!(of_api["declared"], "swr.toml:4");
    assert_eq!(of_api["found"]["override"], true);
    assert!(of_api["error"].is_null() && !document["items"][4]["error"].is_null());
    assert_eq!(document["summary"]["surplus"], 0);
}

#[test]
fn the_exit_code_says_what_was_asked_for() {
    let cloud = cloud().task(("team", "base"), "team", true, false);
    let home = user(&cloud, &fleet("['base']"));
    let _ = home.swr("plan --exit-code").exits(0);
    let cloud = cloud.task(("team", "base"), "old", true, false);
    let _ = home.swr("plan").exits(0);
    let _ = home.swr("plan --exit-code").exits(8);
    let home = user(&cloud, &fleet("['web/ui']"));
    let _ = home.swr("plan").exits(0);
    let _ = home.swr("plan --exit-code").exits(8);
}

#[test]
fn names_are_asked_for_directly_and_a_glob_lists_once() {
    let cloud = cloud();
    let _ = user(&cloud, &fleet("['base', 'web/ui']"))
        .swr("plan")
        .exits(0);
    let mut asked = cloud.received();
    asked.sort();
    assert_eq!(
        asked,
        [
            "GET /v2/manage/namespaces/team",
            "GET /v2/manage/namespaces/team/repos/base/sync_repo",
            "GET /v2/manage/namespaces/team/repos/web$ui/sync_repo",
            "GET /v2/manage/regions",
        ]
    );
    // A missing name beside a glob sends no request, nor does what is outside of the scope.
    let home = user(&cloud, &fleet("['web/*', 'gone']"));
    let before = cloud.received().len();
    let run = home
        .swr("plan --only team/web/api --only team/gone -o json")
        .exits(8);
    assert_eq!(
        statuses(&run.json()),
        ["web/api → team: create", "gone: missing"]
    );
    let asked = cloud.received().split_off(before);
    let of_tasks = asked
        .iter()
        .filter(|request| request.ends_with("/sync_repo"))
        .count();
    assert_eq!((of_tasks, asked.len()), (1, 4), "{asked:?}");
    let before = cloud.received().len();
    let run = home.swr("plan --only other/**").exits(0);
    assert!(
        run.stderr
            .contains("warning: --only other/** matches no repository"),
        "{run}"
    );
    assert_eq!(cloud.received().len(), before);
}

#[test]
fn a_scope_that_matches_nothing_is_pointed_out_with_the_nearest_name() {
    let cloud = cloud();
    let home = user(&cloud, &fleet("['web/*', 'base']"));
    for (only, near) in [
        ("team/web/*", None),
        ("team/base", None),
        ("**/ui", None),
        ("teem/**", Some("; did you mean 'team'?")),
        ("team/wbe/*", Some("; did you mean 'team/web'?")),
        ("team/bsae", Some("; did you mean 'team/base'?")),
        ("team/*/x", Some("")),
        ("other/**", Some("")),
    ] {
        // What others match is not asked of this one.
        for beside in ["", " --only team/web/api", " --shard 1/2"] {
            let run = home.swr(&format!("plan --only {only}{beside}")).exits(0);
            let expected = near.map_or(String::new(), |near| {
                format!(
                    "warning: --only {only} matches no repository that an entry selects{near}\n"
                )
            });
            let warnings: String = run
                .stderr
                .split_inclusive('\n')
                .filter(|line| line.starts_with("warning: "))
                .collect();
            assert_eq!(warnings, expected, "{only}{beside}: {run}");
        }
    }
    // A list that could not be read says nothing about it.
    let cloud = cloud.failing("GET repos: 500 x9");
    let run = home.swr("plan --only team/nope* --retries 0").exits(5);
    assert!(!run.stderr.contains("--only"), "{run}");
    let _ = cloud;
}

#[test]
fn a_target_that_cannot_work_is_unmet_and_told_once() {
    let cloud = cloud().task(("team", "base"), "nowhere", true, false);
    let text = fleet("['web/*', 'base']").replace(
        "[\"cn-east-3\"]",
        "[{region = 'cn-east-3', namespace = 'nowhere'}]",
    );
    let run = user(&cloud, &text).swr("plan").exits(8);
    let reason = "unmet: there is no namespace 'nowhere' in cn-east-3\n";
    assert_eq!(run.stdout.matches(reason).count(), 1, "{run}");
    assert_eq!(run.stdout.matches("unmet\n").count(), 2, "{run}");
    let text = fleet("['base']").replace(EAST, "xx-nowhere-9");
    let run = user(&cloud, &text).swr("plan -o json").exits(8);
    let item = &run.json()["items"][0];
    assert_eq!(item["status"], "unmet");
    let message = item["error"]["message"].as_str().unwrap();
    assert_eq!(
        message,
        "the region 'xx-nowhere-9' is not offered as a target"
    );
}

#[test]
fn a_target_that_is_not_there_is_answered_with_the_nearest_that_is() {
    let cloud = cloud();
    for (to, reason) in [
        (
            "'cn-east-33'",
            "the region 'cn-east-33' is not offered as a target; did you mean 'cn-east-3'?",
        ),
        (
            "{region = 'cn-east-3', namespace = 'teamm'}",
            "there is no namespace 'teamm' in cn-east-3; did you mean 'team'?",
        ),
    ] {
        let text = fleet("['base']").replace("\"cn-east-3\"", to);
        let run = user(&cloud, &text).swr("plan").exits(8);
        assert!(run.stdout.contains(&format!("unmet: {reason}\n")), "{run}");
    }
}

#[test]
fn what_nobody_owns_is_never_shown() {
    let cloud = cloud().task(("team", "base"), "old", true, false).task(
        ("team", "web/ui"),
        "old",
        true,
        false,
    );
    let text = format!(
        "{}ignore = [{{region = '{EAST}', namespace = 'old'}}]\n",
        fleet("['web/ui']")
    );
    let run = user(&cloud, &text).swr("plan --prune -o json").exits(0);
    assert_eq!(statuses(&run.json()), ["web/ui → team: create"]);
}

#[test]
fn a_conflict_of_overlapping_globs_leaves_the_repository_alone() {
    let cloud = cloud();
    let text = format!(
        "{}{}override = true\n",
        fleet("['web/*']"),
        fleet("['**/api']")
    );
    let run = user(&cloud, &text).swr("plan -o json").exits(1);
    assert_eq!(
        statuses(&run.json()),
        ["web/api: failed", "web/ui → team: create"]
    );
    let error = &run.json()["items"][0]["error"];
    assert_eq!(error["kind"], "config");
    assert_eq!(
        error["message"],
        "conflict at team/web/api to team (cn-east-3): override no (swr.toml:4), yes (swr.toml:8)"
    );
}

#[test]
fn a_glob_that_matches_nothing_is_a_warning_with_the_nearest_name() {
    let run = user(&cloud(), &fleet("['wbe/**', 'web/**']"))
        .swr("plan")
        .exits(0);
    let warning =
        "warning: 'wbe/**' (swr.toml:3) matches no repository of 'team'; did you mean 'web'?\n";
    assert!(run.stderr.contains(warning), "{run}");
}

#[test]
fn a_source_that_is_not_there_is_missing_for_names_and_an_error_for_globs() {
    let cloud = Cloud::start().namespace(EAST, "team");
    let _ = user(&cloud, &fleet("['a']")).swr("plan").exits(8);
    let run = user(&cloud, &fleet("['**']")).swr("plan -o json").exits(4);
    assert_eq!(run.json()["summary"]["failed"], 1, "{run}");
    // A list that failed is not one of its repositories.
    let message = &run.json_error()["message"];
    assert!(
        message
            .as_str()
            .unwrap()
            .starts_with("the service refused: 404"),
        "{run}"
    );
}

#[test]
fn shards_are_a_partition_of_the_plan() {
    let mut cloud = cloud();
    for number in 0..20 {
        cloud = cloud.repository("team", &format!("n/{number}"), &[]);
    }
    let home = user(&cloud, &fleet("['**']"));
    let whole = statuses(&home.swr("plan -o json").exits(0).json());
    let mut parts = Vec::new();
    for shard in 1..=3 {
        let run = home
            .swr(&format!("plan -o json --shard {shard}/3"))
            .exits(0);
        assert_eq!(run.json()["fleet"]["shard"], format!("{shard}/3"));
        parts.extend(statuses(&run.json()));
    }
    let home = home.with("JOB_COMPLETION_INDEX", "2");
    let job = home.swr("plan -o json --shard job/3").exits(0);
    assert_eq!(job.json()["fleet"]["shard"], "3/3");
    parts.sort();
    let mut sorted = whole.clone();
    sorted.sort();
    assert_eq!(parts, sorted);
    assert_eq!(whole.len(), 23);
    for wrong in ["0/4", "5/4", "x", "job/2"] {
        let run = home.swr(&format!("plan --shard {wrong}")).exits(2);
        assert!(run.stderr.contains("--shard"), "{run}");
    }
    let _ = home
        .without("JOB_COMPLETION_INDEX")
        .swr("plan --shard job/3")
        .exits(2);
}

#[test]
fn a_list_of_a_hundred_tasks_may_be_cut() {
    let mut cloud = cloud();
    for number in 0..100 {
        cloud = cloud.task(("team", "base"), &format!("n{number}"), true, false);
    }
    let run = user(&cloud, &fleet("['base']"))
        .swr("plan -o json")
        .exits(5);
    assert_eq!(statuses(&run.json()), ["base: failed"]);
}

#[test]
fn the_report_files_are_written() {
    let cloud = cloud().task(("team", "base"), "old", true, false);
    let home = user(&cloud, &fleet("['base', 'web/*']"));
    let _ = home
        .swr("plan --summary page.md --junit plan.xml --html plan.html --metrics plan.prom")
        .exits(0);
    let read = |name: &str| std::fs::read_to_string(home.path().join(name)).unwrap();
    assert!(read("page.md").contains("swr plan"), "{}", read("page.md"));
    assert!(read("plan.xml").contains("team/web/api"));
    assert!(read("plan.html").contains("team/web/api"));
    assert!(
        read("plan.prom").contains("swr_tasks{"),
        "{}",
        read("plan.prom")
    );
}
