//! What docs/credentials.md says, against the emulated cloud, each with an empty home.
//!
//! A step counts only if the page names it: the variables, the files and the commands are looked up
//! in its text.

use std::collections::BTreeMap;

use crate::support::{Cloud, EAST, Home, NORTH, Run};

const PAGE: &str = include_str!("../../../docs/credentials.md");
const CREATE: &str =
    "sync create -n team -r web/api --to-region cn-east-3 --to-namespace team --auto --preflight";

/// A reader of the page, on a machine where nothing is set but how to reach the cloud.
struct Reader {
    cloud: Cloud,
    home: Home,
    given: BTreeMap<String, String>,
}

#[track_caller]
fn documented(text: &str) {
    assert!(
        PAGE.contains(text),
        "docs/credentials.md does not say '{text}'"
    );
}

impl Reader {
    fn new() -> Reader {
        let cloud = Cloud::start()
            .repository("team", "web/api", &["v1"])
            .namespace(EAST, "team");
        let given: BTreeMap<String, String> = cloud.emulator().variables().into_iter().collect();
        let reach = [
            "SWR_ENDPOINT_CN_NORTH_4",
            "SWR_ENDPOINT_CN_EAST_3",
            "HUAWEICLOUD_SDK_IAM_ENDPOINT",
            "HUAWEICLOUD_SDK_STS_ENDPOINT",
        ];
        let home = reach
            .iter()
            .fold(Home::new(), |home, name| home.with(name, &given[*name]));
        documented("SWR_REGION");
        Reader {
            home: home.with("SWR_REGION", NORTH),
            cloud,
            given,
        }
    }

    /// Returns what the emulator passes out to try this with.
    fn has(&self, name: &str) -> String {
        self.given[name].clone()
    }

    /// Sets a variable that the page names.
    #[track_caller]
    fn sets(mut self, name: &str, value: impl Into<String>) -> Reader {
        documented(name);
        self.home = self.home.with(name, value);
        self
    }

    /// Writes a file; one in the home's usual place has to be on the page.
    #[track_caller]
    fn writes(mut self, path: &str, text: &str) -> Reader {
        if path.starts_with('.') {
            documented(&format!("~/{path}"));
        }
        self.home = self.home.file(path, text);
        self
    }

    /// Runs a command whose options are on the page.
    #[track_caller]
    fn runs(&self, line: &str) -> Run {
        line.split(' ')
            .filter(|word| word.starts_with("--"))
            .for_each(documented);
        self.home.swr(line)
    }

    /// Creates the task, looking at both regions.
    #[track_caller]
    fn creates(self) -> Reader {
        let run = self.home.swr(CREATE).exits(0);
        assert!(!run.stderr.contains("warning"), "{run}");
        let expected = (EAST.to_owned(), "team".to_owned(), true, false);
        assert_eq!(self.cloud.tasks("team", "web/api"), [expected]);
        self
    }

    fn path(&self, name: &str) -> String {
        self.home.path().join(name).display().to_string()
    }
}

fn logs_in(reader: &Reader, user: &str, more: &str) -> Run {
    let account = reader.has("SWR_EMULATOR_ACCOUNT");
    reader.runs(&format!(
        "auth login --account {account} --user {user} --password-stdin --to-region {EAST}{more}"
    ))
}

#[test]
fn a_password() {
    let mut reader = Reader::new();
    reader.home = reader
        .home
        .typing(&format!("{}\n", reader.given["SWR_EMULATOR_PASSWORD"]));
    let user = reader.has("SWR_EMULATOR_USER");
    let _ = logs_in(&reader, &user, "").exits(0);
    let reader = reader.creates();
    let token = reader.runs("auth token").exits(0).stdout;
    assert!(token.starts_with("MII"), "{token}");
    let _ = reader.runs("auth logout --all").exits(0);
    let _ = reader.home.swr(CREATE).exits(1);
}

