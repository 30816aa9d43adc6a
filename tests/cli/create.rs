//! `swr sync create`, request by request.

use snapbox::{assert_data_eq, str};

use crate::support::{Home, Reply, Wire};

const LINE: &str = "sync create -n team -r web/api --to-region cn-east-3 --to-namespace team";

#[test]
fn a_create_is_one_exact_request() {
    let wire = Wire::serve([Reply::json(200, "{}").header("X-Request-Id", "r1")]);
    let run = wire.user().swr(&format!("{LINE} --auto --override"));
    assert_data_eq!(
        run.to_string(),
        str![[r#"
exit: 0
--- stdout
created: team/web/api → team (cn-east-3)
  each push is copied; a different image of the same tag is replaced
--- stderr
note: existing tags stay behind; copy them with:
hint: swr sync run --all -n team -r web/api --to-region cn-east-3 --to-namespace team
note: the service does not check the target; --preflight looks first

"#]]
    );
    let heard = wire.heard();
    assert_eq!(heard.len(), 1);
    assert_eq!(
        heard[0].line,
        "POST /v2/manage/namespaces/team/repos/web$api/sync_repo HTTP/1.1"
    );
    assert_eq!(
        heard[0].body,
        r#"{"remoteRegionId":"cn-east-3","remoteNamespace":"team","syncAuto":true,"override":true}"#
    );
    let version = format!("swr/{}", env!("CARGO_PKG_VERSION"));
    assert_eq!(heard[0].header("Content-Type"), Some("application/json"));
    assert_eq!(heard[0].header("User-Agent"), Some(version.as_str()));
    assert_eq!(heard[0].header("X-Auth-Token"), Some("token-of-the-test"));
    assert_eq!(heard[0].header("Authorization"), None);
}

#[test]
fn both_booleans_are_written_out_when_they_are_false() {
    let wire = Wire::serve([Reply::json(200, "")]);
    let run = wire.user().swr(&format!("{LINE} -o json"));
    assert_data_eq!(
        run.to_string(),
        str![[r#"
exit: 0
--- stdout
{
  "status": "created",
  "namespace": "team",
  "repository": "web/api",
  "region": null,
  "remote_region_id": "cn-east-3",
  "remote_namespace": "team",
  "sync_auto": false,
  "override": false,
  "endpoint": "http://[SERVER]",
  "http_status": 200,
  "request_id": null,
  "exit_code": 0,
  "error": null
}
--- stderr
{"note":"without --auto the task does nothing on a push"}
{"note":"existing tags stay behind; copy them with:"}
{"hint":"swr sync run --all -n team -r web/api --to-region cn-east-3 --to-namespace team"}
{"note":"the service does not check the target; --preflight looks first"}

"#]]
    );
    assert_eq!(
        wire.heard()[0].body,
        r#"{"remoteRegionId":"cn-east-3","remoteNamespace":"team","syncAuto":false,"override":false}"#
    );
}

#[test]
fn every_wrong_value_is_told_at_once_and_nothing_is_sent() {
    let wire = Wire::serve([Reply::json(200, "{}")]);
    let user = wire.user();
    let line = "sync create -n Team -r web//api --to-region cn --to-region a_b --to-namespace t-";
    assert_data_eq!(
        user.swr(line).to_string(),
        str![[r#"
exit: 2
--- stderr
error: invalid namespace 'Team' (--namespace): 'T' at position 1 must be a lowercase letter
error: invalid repository 'web//api' (--repo): '/' at position 5 must not follow '/': separators cannot be adjacent
error: invalid region 'cn' (--to-region): not a region id like 'cn-north-4': letters, then parts joined by '-'
error: invalid region 'a_b' (--to-region): '_' at position 2 must be a lowercase letter, a digit or '-'
error: invalid namespace 't-' (--to-namespace): must end with a lowercase letter or digit ('-' at position 2)

"#]]
    );
    assert_data_eq!(
        user.swr(&format!("{line} -o json")).exits(2).stderr,
        str![[r#"
{"error":{"kind":"validation","message":"invalid namespace 'Team' (--namespace): 'T' at position 1 must be a lowercase letter/ninvalid repository 'web//api' (--repo): '/' at position 5 must not follow '/': separators cannot be adjacent/ninvalid region 'cn' (--to-region): not a region id like 'cn-north-4': letters, then parts joined by '-'/ninvalid region 'a_b' (--to-region): '_' at position 2 must be a lowercase letter, a digit or '-'/ninvalid namespace 't-' (--to-namespace): must end with a lowercase letter or digit ('-' at position 2)","hint":null,"exit_code":2,"retryable":false,"http_status":null,"code":null,"request_id":null,"field":null,"request":null,"fields":[{"field":"--namespace","value":"Team","message":"invalid namespace 'Team' (--namespace): 'T' at position 1 must be a lowercase letter"},{"field":"--repo","value":"web//api","message":"invalid repository 'web//api' (--repo): '/' at position 5 must not follow '/': separators cannot be adjacent"},{"field":"--to-region","value":"cn","message":"invalid region 'cn' (--to-region): not a region id like 'cn-north-4': letters, then parts joined by '-'"},{"field":"--to-region","value":"a_b","message":"invalid region 'a_b' (--to-region): '_' at position 2 must be a lowercase letter, a digit or '-'"},{"field":"--to-namespace","value":"t-","message":"invalid namespace 't-' (--to-namespace): must end with a lowercase letter or digit ('-' at position 2)"}]}}

"#]]
    );
    assert_eq!(wire.lines(), Vec::<String>::new());
}

#[test]
fn the_rules_of_names_hold_to_the_letter() {
    let wire = Wire::serve([Reply::json(200, "{}")]);
    let user = wire.user();
    let long = |count: usize| "a".repeat(count);
    let names: Vec<(String, bool, bool)> = [
        ("a", true, true),
        ("z9", true, true),
        ("0", false, true),
        ("1team", false, true),
        ("3scale/x", false, true),
        ("a__b", true, true),
        ("a___b", false, false),
        ("a--b", false, false),
        ("a---b", false, false),
        ("a..b", false, false),
        ("a._b", false, false),
        ("a_.b", false, false),
        ("a.-b", false, false),
        ("a-_b", false, false),
        ("a_-b", false, false),
        ("a-", false, false),
        ("a.", false, false),
        ("a_", false, false),
        ("-a", false, false),
        ("_a", false, false),
        (".a", false, false),
        ("web/api", false, true),
        ("web/api/v2", false, true),
        ("ghcr.io/x/y", false, true),
        ("/web", false, false),
        ("web/", false, false),
        ("web//api", false, false),
        ("web/-api", false, false),
        ("web-/api", false, false),
        ("web/../x", false, false),
        ("Web", false, false),
        ("a b", false, false),
        ("a$b", false, false),
        ("a%24b", false, false),
        ("a:b", false, false),
        ("a@b", false, false),
        ("é", false, false),
        ("", false, false),
        ("a\n", false, false),
        ("library", true, true),
    ]
    .into_iter()
    .map(|(name, namespace, repository)| (name.to_owned(), namespace, repository))
    .chain([
        (long(64), true, true),
        (long(65), false, true),
        (long(128), false, true),
        (long(129), false, false),
    ])
    .collect();
    for (name, namespace, repository) in names {
        for (option, accepted) in [("--namespace", namespace), ("--repo", repository)] {
            let other = if option == "--repo" {
                "--namespace=n"
            } else {
                "--repo=r"
            };
            let given = format!("{option}={name}");
            let run = user.words([
                "sync",
                "create",
                &given,
                other,
                "--to-region=cn-east-3",
                "--to-namespace=t",
            ]);
            let code = if accepted { 0 } else { 2 };
            assert_eq!(run.code, Some(code), "{option} {name:?}: {run}");
        }
    }
}

#[test]
fn exists_fails_and_says_how_to_go_on() {
    for reply in [
        Reply::json(
            409,
            r#"{"errors":[{"errorCode":"SVCSTG.SWR.4090000","errorMessage":"there"}]}"#,
        ),
        Reply::json(
            400,
            r#"{"error_code":"SVCSTG.SWR.4000014","error_msg":"Duplicate sync repo"}"#,
        ),
    ] {
        let wire = Wire::serve([reply]);
        let error = wire
            .user()
            .swr(&format!("{LINE} -o json"))
            .exits(4)
            .json_error();
        assert_eq!(error["kind"], "exists");
        assert!(
            error["hint"].as_str().unwrap().contains("--if-exists keep"),
            "{error}"
        );
        assert_eq!(wire.lines().len(), 1);
    }
}

const DUPLICATE: &str = r#"{"error_code":"SVCSTG.SWR.4000014","error_msg":"duplicate sync repo"}"#;

fn listed(auto: bool, override_: bool) -> Reply {
    Reply::json(
        200,
        &format!(
            r#"[{{"id":1,"namespace":"team","repoName":"web/api","remoteRegionId":"cn-east-3",
               "remoteNamespace":"other","syncAuto":true,"override":true}},
               {{"id":2,"namespace":"team","repoName":"web/api","remoteRegionId":"cn-east-3",
               "remoteNamespace":"team","syncAuto":{auto},"override":{override_}}}]"#
        ),
    )
}

#[test]
fn keep_takes_the_task_that_is_the_same() {
    let wire = Wire::serve([Reply::json(400, DUPLICATE), listed(true, false)]);
    let run = wire
        .user()
        .swr(&format!("{LINE} --auto --if-exists keep -o json"))
        .exits(0);
    let created = run.document("sync-create");
    assert_eq!(
        (
            &created["status"],
            &created["override"],
            &created["http_status"]
        ),
        (&"exists".into(), &false.into(), &400.into())
    );
}

#[test]
fn keep_tells_how_the_task_that_is_there_differs() {
    let wire = Wire::serve([Reply::json(400, DUPLICATE), listed(true, true)]);
    let error = wire
        .user()
        .swr(&format!("{LINE} --auto --if-exists keep -o json"))
        .exits(8)
        .json_error();
    assert_eq!(error["kind"], "exists");
    assert_eq!(
        error["difference"],
        serde_json::json!({"override": {"wanted": false, "found": true}})
    );
}

#[test]
fn keep_lives_with_a_task_that_is_not_listed() {
    let wire = Wire::serve([Reply::json(400, DUPLICATE), Reply::json(200, "[]")]);
    let run = wire
        .user()
        .swr(&format!("{LINE} --if-exists keep -o json"))
        .exits(0);
    assert_eq!(run.document("sync-create")["status"], "exists");
    assert_eq!(run.json()["override"], serde_json::Value::Null);
    assert!(run.stderr.contains(r#"{"warning":"#), "{run}");

    let wire = Wire::serve([Reply::json(400, DUPLICATE), Reply::json(200, "[]")]);
    let error = wire
        .user()
        .swr(&format!("{LINE} --auto --if-exists keep -o json"))
        .exits(8)
        .json_error();
    assert_eq!(
        error["difference"]["sync_auto"],
        serde_json::json!({"wanted": true, "found": false})
    );
}

#[test]
fn replace_deletes_and_creates_unless_it_is_the_same() {
    let wire = Wire::serve([
        Reply::json(400, DUPLICATE),
        listed(true, true),
        Reply::json(200, ""),
        Reply::json(200, "{}"),
    ]);
    let run = wire
        .user()
        .swr(&format!("{LINE} --auto --if-exists replace -o json"))
        .exits(0);
    assert_eq!(run.document("sync-create")["status"], "replaced");
    let path = "/v2/manage/namespaces/team/repos/web$api/sync_repo";
    let expected = ["POST", "GET", "DELETE", "POST"].map(|method| format!("{method} {path}"));
    assert_eq!(wire.lines(), expected);
    assert_eq!(
        wire.heard()[2].body,
        r#"{"remoteRegionId":"cn-east-3","remoteNamespace":"team"}"#
    );

    let wire = Wire::serve([Reply::json(400, DUPLICATE), listed(true, false)]);
    let run = wire
        .user()
        .swr(&format!("{LINE} --auto --if-exists replace -o json"))
        .exits(0);
    assert_eq!(run.document("sync-create")["status"], "exists");
}

#[test]
fn a_task_that_is_gone_meanwhile_is_created_all_the_same() {
    let gone = r#"{"errors":[{"errorCode":"SVCSTG.SWR.4001158","errorMessage":"gone"}]}"#;
    let wire = Wire::serve([
        Reply::json(409, "{}"),
        listed(true, true),
        Reply::json(400, gone),
        Reply::json(200, "{}"),
    ]);
    let run = wire
        .user()
        .swr(&format!("{LINE} --auto --if-exists replace -o json"))
        .exits(0);
    assert_eq!(run.document("sync-create")["status"], "replaced");
}

#[test]
fn a_lost_answer_is_settled_by_reading() {
    let wire = Wire::serve([Reply::Cut, Reply::json(400, DUPLICATE), listed(true, false)]);
    let run = wire.user().swr(&format!("{LINE} --auto -o json")).exits(0);
    assert_eq!(run.document("sync-create")["status"], "created");
    assert_eq!(wire.lines().len(), 3);

    // Another's task is there.
    let wire = Wire::serve([Reply::Cut, Reply::json(400, DUPLICATE), listed(true, true)]);
    let error = wire
        .user()
        .swr(&format!("{LINE} --auto -o json"))
        .exits(4)
        .json_error();
    assert_eq!(error["kind"], "exists");
}

#[test]
fn busy_is_not_exists() {
    let busy = r#"{"error_code":"SVCSTG.SWR.4090023","error_msg":"The system is busy"}"#;
    let wire = Wire::serve([
        Reply::json(409, busy).header("Retry-After", "0"),
        Reply::json(200, "{}"),
    ]);
    let run = wire
        .user()
        .swr(&format!("{LINE} --if-exists keep -o json"))
        .exits(0);
    assert_eq!(run.document("sync-create")["status"], "created");
    assert_eq!(wire.lines().len(), 2);
}

#[test]
fn several_regions_each_have_an_end() {
    let wire = Wire::serve([
        Reply::json(200, "{}"),
        Reply::json(
            404,
            r#"{"error_code":"SVCSTG.SWR.4040010","error_msg":"no image"}"#,
        ),
    ]);
    let line = format!("{LINE} --to-region ap-southeast-1 --to-region cn-east-3 --concurrency 1");
    let run = wire.user().swr(&format!("{line} -o json")).exits(4);
    let document = run.document("sync-create-several");
    assert_eq!(
        run.counts("sync-create-several"),
        serde_json::json!({"created": 1, "failed": 1})
    );
    let items = document["items"].as_array().unwrap();
    let ends: Vec<_> = items
        .iter()
        .map(|item| {
            (
                &item["remote_region_id"],
                &item["status"],
                &item["exit_code"],
            )
        })
        .collect();
    assert_eq!(
        ends,
        [
            (&"cn-east-3".into(), &"created".into(), &0.into()),
            (&"ap-southeast-1".into(), &"failed".into(), &4.into())
        ]
    );
    assert_eq!(items[1]["error"]["code"], "SVCSTG.SWR.4040010");
    assert_eq!(run.json_error()["exit_code"], 4);

    let wire = Wire::serve([Reply::json(200, "{}")]);
    let run = wire
        .user()
        .swr(&format!("{LINE} --to-region ap-southeast-1 -o jsonl"))
        .exits(0);
    assert_eq!(run.stdout.lines().count(), 2);
}

#[test]
fn a_dead_credential_stops_the_others() {
    let wire = Wire::serve([Reply::json(
        401,
        r#"{"error_code":"APIGW.0301","error_msg":"decrypt token fail"}"#,
    )]);
    let line = format!("{LINE} --to-region ap-southeast-1 --to-region cn-north-1 --concurrency 1");
    let run = wire.user().swr(&format!("{line} -o json")).exits(4);
    assert_eq!(
        run.counts("sync-create-several"),
        serde_json::json!({"failed": 1, "skipped": 2})
    );
    assert_eq!(wire.lines().len(), 1);
}

#[test]
fn a_dry_run_shows_the_request_and_sends_nothing() {
    let wire = Wire::serve([Reply::json(200, "{}")]);
    let user = wire.user();
    let line = format!("{LINE} --auto --dry-run");
    assert_data_eq!(
        user.swr(&line).to_string(),
        str![[r#"
exit: 0
--- stdout
POST /v2/manage/namespaces/team/repos/web$api/sync_repo HTTP/1.1
Host: [SERVER]
Content-Type: application/json
User-Agent: swr/0.1.0
X-Auth-Token: [redacted]

{"remoteRegionId":"cn-east-3","remoteNamespace":"team","syncAuto":true,"override":false}

"#]]
    );
    assert_data_eq!(
        user.swr(&format!("{line}=curl")).to_string(),
        str![[r#"
exit: 0
--- stdout
curl -sS -X POST 'http://[SERVER]/v2/manage/namespaces/team/repos/web$api/sync_repo' /
  -H 'Content-Type: application/json' /
  -H "X-Auth-Token: $SWR_TOKEN" /
  --data '{"remoteRegionId":"cn-east-3","remoteNamespace":"team","syncAuto":true,"override":false}'

"#]]
    );
    assert_data_eq!(
        user.swr(&format!("{line} -o json")).to_string(),
        str![[r#"
exit: 0
--- stdout
{
  "dry_run": true,
  "request": {
    "method": "POST",
    "url": "http://[SERVER]/v2/manage/namespaces/team/repos/web$api/sync_repo",
    "headers": {
      "Content-Type": "application/json",
      "User-Agent": "swr/0.1.0",
      "X-Auth-Token": "[redacted]"
    },
    "body": {
      "remoteRegionId": "cn-east-3",
      "remoteNamespace": "team",
      "syncAuto": true,
      "override": false
    }
  }
}

"#]]
    );
    let two = format!("{line} --to-region ap-southeast-1 --create-namespace -o json");
    let document = user.swr(&two).exits(0).document("dry-run-several");
    assert_eq!(document["requests"].as_array().unwrap().len(), 4);
    assert_eq!(wire.lines(), Vec::<String>::new());
}

#[test]
fn a_dry_run_needs_no_credential_and_runs_no_command() {
    let user = Home::new()
        .config("region = \"cn-north-4\"\ntoken_command = [\"sh\", \"-c\", \"touch ran\"]\n");
    let run = user.swr(&format!("{LINE} --dry-run")).exits(0);
    assert_eq!(run.stderr, "");
    assert!(!user.path().join("ran").exists());

    let run = Home::new()
        .swr(&format!("{LINE} --dry-run --region cn-north-4"))
        .exits(0);
    assert_data_eq!(
        run.stderr,
        str![[r#"
note: no credential is set; the request is shown with a token

"#]]
    );
}

#[test]
fn the_curl_command_sends_the_same_request() {
    let wire = Wire::serve([Reply::json(200, "{}")]);
    let user = wire.user();
    let line = format!("{LINE} --auto");
    let _ = user.swr(&line).exits(0);
    let command = user.swr(&format!("{line} --dry-run=curl")).exits(0).stdout;
    let command = command.replace("[SERVER]", &format!("127.0.0.1:{}", wire.port()));
    let done = std::process::Command::new("sh")
        .args(["-c", &command])
        .env("SWR_TOKEN", "token-of-the-test")
        .env("NO_PROXY", "127.0.0.1")
        .output();
    let Ok(done) = done else { return };
    assert!(done.status.success(), "{done:?}");
    let heard = wire.heard();
    assert_eq!(heard.len(), 2);
    assert_eq!(
        (&heard[0].line, &heard[0].body),
        (&heard[1].line, &heard[1].body)
    );
    assert_eq!(
        heard[0].header("X-Auth-Token"),
        heard[1].header("X-Auth-Token")
    );
}
