//! Saved plans: carried out where what is there is what the plan found.

use super::{cloud, fleet, statuses, user};
use crate::support::{Cloud, EAST, Home, mode_of};

fn plan(home: &Home) -> String {
    std::fs::read_to_string(home.path().join("plan.jsonl")).unwrap()
}

#[test]
fn a_saved_plan_is_carried_out_without_files_and_lists() {
    let cloud = cloud().task(("team", "web/api"), "team", true, true).task(
        ("team", "web/ui"),
        "old",
        true,
        false,
    );
    let home = user(&cloud, &fleet("['web/*', 'base']"));
    let _ = home.swr("plan --prune --out plan.jsonl").exits(0);
    assert_eq!(mode_of(&home.path().join("plan.jsonl")), 0o600);
    let text = plan(&home);
    assert!(
        text.starts_with("{\"swr_plan\":1,") && text.ends_with("{\"changes\":4}\n"),
        "{text}"
    );
    assert!(!text.contains("token"), "{text}");
    std::fs::remove_file(home.path().join("swr.toml")).unwrap();
    let before = cloud.received().len();
    let run = home.swr("apply plan.jsonl -o json").exits(0);
    assert_eq!(
        statuses(&run.document("apply")),
        [
            "web/api → team: replaced",
            "web/ui → team: created",
            "base → team: created",
            "web/ui → old: deleted"
        ]
    );
    let asked = cloud.received().split_off(before);
    assert!(
        !asked
            .iter()
            .any(|request| request.ends_with("/v3/manage/repos")),
        "{asked:?}"
    );
    // Repeating it does no harm.
    let again = home.swr("apply plan.jsonl -o json").exits(0);
    assert_eq!(
        statuses(&again.json()),
        [
            "web/api → team: exists",
            "web/ui → team: exists",
            "web/ui → old: deleted",
            "base → team: exists"
        ]
    );
}

#[test]
fn what_changed_since_the_plan_is_stale() {
    let cloud = cloud().task(("team", "base"), "team", true, true).task(
        ("team", "web/ui"),
        "old",
        true,
        false,
    );
    let home = user(&cloud, &fleet("['base', 'web/ui']"));
    let _ = home.swr("plan --prune --out plan.jsonl").exits(0);
    let original = plan(&home);
    #[rustfmt::skip] // a table reads as a table
    let table = [
        ("\"override\":true,\"sync_auto\":true}", "\"override\":true,\"sync_auto\":false}", "base → team: stale"),
        ("\"found\":{\"id\":", "\"found\":{\"id\":9", "base → team: stale"),
    ];
    for (from, to, expected) in table {
        assert!(original.contains(from), "{original}");
        home.write("plan.jsonl", &original.replacen(from, to, 1));
        let run = home.swr("apply plan.jsonl -o json").exits(8);
        assert!(
            statuses(&run.json()).contains(&expected.to_owned()),
            "{run}"
        );
        assert_eq!(
            run.json()["summary"]["deleted"],
            0,
            "after a stale item nothing is deleted"
        );
    }
    // Made anew with the same look, and hidden now.
    home.write("plan.jsonl", &original);
    let _ = cloud
        .swr("sync delete -n team -r base --to-region cn-east-3 --to-namespace team")
        .exits(0);
    let _ = cloud
        .swr("sync create -n team -r base --to-region cn-east-3 --to-namespace team --override")
        .exits(0);
    let run = home.swr("apply plan.jsonl -o json").exits(8);
    assert!(
        statuses(&run.json()).contains(&"base → team: stale".to_owned()),
        "{run}"
    );
}