#[test]
fn a_password_with_an_mfa_device() {
    let mut reader = Reader::new();
    let (password, code) = (
        reader.has("SWR_EMULATOR_MFA_PASSWORD"),
        reader.has("SWR_EMULATOR_MFA_CODE"),
    );
    let (user, id) = (
        reader.has("SWR_EMULATOR_MFA_USER"),
        reader.has("SWR_EMULATOR_MFA_USER_ID"),
    );
    reader.home = reader.home.typing(&format!("{password}\n"));
    // Without the code IAM refuses, and nothing is kept.
    let _ = logs_in(&reader, &user, "").exits(4);
    reader.home = reader.home.typing(&format!("{password}\n{code}\n"));
    let _ = logs_in(&reader, &user, &format!(" --mfa-user {id}")).exits(0);
    let _ = reader.creates();
}

#[test]
fn a_wrong_password_costs_one_try_and_five_lock_the_user() {
    let mut reader = Reader::new();
    reader.home = reader.home.typing("wrong-password\n");
    let user = reader.has("SWR_EMULATOR_USER");
    let hint = |run: &Run| run.stderr.lines().last().unwrap_or_default().to_owned();
    for _ in 0..5 {
        let run = logs_in(&reader, &user, "").exits(4);
        assert!(
            hint(&run).contains("check account, user, password"),
            "{run}"
        );
    }
    assert_eq!(reader.cloud.received().len(), 5);
    let run = logs_in(&reader, &user, "").exits(4);
    assert_eq!(
        hint(&run),
        "hint: the user is locked: wait 15 minutes before the next try"
    );
}

#[test]
fn keys_in_each_variable_and_each_file() {
    let keys = |access_key: &str, secret_key: &str| {
        let reader = Reader::new();
        let pair = (
            reader.has("HUAWEICLOUD_SDK_AK"),
            reader.has("HUAWEICLOUD_SDK_SK"),
        );
        let _ = reader
            .sets(access_key, pair.0)
            .sets(secret_key, pair.1)
            .creates();
    };
    keys("SWR_ACCESS_KEY", "SWR_SECRET_KEY");
    keys("HUAWEICLOUD_SDK_AK", "HUAWEICLOUD_SDK_SK");
    keys(
        "HUAWEI_CLOUD_ACCESS_KEY_ID",
        "HUAWEI_CLOUD_SECRET_ACCESS_KEY",
    );
    keys("HW_ACCESS_KEY", "HW_SECRET_KEY");
    let file = |path: &str, text: fn(&str, &str) -> String| {
        let reader = Reader::new();
        let (access_key, secret_key) = (
            reader.has("HUAWEICLOUD_SDK_AK"),
            reader.has("HUAWEICLOUD_SDK_SK"),
        );
        let _ = reader
            .writes(path, &text(&access_key, &secret_key))
            .creates();
    };
    file(".huaweicloud/credentials", |access_key, secret_key| {
        format!("[basic]\nak = {access_key}\nsk = {secret_key}\n")
    });
    file(".hcloud/config.json", |access_key, secret_key| {
        serde_json::json!({"current": "default", "profiles": [{
            "name": "default", "mode": "AKSK",
            "accessKeyId": access_key, "secretAccessKey": secret_key,
        }]})
        .to_string()
    });
    for key in ["`access_key`", "`secret_key`"] {
        documented(key);
    }
    let mut reader = Reader::new();
    let (access_key, secret_key) = (
        reader.has("HUAWEICLOUD_SDK_AK"),
        reader.has("HUAWEICLOUD_SDK_SK"),
    );
    let config = format!("access_key = '{access_key}'\nsecret_key = '{secret_key}'\n");
    reader.home = reader.home.config(&config);
    let _ = reader.creates();
}

#[test]
fn keys_that_are_kept() {
    let mut reader = Reader::new();
    reader.home = reader
        .home
        .typing(&format!("{}\n", reader.given["HUAWEICLOUD_SDK_SK"]));
    let access_key = reader.has("HUAWEICLOUD_SDK_AK");
    let line = format!("auth login --access-key {access_key} --secret-key-stdin");
    let _ = reader.runs(&line).exits(0);
    let _ = reader.creates();
}

