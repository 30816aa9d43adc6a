//! `swr doctor` against the emulated service.

use crate::support::{Cloud, EAST, Home};

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

/// What docker and podman have for the registries of both regions, and the rows about it.
struct Docker {
    cloud: Cloud,
    home: Home,
}

impl Docker {
    /// A user whose docker has this entry for each registry.
    fn with(switches: &[&str], table: &str, entry: &str) -> Docker {
        let cloud = cloud(switches);
        let hosts = cloud.emulator().regions().iter();
        let entries = hosts.map(|served| format!("\"{}\":{entry}", served.address));
        let entries = entries.collect::<Vec<_>>().join(",");
        let config = format!("{{\"{table}\":{{{entries}}}}}");
        let home = cloud.user().file(".docker/config.json", &config);
        let programs = home.path().join("bin").display().to_string();
        Docker {
            cloud,
            home: home.with("PATH", programs),
        }
    }

    /// Puts programs of these names on the PATH: links to the built binary.
    fn on_path(self, names: &[&str]) -> Docker {
        let programs = self.home.path().join("bin");
        std::fs::create_dir_all(&programs).unwrap();
        for name in names {
            let binary = assert_cmd::cargo::cargo_bin!("swr");
            std::os::unix::fs::symlink(binary, programs.join(name)).unwrap();
        }
        self
    }

    /// Returns id and status of each row about registries, of the source and of the target.
    #[track_caller]
    fn rows(&self, code: i32) -> Vec<String> {
        let line = "doctor --to-region cn-east-3 --to-namespace team -o json";
        let run = self.home.swr(line).exits(code);
        let document = run.document("doctor");
        let items = document["items"].as_array().unwrap().iter();
        let rows = items.filter(|item| item["id"].as_str().unwrap().starts_with("registry"));
        rows.map(|item| {
            let text = |key: &str| item[key].as_str().unwrap_or_default();
            assert_eq!(
                text("status") == "error",
                item["remedy"].is_string() && item["exit_code"] != 0,
                "{item}"
            );
            format!("{} {}", text("id"), text("status"))
        })
        .collect()
    }
}

/// The rows of source and target, which have the same.
fn twice(rows: &[&'static str]) -> Vec<&'static str> {
    [rows, rows].concat()
}

#[test]
fn the_doctor_sees_whom_docker_asks_for_a_registrys_password() {
    let none = Docker::with(&[], "auths", "{}");
    assert_eq!(none.rows(0), twice(&["registry skipped"]));
    let helper = || Docker::with(&[], "credHelpers", "\"swr\"");
    assert_eq!(helper().rows(1), twice(&["registry error"]));
    let good = helper().on_path(&["docker-credential-swr"]);
    assert_eq!(good.rows(0), twice(&["registry ok", "registry.login ok"]));
    let issued = good
        .cloud
        .received()
        .into_iter()
        .filter(|line| line.starts_with("POST "));
    assert_eq!(issued.count(), 2);
    // Somebody else's helper is theirs to answer for, once it is there.
    let other = || Docker::with(&[], "credHelpers", "\"pass\"");
    assert_eq!(other().rows(1), twice(&["registry error"]));
    let there = other().on_path(&["docker-credential-pass"]);
    assert_eq!(there.rows(0), twice(&["registry ok"]));
    assert!(
        there
            .cloud
            .received()
            .iter()
            .all(|line| line.starts_with("GET "))
    );
    // A profile that does not exist, and a login that the service does not issue.
    let profile = Docker::with(&[], "credHelpers", "\"swr-prod\"");
    let profile = profile.on_path(&["docker-credential-swr-prod"]);
    assert_eq!(
        profile.rows(1),
        twice(&["registry ok", "registry.login error"])
    );
    let refused = ["secret=refused", "authorization-token=refused"];
    let refused = Docker::with(&refused, "credHelpers", "\"swr\"");
    let refused = refused.on_path(&["docker-credential-swr"]);
    assert_eq!(
        refused.rows(4),
        twice(&["registry ok", "registry.login error"])
    );
    // What does not answer the question is not a yes.
    for (fault, code) in [("503 retry-after=0", 5), ("404", 4), ("302", 3)] {
        let silent = helper().on_path(&["docker-credential-swr"]);
        let fault = format!("GET registry/auth: {fault} x*");
        let fault = swr::emulator::Fault::parse(&fault).unwrap();
        silent.cloud.emulator().add_fault(fault);
        let rows = ["registry ok", "registry.login error"];
        assert_eq!(silent.rows(code), twice(&rows), "{code}");
    }
}

#[test]
fn the_doctor_tries_a_login_that_is_written_down() {
    use base64::Engine as _;
    let encoded = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
    let auth = encoded("cn-north-4@EMULATORDEMOKEY00001:wrong-password");
    let wrong = Docker::with(&[], "auths", &format!("{{\"auth\":\"{auth}\"}}"));
    let rows = ["registry ok", "registry.login error"];
    assert_eq!(wrong.rows(4), twice(&rows));
    let run = wrong.home.swr("doctor -vv").exits(4);
    for secret in ["wrong-password", &auth] {
        assert!(!format!("{run}").contains(secret), "{run}");
    }
    // One that 'swr registry login' wrote is good, for podman in a file of its own.
    let written = Docker::with(&[], "credHelpers", "\"swr\"").on_path(&["docker-credential-swr"]);
    let file = written.home.path().join("auth.json").display().to_string();
    let line = format!("registry login --region cn-north-4 --region cn-east-3 --file {file}");
    written.home.swr(&line).exits(0).stdout.clear();
    let home = written.home.with("REGISTRY_AUTH_FILE", file);
    let both = Docker { home, ..written };
    let rows = [
        "registry ok",
        "registry.login ok",
        "registry ok",
        "registry.login ok",
    ];
    assert_eq!(both.rows(0), twice(&rows));
    // A file that is broken is named, and not shown.
    both.home
        .write(".docker/config.json", &format!("{{\"auths\": \"{auth}\""));
    let rows = ["registry error", "registry ok", "registry.login ok"];
    assert_eq!(both.rows(1), twice(&rows));
}