#[test]
fn a_plan_that_is_not_whole_sends_nothing() {
    let cloud = cloud();
    let home = user(&cloud, &fleet("['base', 'web/ui']"));
    let _ = home.swr("plan --out plan.jsonl").exits(0);
    let before = cloud.received().len();
    let original = plan(&home);
    let lines: Vec<&str> = original.lines().collect();
    let without_foot = format!("{}\n{}\n", lines[0], lines[1]);
    let endpoint = lines[1]
        .split("\"endpoint\":\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    #[rustfmt::skip] // a table reads as a table
    let table = [
        (String::new(), "the plan is cut off (plan.jsonl:1)"),
        (without_foot, "the plan is cut off (plan.jsonl:2)"),
        (original.trim_end().to_owned(), "the plan is cut off (plan.jsonl:4)"),
        (original[..original.len() / 2].to_owned(), "the plan is cut off"),
        (original.replace("{\"changes\":2}", "{\"changes\":3}"), "the plan has lost changes (plan.jsonl:4)"),
        (format!("{original}x\n"), "a line after the end of the plan (plan.jsonl:5)"),
        (original.replacen("\"swr_plan\":1", "\"swr_plan\":2", 1), "a plan of another version of swr (plan.jsonl:1)"),
        (original.replacen("\"status\":\"create\"", "\"status\":\"keep\"", 1), "a change that cannot be sent (plan.jsonl:2)"),
        (original.replacen("\"status\":\"create\"", "\"status\":\"x\"", 1), "not a change (plan.jsonl:2)"),
        (original.replacen("\"repository\":\"base\"", "\"repository\":\"../x\"", 1), "a change that cannot be sent (plan.jsonl:2)"),
        (original.replacen(EAST, "East", 1), "a change that cannot be sent (plan.jsonl:2)"),
        (original.replace(endpoint, "https://swr-api.cn-north-4.myhuaweicloud.com"), "the plan is for https://swr-api.cn-north-4.myhuaweicloud.com (no profile), not for "),
        (original.replace("\"profile\":null", "\"profile\":\"prod\""), "no profile 'prod'"),
        (fleet("['base']"), "not a plan of 'swr plan --out' (plan.jsonl:1)"),
    ];
    for (text, message) in table {
        home.write("plan.jsonl", &text);
        let run = home.swr("apply plan.jsonl");
        assert!(matches!(run.code, Some(1)), "{message}: {run}");
        assert!(
            run.stderr.contains(&format!("error: {message}")),
            "{message}: {run}"
        );
    }
    let run = home.swr("apply nowhere.jsonl").exits(1);
    assert!(
        run.stderr
            .contains("the plan 'nowhere.jsonl' cannot be read"),
        "{run}"
    );
    assert_eq!(cloud.received().len(), before);
}

/// A reader of the results that is gone ends the run early, which must not pass for a whole plan.
#[test]
fn a_plan_whose_results_no_one_reads_is_not_whole() {
    let cloud = cloud();
    for format in ["human", "json", "jsonl"] {
        let home = user(&cloud, &fleet("['**']"));
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = home
            .command(["plan", "--out", "plan.jsonl", "-o", format])
            .stdout(writer)
            .output()
            .unwrap();
        assert_eq!(home.run_of(output).code, Some(0), "{format}");
        let run = home.swr("apply plan.jsonl").exits(1);
        assert!(run.stderr.contains("the plan is cut off"), "{run}");
    }
    assert!(cloud.tasks("team", "base").is_empty());
}

#[test]
fn plans_of_shards_are_applied_together() {
    let cloud = cloud();
    let home = user(&cloud, &fleet("['**']"));
    for shard in 1..=2 {
        let line = format!("plan --shard {shard}/2 --out {shard}.jsonl");
        let _ = home.swr(&line).exits(0);
    }
    let run = home.swr("apply 1.jsonl 2.jsonl -o json").exits(0);
    assert_eq!(run.json()["summary"]["created"], 3, "{run}");
    let _ = home.swr("plan --exit-code").exits(0);
}

/// A cloud and the plan of a change to it: to create, to replace, or to delete.
fn planned(action: &str) -> (Cloud, Home, serde_json::Value) {
    let cloud = cloud();
    let cloud = match action {
        "create" => cloud,
        "replace" => cloud.task(("team", "base"), "team", true, true),
        _ => cloud.task(("team", "base"), "team", true, false).task(
            ("team", "base"),
            "old",
            true,
            true,
        ),
    };
    let home = user(&cloud, &fleet("['base']"));
    let _ = home.swr("plan --prune --out plan.jsonl").exits(0);
    let line = plan(&home).lines().nth(1).unwrap().to_owned();
    let change: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert_eq!(change["status"], action);
    (cloud, home, change)
}

/// Puts another change into the plan.
fn rewrite(home: &Home, change: &serde_json::Value) {
    let text = plan(home);
    let lines: Vec<&str> = text.lines().collect();
    home.write(
        "plan.jsonl",
        &format!("{}\n{change}\n{}\n", lines[0], lines[2]),
    );
}

#[test]
fn a_plan_is_stale_in_each_field_of_what_it_found() {
    use serde_json::{Value, json};
    let mut swept = 0;
    for action in ["replace", "delete"] {
        let (_, _, change) = planned(action);
        for (field, value) in change["found"].as_object().unwrap() {
            let others = match value {
                Value::Bool(found) => vec![json!(!found)],
                Value::Number(_) => vec![json!(4711), Value::Null],
                other => panic!("{field}: {other}"),
            };
            for other in others {
                let (cloud, home, mut change) = planned(action);
                let before = cloud.tasks("team", "base");
                change["found"][field] = other.clone();
                rewrite(&home, &change);
                let run = home.swr("apply plan.jsonl -o json").exits(8);
                let item = &run.json()["items"][0];
                assert_eq!(item["status"], "stale", "{action} {field} {other}: {run}");
                assert_eq!(item["error"]["kind"], "unmet", "{run}");
                assert_eq!(item["error"]["hint"], "create a new plan");
                // What is there now is reported, and nothing of it has changed.
                assert_ne!(item["found"], change["found"]);
                assert_eq!(cloud.tasks("team", "base"), before, "{action} {field}");
                let run = home.swr("apply plan.jsonl --dry-run -o json").exits(8);
                assert_eq!(run.json()["requests"], json!([]), "{run}");
                swept += 1;
            }
        }
    }
    assert_eq!(swept, 8);
}

#[test]
fn a_plan_is_stale_where_the_service_has_changed() {
    let delete = "sync delete -n team -r base --to cn-east-3";
    let create = "sync create -n team -r base --to cn-east-3";
    // What was planned, what was done meanwhile, and what becomes of it.
    for (action, meanwhile, status, code) in [
        (
            "create",
            vec![format!("{create}/team --auto --override")],
            "stale",
            8,
        ),
        ("create", vec![format!("{create}/team --auto")], "exists", 0),
        ("create", vec![format!("{create}/team")], "replaced", 0),
        ("replace", vec![format!("{delete}/team")], "stale", 8),
        (
            "replace",
            vec![
                format!("{delete}/team"),
                format!("{create}/team --override"),
            ],
            "stale",
            8,
        ),
        (
            "replace",
            vec![
                format!("{delete}/team"),
                format!("{create}/team --auto --override"),
            ],
            "stale",
            8,
        ),
        (
            "replace",
            vec![format!("{delete}/team"), format!("{create}/team --auto")],
            "exists",
            0,
        ),
        ("delete", vec![format!("{delete}/old")], "deleted", 0),
        (
            "delete",
            vec![
                format!("{delete}/old"),
                format!("{create}/old --auto --override"),
            ],
            "stale",
            8,
        ),
        (
            "delete",
            vec![format!("{delete}/old"), format!("{create}/old --auto")],
            "stale",
            8,
        ),
    ] {
        let (cloud, home, _) = planned(action);
        for line in &meanwhile {
            let _ = home.swr(line).exits(0);
        }
        let before = cloud.tasks("team", "base");
        let run = home.swr("apply plan.jsonl -o json").exits(code);
        assert_eq!(
            run.json()["items"][0]["status"],
            status,
            "{action} {meanwhile:?}: {run}"
        );
        if status == "stale" {
            assert_eq!(
                cloud.tasks("team", "base"),
                before,
                "{action} {meanwhile:?}"
            );
        }
    }
}

#[test]
fn a_plan_of_another_profile_or_region_is_refused() {
    let cloud = cloud();
    let config = "[profiles.prod]\n[profiles.dev]\n";
    let home = user(&cloud, &fleet("['base']")).config(config);
    let _ = home.swr("plan --profile prod --out prod.jsonl").exits(0);
    let _ = home.swr("plan --out none.jsonl").exits(0);
    let before = cloud.received().len();
    for (line, message) in [
        (
            "apply prod.jsonl --profile dev",
            "the plan is for the profile prod, not for dev (prod.jsonl:2)",
        ),
        (
            "apply none.jsonl --profile dev",
            "(no profile), not for the profile dev (none.jsonl:2)",
        ),
        (
            "apply none.jsonl --region cn-east-3",
            "the plan is for the region cn-north-4, not for cn-east-3 (none.jsonl:2)",
        ),
        (
            "apply none.jsonl --endpoint https://swr-api.cn-north-4.myhuaweicloud.com",
            "the plan is for ",
        ),
    ] {
        for line in [line.to_owned(), format!("{line} --dry-run")] {
            let run = home.swr(&format!("{line} -o json")).exits(1);
            let error = run.json_error();
            assert!(
                error["message"].as_str().unwrap().contains(message),
                "{line}: {run}"
            );
            assert_eq!(error["kind"], "config", "{run}");
        }
    }
    assert_eq!(cloud.received().len(), before);
    let _ = home.swr("apply prod.jsonl --profile prod").exits(0);
}