#[test]
fn a_token_in_a_variable_a_file_a_login_and_from_a_program() {
    let both = |reader: Reader| {
        let east = reader.has("SWR_TOKEN_CN_EAST_3");
        let _ = reader.sets("SWR_TOKEN_CN_EAST_3", east).creates();
    };
    let reader = Reader::new();
    let token = reader.has("SWR_TOKEN_CN_NORTH_4");
    both(reader.sets("SWR_TOKEN", &token));
    let reader = Reader::new().writes("token", &format!("{token}\n"));
    let path = reader.path("token");
    both(reader.sets("SWR_TOKEN_FILE", path));
    let mut reader = Reader::new();
    reader.home = reader.home.typing(&format!("{token}\n"));
    let _ = reader.runs("auth login --token-stdin").exits(0);
    both(reader);
    documented("token_command");
    let mut reader = Reader::new().writes("print", &format!("echo {token}\n"));
    reader.home = reader.home.config("token_command = ['sh', 'print']\n");
    both(reader);
}

fn job(reader: Reader) -> Reader {
    let (provider, agency) = (
        reader.has("SWR_EMULATOR_OIDC_PROVIDER_URN"),
        reader.has("SWR_EMULATOR_OIDC_AGENCY_URN"),
    );
    reader
        .sets("HUAWEICLOUD_OIDC_PROVIDER_URN", provider)
        .sets("HUAWEICLOUD_OIDC_AGENCY_URN", agency)
}

#[test]
fn a_job_with_oidc() {
    let reader = job(Reader::new());
    let id_token = reader.has("SWR_EMULATOR_ID_TOKEN");
    let _ = reader
        .sets("HUAWEICLOUD_OIDC_ID_TOKEN", &id_token)
        .creates();
    let reader = job(Reader::new()).writes("id-token", &id_token);
    let path = reader.path("id-token");
    let _ = reader.sets("HUAWEICLOUD_OIDC_TOKEN_FILE", path).creates();
    let reader = Reader::new().writes("id-token", &id_token);
    let (path, provider) = (reader.path("id-token"), reader.has("SWR_EMULATOR_IDP_ID"));
    let _ = reader
        .sets("HUAWEICLOUD_SDK_IDP_ID", provider)
        .sets("HUAWEICLOUD_SDK_ID_TOKEN_FILE", path)
        .creates();
}

#[test]
fn a_job_on_github() {
    let reader = job(Reader::new());
    let (address, token) = (
        reader.has("SWR_EMULATOR_ID_TOKEN_REQUEST_URL"),
        reader.has("SWR_EMULATOR_ID_TOKEN_REQUEST_TOKEN"),
    );
    let _ = reader
        .sets("ACTIONS_ID_TOKEN_REQUEST_URL", address)
        .sets("ACTIONS_ID_TOKEN_REQUEST_TOKEN", token)
        .creates();
}

#[test]
fn a_machine_of_the_cloud() {
    let mut reader = Reader::new();
    let address = reader.has("SWR_EMULATOR_METADATA_ENDPOINT");
    reader.home = reader.home.with("SWR_METADATA_ENDPOINT", address);
    let _ = reader.sets("SWR_CREDENTIAL_SOURCE", "metadata").creates();
}

#[test]
fn a_pod() {
    let reader = Reader::new();
    let (address, token) = (
        reader.has("SWR_EMULATOR_POD_CREDENTIALS_URI"),
        reader.has("SWR_EMULATOR_POD_TOKEN"),
    );
    let reader = reader.writes("authorization", &token);
    let path = reader.path("authorization");
    let _ = reader
        .sets("HC_CONTAINER_CREDENTIALS_FULL_URI", address)
        .sets("HC_CONTAINER_AUTHORIZATION_TOKEN_FILE", path)
        .creates();
}
