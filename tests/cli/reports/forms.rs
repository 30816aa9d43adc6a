//! What each form says of the same run.

use std::process::Command;

use snapbox::{assert_data_eq, str};

use super::{FILES, VERIFY, cloud, junit, read};
use crate::support::Cloud;

/// Hides what differs from run to run.
fn steady(text: &str) -> String {
    let times = regex::Regex::new(r"\b\d+ms\b|\b\d+(\.\d)?s\b").unwrap();
    times.replace_all(text, "[TIME]").into_owned()
}

#[test]
fn the_summary_names_source_target_and_totals() {
    let cloud = cloud();
    let user = cloud.user();
    let _ = user.swr(&format!("{VERIFY} {FILES}")).exits(8);
    assert_data_eq!(
        steady(&read(&user, "page.md")),
        str![[r#"
<!-- swr sync verify -->
### swr sync verify: 1 different, 1 missing, 1 extra, 2 same

`team (cn-north-4) → mirror (cn-east-3)` · [TIME] · exit 8

> **Error:** `2 of 5 tags are not as in the source: the target has another image of the tag`

| status | image | target | details |
| --- | --- | --- | --- |
| different | `team/web/api:v2` | `mirror (cn-east-3)` | `[..] here, 000000000000 there` |
| missing | `team/web/api:v3` | `mirror (cn-east-3)` | `[..]` |
| same | `team/web/api:v1` | `mirror (cn-east-3)` | `[..]` |
| extra | `team/web/api:only-there` | `mirror (cn-east-3)` | `[..] there` |
| same | `team/web/worker:v1` | `mirror (cn-east-3)` | `[..]` |

```text
swr sync run v2 -n team -r web/api --to-region cn-east-3 --to-namespace mirror --override --wait --verify
swr sync run v3 -n team -r web/api --to-region cn-east-3 --to-namespace mirror --wait --verify
```


"#]]
    );
    assert_eq!(read(&user, "page.html").matches("swr sync run").count(), 2);
    // A job's page collects what several steps write.
    let _ = user
        .swr(&format!("{VERIFY} -r web/worker --summary page.md"))
        .exits(0);
    let page = read(&user, "page.md");
    assert_eq!(
        page.matches("<!-- swr sync verify -->").count(),
        2,
        "{page}"
    );
    assert!(
        page.contains("### swr sync verify: 1 same\n\n`team/web/worker (cn-north-4)"),
        "{page}"
    );
}

#[test]
fn junit_has_a_case_a_tag_and_times() {
    let cloud = cloud();
    let user = cloud.user();
    let _ = user.swr(&format!("{VERIFY} {FILES}")).exits(8);
    let text = read(&user, "report.xml");
    let report = junit(&text);
    assert_eq!(report.counts, [5, 2, 0, 0]);
    let names: Vec<&str> = report
        .not_passed
        .iter()
        .map(|(name, ..)| name.as_str())
        .collect();
    assert_eq!(names, ["team/web/api:v2", "team/web/api:v3"]);
    assert!(
        report.not_passed[0].2.contains("here, 000000000000 there"),
        "{report:?}"
    );
    let document = roxmltree::Document::parse(&text).unwrap();
    let suite = document.root_element().first_element_child().unwrap();
    assert!(suite.attribute("time").unwrap().parse::<f64>().is_ok());
    assert!(
        suite
            .attribute("timestamp")
            .unwrap()
            .parse::<jiff::Timestamp>()
            .is_ok()
    );
}

#[test]
fn a_report_is_longer_than_one_batch_and_replaces_a_longer_one() {
    let tags: Vec<String> = (0..1500).map(|number| format!("v{number}")).collect();
    let tags: Vec<&str> = tags.iter().map(String::as_str).collect();
    let cloud = Cloud::start()
        .repository("team", "web/api", &tags)
        .namespace("cn-east-3", "mirror");
    let user = cloud.user();
    let _ = user.swr(&format!("{VERIFY} {FILES}")).exits(8);
    assert_eq!(junit(&read(&user, "report.xml")).counts, [1500, 1500, 0, 0]);
    let page = read(&user, "page.md");
    assert!(page.len() <= 60_000, "{}", page.len());
    assert!(page.starts_with("<!-- swr sync verify -->\n### swr sync verify: 1500 missing\n"));
    let rows = page
        .lines()
        .filter(|line| line.starts_with("| missing |"))
        .count();
    assert!(
        page.contains(&format!("… and {} more\n", 1500 - rows)),
        "{rows}"
    );
    let _ = user
        .swr(&format!("{VERIFY} -r web/api v1 {FILES}"))
        .exits(8);
    assert_eq!(junit(&read(&user, "report.xml")).counts, [1, 1, 0, 0]);
}

#[test]
fn a_run_that_proves_nothing_is_red() {
    let cloud = cloud().failing("GET repos: 503 x*");
    let user = cloud.user();
    let run = user.swr(&format!("{VERIFY} {FILES} --retries 0"));
    assert_ne!(run.code, Some(0), "{run}");
    let report = junit(&read(&user, "report.xml"));
    assert_ne!(report.counts[2], 0, "{report:?}");
    assert!(read(&user, "page.md").contains(&format!("exit {}", run.code.unwrap())));
    assert!(read(&user, "swr.prom").contains(&format!(
        "swr_run_exit_code{{command=\"sync verify\"}} {}\n",
        run.code.unwrap()
    )));
    assert!(!read(&user, "page.html").contains("All good"));
}

#[test]
fn metrics_count_by_namespace_target_and_status() {
    let cloud = cloud();
    let user = cloud.user();
    let _ = user.swr(&format!("{VERIFY} {FILES}")).exits(8);
    let metrics = read(&user, "swr.prom");
    let labels =
        "profile=\"\",region=\"cn-north-4\",namespace=\"team\",remote_region_id=\"cn-east-3\"";
    for (status, count) in [("different", 1), ("extra", 1), ("missing", 1), ("same", 2)] {
        let line =
            format!("swr_tags{{command=\"sync verify\",{labels},status=\"{status}\"}} {count}\n");
        assert!(metrics.contains(&line), "{line}{metrics}");
    }
    for line in [
        "swr_run_exit_code{command=\"sync verify\"} 8\n",
        "swr_run_complete{command=\"sync verify\"} 1\n",
        "# TYPE swr_run_timestamp_seconds gauge\n",
        "# HELP swr_run_duration_seconds ",
    ] {
        assert!(metrics.contains(line), "{line}{metrics}");
    }
    checked_by_promtool(&metrics);
}

/// Fails where Prometheus' own tool finds anything; skipped by name where it is not installed.
pub(super) fn checked_by_promtool(metrics: &str) {
    use std::io::Write;
    let child = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn();
    let Ok(mut child) = child else {
        eprintln!("promtool is not installed: the metrics are not checked by it");
        return;
    };
    child
        .stdin
        .take()
        .unwrap()
        .write_all(metrics.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && said.is_empty(),
        "{said}\n{metrics}"
    );
}

#[test]
fn files_are_those_of_any_program() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let cloud = cloud();
    let user = cloud.user();
    let line = format!("{VERIFY} {FILES}");
    let _ = user.swr(&line).exits(8);
    // A collector of another user reads them; the mask of this process holds.
    let plain = user.path().join("plain");
    std::fs::write(&plain, "").unwrap();
    let usual = crate::support::mode_of(&plain);
    for name in ["page.html", "swr.prom", "report.xml", "page.md"] {
        assert_eq!(
            crate::support::mode_of(&user.path().join(name)),
            usual,
            "{name}"
        );
    }
    // A mode and a link that were there stay.
    let real = user.path().join("real.html");
    std::fs::write(&real, "old").unwrap();
    std::fs::set_permissions(&real, PermissionsExt::from_mode(0o640)).unwrap();
    symlink(&real, user.path().join("link.html")).unwrap();
    let _ = user.swr(&format!("{VERIFY} --html link.html")).exits(8);
    assert!(
        std::fs::symlink_metadata(user.path().join("link.html"))
            .unwrap()
            .is_symlink()
    );
    assert!(read(&user, "real.html").contains("swr sync verify"));
    assert_eq!(crate::support::mode_of(&real), 0o640);
    // Nothing is left beside them.
    let left: Vec<_> = std::fs::read_dir(user.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with(".swr"))
        .collect();
    assert_eq!(left, Vec::<String>::new());
}

#[test]
fn a_file_that_cannot_be_written_ends_the_run_before_anything_is_sent() {
    let cloud = cloud();
    let user = cloud.user();
    for option in ["--summary", "--junit", "--html", "--metrics"] {
        let run = user
            .swr(&format!("{VERIFY} {option} no/such/file"))
            .exits(1);
        assert!(
            run.stderr
                .starts_with("error: 'no/such/file' cannot be written: "),
            "{run}"
        );
    }
    let run = user
        .swr(&format!("{VERIFY} --junit same --html same"))
        .exits(2);
    assert!(
        run.stderr
            .contains("two reports cannot be written to 'same'"),
        "{run}"
    );
    assert_eq!(cloud.received(), Vec::<String>::new());
}

#[test]
fn a_disk_that_is_full_is_an_error_and_the_result_is_told() {
    if !std::path::Path::new("/dev/full").exists() {
        eprintln!("there is no /dev/full: skipped");
        return;
    }
    let cloud = cloud();
    let user = cloud.user();
    for option in ["--summary", "--html", "--metrics"] {
        let run = user.swr(&format!("{VERIFY} {option} /dev/full")).exits(1);
        assert!(
            run.stderr.contains("'/dev/full' cannot be written"),
            "{run}"
        );
        assert!(run.stdout.contains("team/web/worker:v1"), "{run}");
    }
}

#[test]
fn failures_and_deletes_of_a_long_plan_are_read_first() {
    let mut cloud = Cloud::start().namespace("cn-east-3", "mirror");
    for number in 0..900 {
        cloud = cloud.repository("team", &format!("{}/n{number:03}", "long".repeat(8)), &[]);
    }
    let last = format!("{}/n899", "long".repeat(8));
    let cloud = cloud
        .task(("team", &last), "old", true, false)
        .failing(&format!("GET /{}$n898/sync_repo: 500 x*", "long".repeat(8)));
    let fleet = "[[sync]]\nnamespace = 'team'\nrepositories = ['**']\n\
                 to = [{region = 'cn-east-3', namespace = 'mirror'}]\n";
    let user = cloud.user().file("swr.toml", fleet);
    let _ = user
        .swr(&format!(
            "plan --prune --retries 0 --concurrency 16 {FILES}"
        ))
        .exits(5);
    let page = read(&user, "page.md");
    assert!(page.len() <= 60_000, "{}", page.len());
    assert!(
        page.starts_with("<!-- swr plan -->\n### swr plan: 1 failed, 899 create, 1 delete\n"),
        "{page}"
    );
    let rows: Vec<&str> = page
        .lines()
        .filter(|line| {
            line.starts_with("| ") && !line.starts_with("| status") && !line.starts_with("| ---")
        })
        .collect();
    assert!(rows[0].starts_with("| failed |"), "{}", rows[0]);
    assert!(rows[1].starts_with("| delete |"), "{}", rows[1]);
    assert!(
        page.contains(&format!("… and {} more\n", 901 - rows.len())),
        "{}",
        rows.len()
    );
    // In a plan a change is a failure, and what failed is an error.
    assert_eq!(junit(&read(&user, "report.xml")).counts, [901, 900, 1, 0]);
    checked_by_promtool(&read(&user, "swr.prom"));
}

#[test]
fn each_status_of_a_fleet_is_a_case_of_its_kind() {
    let scene = || {
        Cloud::start()
            .namespace("cn-east-3", "mirror")
            .repository("team", "create", &[])
            .repository("team", "replace", &[])
            .repository("team", "unchanged", &[])
            .repository("team", "failed", &[])
            .task(("team", "replace"), "mirror", true, true)
            .task(("team", "unchanged"), "mirror", true, false)
            .task(("team", "unchanged"), "surplus", true, false)
            .failing("GET /failed/sync_repo: 500 x*")
    };
    let fleet = "[[sync]]\nnamespace = 'team'\n\
                 repositories = ['create', 'replace', 'unchanged', 'failed', 'missing']\n\
                 to = [{region = 'cn-east-3', namespace = 'mirror'}]\n\
                 [[sync]]\nnamespace = 'team'\nrepositories = ['create']\n\
                 to = [{region = 'cn-east-3', namespace = 'unmet'}]\n";
    // Tests, failures, errors, skipped. Seven cases: a wish, a surplus task, or a repository.
    for (line, counts) in [
        ("plan", [7, 4, 1, 0]),
        ("plan --exit-code", [7, 5, 1, 0]),
        ("plan --prune", [7, 5, 1, 0]),
        ("apply", [7, 2, 1, 0]),
        // Nothing is deleted after a failure, which is not what was asked for.
        ("apply --prune --yes", [7, 3, 1, 0]),
    ] {
        let cloud = scene();
        let user = cloud.user().file("swr.toml", fleet);
        let _ = user.swr(&format!("{line} --retries 0 {FILES}"));
        let report = junit(&read(&user, "report.xml"));
        assert_eq!(report.counts, counts, "{line}: {report:?}");
        let metrics = read(&user, "swr.prom");
        let count = |status: &str| {
            let lines = metrics
                .lines()
                .filter(|line| line.contains(&format!("status=\"{status}\"")));
            let counts =
                lines.map(|line| line.rsplit(' ').next().unwrap().parse::<usize>().unwrap());
            counts.sum::<usize>()
        };
        let is_pruned = line == "plan --prune";
        assert_eq!(
            (count("surplus"), count("delete")),
            (usize::from(!is_pruned), usize::from(is_pruned)),
            "{metrics}"
        );
        for status in ["unchanged", "missing", "unmet", "failed"] {
            assert_eq!(count(status), 1, "{line}: {status}: {metrics}");
        }
    }
}
