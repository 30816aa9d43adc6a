//! Logins to the registry: `swr registry`, and the helper that docker and others run.

use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::source::{SECRETS, SOURCES};
use super::user;
use crate::support::{Cloud, EAST, Home, NORTH, Reply, Run, Wire, mode_of};

const CONFIG: &str = ".docker/config.json";

/// Prepares the helper as docker would run it, asked for a server.
fn helper(home: &Home, profile: &str, verb: &str) -> Command {
    let link = home.path().join(format!("docker-credential-swr{profile}"));
    if !link.exists() {
        std::os::unix::fs::symlink(assert_cmd::cargo::cargo_bin!("swr"), &link).unwrap();
    }
    let user = home.command(["ignored"]);
    let mut command = Command::new(link);
    command
        .arg(verb)
        .env_clear()
        .envs(
            user.get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        )
        .current_dir(home.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn asked(home: &Home, profile: &str, verb: &str, input: &str) -> Run {
    use std::io::Write;
    let mut child = helper(home, profile, verb).spawn().unwrap();
    // It may not read what it does not need.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    home.run_of(child.wait_with_output().unwrap())
}

/// What the service gives for `utils/secret` (`reference/swr-api.md` 3.12).
fn issued(user: &str, password: &str) -> Reply {
    use base64::Engine as _;
    let auth = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"));
    let body = json!({"auths": {"swr.cn-north-4.myhuaweicloud.com": {"auth": auth}}});
    Reply::json(200, &body.to_string())
        .header(
            "X-Swr-Dockerlogin",
            &format!("docker login -u {user} -p {password}"),
        )
        .header("X-Swr-Expireat", "2999-01-01T00:00:00Z")
}

fn issuing() -> Wire {
    Wire::serve([issued("cn-north-4@TEMPORARY", "password-of-the-service")])
}

fn with_keys(home: Home) -> Home {
    home.with("SWR_ACCESS_KEY", "ACCESSKEY0000000")
        .with("SWR_SECRET_KEY", "secret-key-of-mine")
}

/// HMAC-SHA256 of the access key under the secret key, computed by openssl.
const PERMANENT: &str = "95b94c07cd977b0d3a68895a861842c60a36b3b3ef1fb8ab15e44805112baca7";

#[test]
fn the_helper_answers_for_the_registries_of_swr_and_for_no_other_host() {
    let service = issuing();
    let home = with_keys(user(&service))
        .with("SWR_REGISTRY_CN_EAST_3", "registry.example:5000")
        .config(
            "registry = 'swr.example'\n[regions.'ap-southeast-1']\nregistry = 'asia.example'\n",
        );
    for (server, region) in [
        ("swr.cn-north-4.myhuaweicloud.com", "cn-north-4"),
        ("https://swr.cn-north-4.myhuaweicloud.com", "cn-north-4"),
        ("https://swr.cn-north-4.myhuaweicloud.com/v2/", "cn-north-4"),
        ("SWR.CN-NORTH-4.MyHuaweiCloud.com:443", "cn-north-4"),
        ("swr.eu-west-101.myhuaweicloud.eu", "eu-west-101"),
        ("swr.ap-southeast-3.myhuaweicloud.com", "ap-southeast-3"),
        ("swr.example", "cn-north-4"),
        ("http://registry.example:5000/", "cn-east-3"),
        ("asia.example", "ap-southeast-1"),
    ] {
        let run = asked(&home, "", "get", &format!("{server}\n")).exits(0);
        let answer: Value = run.json();
        assert_eq!(answer["ServerURL"], server);
        assert_eq!(answer["Username"], format!("{region}@ACCESSKEY0000000"));
        assert_eq!(answer["Secret"], PERMANENT);
        assert_eq!(run.stderr, "");
    }
    for server in [
        "https://index.docker.io/v1/",
        "ghcr.io",
        "registry.example",
        "swr-api.cn-north-4.myhuaweicloud.com",
        "swr.cn-north-4.myhuaweicloud.com.evil.example",
        "evil.example/swr.cn-north-4.myhuaweicloud.com",
        "swr..myhuaweicloud.com",
        "swr.A b.myhuaweicloud.com",
    ] {
        for broken in [false, true] {
            if broken {
                home.write(".config/swr/config.toml", "broken");
            }
            let asking = if broken {
                Home::new().config("broken")
            } else {
                user(&service)
            };
            let run = asked(&asking, "", "get", server).exits(1);
            assert_eq!(
                (run.stdout.as_str(), run.stderr.as_str()),
                ("credentials not found in native keychain\n", ""),
                "{server}"
            );
        }
    }
    assert_eq!(
        service.heard().len(),
        0,
        "keys need no request, other hosts get none"
    );
}

#[test]
fn every_source_of_a_credential_gives_the_registrys_password() {
    for source in SOURCES {
        let (service, identity) = (issuing(), Wire::serve((source.answers)()));
        let home = (source.set)(user(&service), &identity);
        let run = asked(&home, "", "get", "swr.cn-north-4.myhuaweicloud.com");
        assert_eq!(run.code, Some(0), "{}: {run}", source.name);
        let answer = run.json();
        let is_permanent =
            source.carried.starts_with("keys ") && source.carried.matches(' ').count() == 1;
        if is_permanent {
            let key = source.carried.trim_start_matches("keys ");
            assert_eq!(
                answer["Username"],
                format!("cn-north-4@{key}"),
                "{}",
                source.name
            );
            assert_eq!(
                answer["Secret"].as_str().unwrap().len(),
                64,
                "{}",
                source.name
            );
            assert_eq!(service.heard().len(), 0, "{}", source.name);
        } else {
            assert_eq!(
                answer["Username"], "cn-north-4@TEMPORARY",
                "{}",
                source.name
            );
            assert_eq!(
                answer["Secret"], "password-of-the-service",
                "{}",
                source.name
            );
            assert_eq!(
                service.lines(),
                ["POST /v2/manage/utils/secret"],
                "{}",
                source.name
            );
            assert_eq!(super::carried(&service), source.carried, "{}", source.name);
            // The second time it is the one that is kept, of the same credential.
            let again = asked(&home, "", "get", "swr.cn-north-4.myhuaweicloud.com").exits(0);
            assert_eq!(again.stdout, run.stdout);
            assert_eq!(service.heard().len(), 1, "{}", source.name);
        }
        let verbose = home.swr("registry credentials -vv").exits(0);
        for secret in SECRETS {
            assert!(
                !verbose.stderr.contains(secret),
                "{}: {verbose}",
                source.name
            );
        }
        assert!(
            !verbose.stderr.contains("password-of-the-service"),
            "{verbose}"
        );
    }
}

#[test]
fn twenty_helpers_at_once_send_one_request() {
    let service = issuing();
    let home = user(&service).with("SWR_TOKEN", "token-of-the-variable");
    let children: Vec<_> = (0..20)
        .map(|_| {
            use std::io::Write;
            let mut child = helper(&home, "", "get").spawn().unwrap();
            let mut stdin = child.stdin.take().unwrap();
            stdin
                .write_all(b"swr.cn-north-4.myhuaweicloud.com\n")
                .unwrap();
            child
        })
        .collect();
    for child in children {
        let run = home.run_of(child.wait_with_output().unwrap()).exits(0);
        assert_eq!(run.json()["Secret"], "password-of-the-service");
    }
    assert_eq!(service.heard().len(), 1);
}

#[test]
fn a_kept_password_is_for_one_credential_endpoint_profile_and_region_and_goes_with_erase_and_logout()
 {
    let server = "swr.cn-north-4.myhuaweicloud.com";
    let service = issuing();
    let home = |token: &str| user(&service).with("SWR_TOKEN", token);
    let first = home("token-of-mine");
    let get = |home: &Home| asked(home, "", "get", server).exits(0);
    let count = |expected: usize| assert_eq!(service.heard().len(), expected);
    let _ = get(&first);
    let _ = get(&first);
    count(1);
    let kept = first
        .path()
        .join(".local/share/swr/registry--cn-north-4.json");
    assert_eq!(mode_of(&kept), 0o600);
    let changed = first.with("SWR_TOKEN", "token-of-another");
    let _ = get(&changed);
    count(2);
    let _ = asked(&changed, "", "erase", server).exits(0);
    assert!(!kept.exists());
    let _ = get(&changed);
    count(3);
    let _ = changed.swr("registry logout").exits(0);
    assert!(!kept.exists());
    let _ = get(&changed);
    let _ = changed.swr("auth logout --all").exits(0);
    assert!(!kept.exists());
    // One that is about to end is not used again, nor is a damaged file.
    let _ = get(&changed);
    count(5);
    let mut text: Value = serde_json::from_str(&std::fs::read_to_string(&kept).unwrap()).unwrap();
    text["use_until"] = "2020-01-01T00:00:00Z".into();
    std::fs::write(&kept, text.to_string()).unwrap();
    let _ = get(&changed);
    count(6);
    std::fs::write(&kept, "{").unwrap();
    let _ = get(&changed);
    count(7);
}

#[test]
fn what_goes_wrong_in_the_helper_is_on_both_streams_for_docker_swallows_one() {
    let refusal = r#"{"error_code":"APIGW.0301","error_msg":"decrypt token fail"}"#;
    let service = Wire::serve([Reply::json(401, refusal)]);
    let home = user(&service).with("SWR_TOKEN", "token-of-mine");
    for (home, what) in [
        (home, "APIGW.0301"),
        (user(&service), "no credential is set"),
    ] {
        let run = asked(&home, "", "get", "swr.cn-north-4.myhuaweicloud.com").exits(1);
        assert_eq!(run.stdout.lines().count(), 1, "{run}");
        assert!(run.stdout.contains(what), "{run}");
        assert!(
            run.stderr.starts_with("error: ") && run.stderr.contains("\nhint: "),
            "{run}"
        );
    }
    let home = Home::new();
    let _ = asked(&home, "", "get", "").exits(1);
    let _ = asked(&home, "", "nonsense", "").exits(1);
    assert!(
        asked(&home, "", "version", "")
            .exits(0)
            .stdout
            .starts_with("swr ")
    );
    let stored = asked(
        &home,
        "",
        "store",
        r#"{"ServerURL":"x","Username":"u","Secret":"typed"}"#,
    )
    .exits(0);
    assert!(
        stored.stdout.is_empty() && stored.stderr.contains("nothing is stored"),
        "{stored}"
    );
    let list = asked(&with_keys(user(&service)), "", "list", "")
        .exits(0)
        .json();
    assert_eq!(
        list,
        json!({"swr.cn-north-4.myhuaweicloud.com": "cn-north-4@ACCESSKEY0000000"})
    );
}

#[test]
fn the_helpers_name_chooses_the_profile() {
    let home = Home::new().config(
        "[profiles.prod]\nregion = 'cn-north-4'\naccess_key = 'PRODKEY'\nsecret_key = 'secret-of-prod'\n",
    );
    let server = "swr.cn-north-4.myhuaweicloud.com";
    let run = asked(&home, "-prod", "get", server).exits(0);
    assert_eq!(run.json()["Username"], "cn-north-4@PRODKEY");
    let _ = asked(&home, "", "get", server).exits(1);
    let run = home
        .swr("registry setup --profile prod --dry-run -o json")
        .exits(0);
    assert_eq!(run.document("registry-setup")["helper"], "swr-prod");
}

#[test]
fn setup_login_and_logout_keep_everything_else_of_dockers_config() {
    let before = "{\n\t\"zeta\": 1,\n\t\"auths\": {\n\t\t\"ghcr.io\": {\n\t\t\t\"auth\": \"eA==\"\n\t\t}\n\t},\n\t\"credHelpers\": {\n\t\t\"gcr.io\": \"gcloud\"\n\t},\n\t\"alpha\": [\n\t\t1.5,\n\t\t\"é\"\n\t]\n}";
    let service = issuing();
    let home = with_keys(user(&service)).file(CONFIG, before);
    let path = format!(
        "{}:{}",
        home.path().display(),
        std::env::var("PATH").unwrap()
    );
    let _ = asked(&home, "", "version", "").exits(0);
    let home = home.with("PATH", path);
    let read = || std::fs::read_to_string(home.path().join(CONFIG)).unwrap();
    let line = "registry setup --region cn-north-4 --region cn-east-3";
    let run = home.swr(&format!("{line} --dry-run")).exits(0);
    assert!(
        run.stdout
            .contains("would change: [HOME]/.docker/config.json"),
        "{run}"
    );
    assert_eq!(read(), before);
    let run = home.swr(line).exits(0);
    assert_eq!(
        run.stdout,
        "docker, podman, skopeo and others ask swr for: swr.cn-north-4.myhuaweicloud.com, \
         swr.cn-east-3.myhuaweicloud.com\nchanged: [HOME]/.docker/config.json (credHelpers)\n"
    );
    let set_up = before.replace(
        "\"gcr.io\": \"gcloud\"",
        "\"gcr.io\": \"gcloud\",\n\t\t\"swr.cn-north-4.myhuaweicloud.com\": \"swr\",\n\t\t\"swr.cn-east-3.myhuaweicloud.com\": \"swr\"",
    );
    assert_eq!(read(), set_up);
    let again = home
        .swr(&format!("{line} -o json"))
        .exits(0)
        .document("registry-setup");
    assert_eq!(again["status"], "unchanged");
    // A login takes the helper's place, with a password that ends.
    let run = home
        .swr("registry login -o json")
        .exits(0)
        .document("registry-login");
    assert_eq!(run["registries"][0]["username"], "cn-north-4@TEMPORARY");
    assert_eq!(service.heard().len(), 1);
    let document: Value = serde_json::from_str(&read()).unwrap();
    assert!(document["credHelpers"]["swr.cn-north-4.myhuaweicloud.com"].is_null());
    assert!(document["auths"]["swr.cn-north-4.myhuaweicloud.com"]["auth"].is_string());
    let long = home.swr("registry login --long-term").exits(0);
    assert!(
        long.stderr.contains("lives as long as the access key"),
        "{long}"
    );
    let line = "registry logout --region cn-north-4 --region cn-east-3 -o json";
    assert_eq!(
        home.swr(line).exits(0).document("registry-logout")["status"],
        "logged_out"
    );
    assert_eq!(read(), before);
    assert_eq!(
        home.swr(line).exits(0).document("registry-logout")["status"],
        "not_logged_in"
    );
    // Known without a login, whose end a service need not say.
    let token = user(&service).with("SWR_TOKEN", "token-of-mine");
    let before = service.heard().len();
    let _ = token.swr("registry login --long-term").exits(2);
    assert_eq!(service.heard().len(), before);
    assert!(!token.path().join(CONFIG).exists());
}

#[test]
fn a_config_of_dockers_that_is_broken_is_left_alone() {
    for text in [
        "{",
        "[]",
        "null",
        r#"{"credHelpers": []}"#,
        "\"secret-in-the-file\"",
    ] {
        let home = with_keys(Home::new().with("SWR_REGION", NORTH)).file(CONFIG, text);
        for line in ["registry setup", "registry login --long-term"] {
            if text.contains("credHelpers") && line.contains("login") {
                continue;
            }
            let run = home.swr(line).exits(1);
            assert!(run.stderr.contains("docker's config file"), "{run}");
            assert!(!run.stderr.contains("secret-in-the-file"), "{run}");
            let left = std::fs::read_to_string(home.path().join(CONFIG)).unwrap();
            assert_eq!(left, text);
        }
    }
}

#[test]
fn the_password_stands_alone_and_a_github_job_hides_it_first() {
    let home = with_keys(Home::new().with("SWR_REGION", NORTH));
    let run = home.swr("registry password").exits(0);
    assert_eq!(
        (run.stdout, run.stderr),
        (format!("{PERMANENT}\n"), String::new())
    );
    let document = home
        .swr("registry credentials -o json")
        .exits(0)
        .document("registry-credentials");
    assert_eq!(
        document,
        json!({
            "registry": "swr.cn-north-4.myhuaweicloud.com", "region": NORTH,
            "username": "cn-north-4@ACCESSKEY0000000", "password": PERMANENT,
            "expires_at": null, "origin": "SWR_ACCESS_KEY",
        })
    );
    let both = format!("registry credentials --region {NORTH} --region {EAST}");
    let several = home
        .swr(&both)
        .exits(0)
        .document("registry-credentials-several");
    assert_eq!(several[1]["registry"], "swr.cn-east-3.myhuaweicloud.com");
    let docker = home
        .swr(&format!("{both} --docker"))
        .exits(0)
        .document("registry-credentials-docker");
    assert_eq!(docker["auths"].as_object().unwrap().len(), 2);
    let _ = home.swr(&both.replace("credentials", "password")).exits(2);
    let job = home.with("GITHUB_ACTIONS", "true");
    let run = job.swr("registry password").exits(0);
    assert_eq!(run.stderr, format!("::add-mask::{PERMANENT}\n"));
}

/// Returns `true` if a login that was printed opens a repository of the emulator's registry.
fn opens(login: &Value) -> bool {
    use base64::Engine as _;
    use std::io::{Read, Write};
    let text = |key: &str| login[key].as_str().unwrap();
    let host = text("registry");
    let pair = format!("{}:{}", text("username"), text("password"));
    let basic = base64::engine::general_purpose::STANDARD.encode(pair);
    let mut stream = std::net::TcpStream::connect(host).unwrap();
    write!(
        stream,
        "GET /swr/auth/v2/registry/auth/?service=dockyard&scope=repository:team/web/api:push,pull HTTP/1.1\r\n\
         Host: {host}\r\nAuthorization: Basic {basic}\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.starts_with("HTTP/1.1 200")
}

/// A cloud with a repository in both regions, and a user whose registries are not hidden.
fn cloud(switches: &[&str]) -> (Cloud, Home) {
    let cloud = Cloud::as_if(switches)
        .repository("team", "web/api", &["v1"])
        .namespace(EAST, "team");
    let mut home = Home::new();
    for (name, value) in cloud.emulator().variables() {
        if name.starts_with("SWR_") && !name.starts_with("SWR_EMULATOR") {
            home = home.with(&name, value);
        }
    }
    let project = cloud.emulator().regions()[0].project_id.clone();
    (cloud, home.with("SWR_PROJECT_ID", project))
}

#[test]
fn the_emulators_registry_takes_the_password_of_every_region() {
    let (_cloud, home) = cloud(&[]);
    for region in [NORTH, EAST] {
        let line = format!("registry credentials --region {region}");
        let login = home.swr(&line).exits(0).json();
        assert!(opens(&login), "{region}: {login}");
    }
}

fn without_tokens(home: Home) -> Home {
    let names = ["SWR_TOKEN", "SWR_TOKEN_CN_NORTH_4", "SWR_TOKEN_CN_EAST_3"];
    names.into_iter().fold(home, Home::without)
}

/// The requests to the API so far.
fn managed(cloud: &Cloud) -> Vec<String> {
    let mut requests = cloud.received();
    requests.retain(|line| line.contains("/manage/"));
    requests
}

#[test]
fn a_sub_project_is_named_in_the_login_and_must_be_in_the_region() {
    let (cloud, home) = cloud(&[]);
    let home = home
        .with("SWR_PROJECT_NAME", "cn-north-4_dev")
        .config("[regions.'cn-east-3']\nproject_name = 'cn-east-3_dev'\n");
    let line = |region: &str| format!("registry credentials --region {region}");
    for region in [NORTH, EAST] {
        let login = home.swr(&line(region)).exits(0).json();
        let user = login["username"].as_str().unwrap();
        assert!(user.starts_with(&format!("{region}_dev@HST")), "{user}");
        assert!(opens(&login), "{region}: {login}");
    }
    let path = |region: &str| format!("POST /v2/manage/utils/secret?projectname={region}_dev");
    assert_eq!(managed(&cloud), [path(NORTH), path(EAST)]);
    // The password that is kept is one project's.
    let home = home.with("SWR_PROJECT_NAME", "cn-north-4_test");
    let login = home.swr("registry credentials").exits(0).json();
    let user = login["username"].as_str().unwrap();
    assert!(user.starts_with("cn-north-4_test@"), "{user}");
    assert_eq!(managed(&cloud).len(), 3);
    // Permanent keys compute it.
    let mut home = with_keys(without_tokens(home));
    for (region, project) in [(NORTH, "cn-north-4_test"), (EAST, "cn-east-3_dev")] {
        let login = home.swr(&line(region)).exits(0).json();
        assert_eq!(login["username"], format!("{project}@ACCESSKEY0000000"));
        assert_eq!(login["password"], PERMANENT);
    }
    for (wrong, text) in [
        ("cn-east-3_dev", "not in the region cn-north-4"),
        ("dev", "must be a region"),
    ] {
        home = home.with("SWR_PROJECT_NAME", wrong);
        let run = home.swr("registry credentials").exits(1);
        assert!(run.stderr.contains(text), "{run}");
        assert!(run.stderr.contains("SWR_PROJECT_NAME"), "{run}");
    }
    assert_eq!(managed(&cloud).len(), 3);
}

#[test]
fn a_login_of_the_new_kind_takes_the_place_of_one_that_is_refused() {
    let secret = "POST /v2/manage/utils/secret";
    let gates = |home: &Home| {
        let (_, id) = home
            .variables()
            .find(|(name, _)| *name == "SWR_PROJECT_ID")
            .unwrap();
        format!("GET /v2/manage/projects/{id}/feature-gates")
    };
    let token = "POST /v2/manage/utils/authorizationtoken";
    let (new, home) = cloud(&["secret=refused"]);
    let login = home.swr("registry credentials").exits(0).json();
    assert!(
        login["username"]
            .as_str()
            .unwrap()
            .starts_with("bearertoken@"),
        "{login}"
    );
    assert!(opens(&login), "{login}");
    assert_eq!(managed(&new), [secret, &gates(&home), token]);
    // It is kept like the other kind.
    home.swr("registry password").exits(0).stdout.clear();
    assert_eq!(managed(&new).len(), 3);
    // Without the feature, without a right to it, or without a project to ask for, the refusal stays.
    let (old, home) = cloud(&["secret=refused", "authorization-token=refused"]);
    let run = home.swr("registry credentials").exits(4);
    assert!(run.stderr.contains("swr::createLoginSecret"), "{run}");
    assert_eq!(managed(&old), [secret, &gates(&home)]);
    let (forbidden, home) = cloud(&["secret=refused"]);
    let forbidden = forbidden.failing("POST authorizationtoken: 403 4030170");
    let run = home.swr("registry credentials").exits(4);
    assert!(
        run.stderr.contains("sts::createServiceBearerToken"),
        "{run}"
    );
    assert_eq!(managed(&forbidden).len(), 3);
    let (unknown, home) = cloud(&["secret=refused"]);
    let run = home
        .without("SWR_PROJECT_ID")
        .swr("registry credentials")
        .exits(4);
    assert!(run.stderr.contains("project id"), "{run}");
    assert_eq!(managed(&unknown), [secret]);
    // Nothing but a 403 is a reason to ask for the other kind.
    let (broken, home) = cloud(&[]);
    let broken = broken.failing("POST utils/secret: 500 x*");
    home.swr("registry credentials --retries 0")
        .exits(5)
        .stdout
        .clear();
    assert!(!managed(&broken).contains(&token.to_owned()));
}
