//! Each source there is, set up as its owner has it, and that it reaches a created task.

use super::{CREATE, carried, temporary_keys, token, user, willing};
use crate::support::{Home, Reply, Wire};

/// A source, with what it has to do.
pub(super) struct Source {
    pub(super) name: &'static str,
    /// Sets it up.
    pub(super) set: fn(Home, &Wire) -> Home,
    /// What IAM, STS, GitHub, the host or the pod answers, in turn.
    pub(super) answers: fn() -> Vec<Reply>,
    /// What they are asked.
    pub(super) asked: &'static [&'static str],
    /// What is on the request to the service.
    pub(super) carried: &'static str,
    /// What `auth status` says of it.
    pub(super) status: (&'static str, &'static str),
}

fn nobody() -> Vec<Reply> {
    vec![Reply::json(500, "{}")]
}

const TEMPORARY: &str = "keys TEMPORARYKEY temporary-security-token";
const ASK_STS: &str = "POST /v5/agencies/assume-with-oidc";

fn sts(home: Home, wire: &Wire) -> Home {
    home.with("HUAWEICLOUD_OIDC_PROVIDER_URN", "iam::1:oidcProvider:ci")
        .with("HUAWEICLOUD_OIDC_AGENCY_URN", "iam::1:agency:ci")
        .with("HUAWEICLOUD_SDK_STS_ENDPOINT", wire.address())
}

fn pair(home: Home, access_key: &str, secret_key: &str, of: &str) -> Home {
    home.with(access_key, format!("{of}KEY"))
        .with(secret_key, format!("secret-key-of-{of}"))
}

pub(super) const SOURCES: &[Source] = &[
    Source {
        name: "a token in a variable",
        set: |home, _| home.with("SWR_TOKEN", "token-of-the-variable"),
        answers: nobody,
        asked: &[],
        carried: "token token-of-the-variable",
        status: ("token", "SWR_TOKEN"),
    },
    Source {
        name: "a token in a file",
        set: |home, _| {
            let path = home.path().join("token").display().to_string();
            home.file("token", "token-of-the-file\n")
                .with("SWR_TOKEN_FILE", path)
        },
        answers: nobody,
        asked: &[],
        carried: "token token-of-the-file",
        status: ("token", "SWR_TOKEN_FILE"),
    },
    Source {
        name: "temporary keys in variables",
        set: |home, _| {
            pair(home, "SWR_ACCESS_KEY", "SWR_SECRET_KEY", "SWR")
                .with("SWR_SECURITY_TOKEN", "security-token-of-SWR")
        },
        answers: nobody,
        asked: &[],
        carried: "keys SWRKEY security-token-of-SWR",
        status: ("keys", "SWR_ACCESS_KEY"),
    },
    Source {
        name: "a profile's token",
        set: |home, _| {
            home.config("profile = 'ci'\n[profiles.ci]\ntoken = 'token-of-the-profile'\n")
        },
        answers: nobody,
        asked: &[],
        carried: "token token-of-the-profile",
        status: ("token", "[HOME]/.config/swr/config.toml:3"),
    },
    Source {
        name: "a token_command",
        set: |home, _| {
            home.file("print", "echo token-of-the-command")
                .config("token_command = ['sh', 'print']\n")
        },
        answers: nobody,
        asked: &[],
        carried: "token token-of-the-command",
        status: ("token", "[HOME]/.config/swr/config.toml:1"),
    },
    Source {
        name: "keys in the config file",
        set: |home, _| {
            home.config("access_key = 'FILEKEY'\nsecret_key = 'secret-key-of-the-file'\n")
        },
        answers: nobody,
        asked: &[],
        carried: "keys FILEKEY",
        status: ("keys", "[HOME]/.config/swr/config.toml:1"),
    },
    Source {
        name: "a login",
        set: |home, _| {
            let home = home.typing("token-of-the-login\n");
            let _ = home.swr("auth login --token-stdin").exits(0);
            home
        },
        answers: nobody,
        asked: &[],
        carried: "token token-of-the-login",
        status: ("token", "login"),
    },
    Source {
        name: "kept keys",
        set: |home, _| {
            let home = home.typing("secret-key-of-the-login\n");
            let _ = home
                .swr("auth login --access-key LOGINKEY --secret-key-stdin")
                .exits(0);
            home
        },
        answers: nobody,
        asked: &[],
        carried: "keys LOGINKEY",
        status: ("keys", "login"),
    },
    Source {
        name: "OIDC by STS, the id token in a variable",
        set: |home, wire| {
            sts(home, wire).with("HUAWEICLOUD_OIDC_ID_TOKEN", "id-token-of-the-variable")
        },
        answers: || vec![temporary_keys()],
        asked: &[ASK_STS],
        carried: TEMPORARY,
        status: ("oidc", "HUAWEICLOUD_OIDC_PROVIDER_URN"),
    },
    Source {
        name: "OIDC by STS, the id token in a file",
        set: |home, wire| {
            let path = home.path().join("id-token").display().to_string();
            sts(home.file("id-token", "id-token-of-the-file\n"), wire)
                .with("HUAWEICLOUD_OIDC_TOKEN_FILE", path)
        },
        answers: || vec![temporary_keys()],
        asked: &[ASK_STS],
        carried: TEMPORARY,
        status: ("oidc", "HUAWEICLOUD_OIDC_PROVIDER_URN"),
    },
    Source {
        name: "OIDC by STS, the id token from GitHub",
        set: |home, wire| {
            let address = format!("{}/_apis/token?api-version=2.0", wire.address());
            sts(home, wire)
                .with("ACTIONS_ID_TOKEN_REQUEST_URL", address)
                .with("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "request-token-of-the-job")
        },
        answers: || {
            let given = r#"{"count":1,"value":"id-token-of-github"}"#;
            vec![Reply::json(200, given), temporary_keys()]
        },
        asked: &["GET /_apis/token?api-version=2.0", ASK_STS],
        carried: TEMPORARY,
        status: ("oidc", "HUAWEICLOUD_OIDC_PROVIDER_URN"),
    },
    Source {
        name: "OIDC by IAM",
        set: |home, wire| {
            let path = home.path().join("id-token").display().to_string();
            home.file("id-token", "id-token-of-the-file\n")
                .with("HUAWEICLOUD_SDK_IDP_ID", "ci")
                .with("HUAWEICLOUD_SDK_ID_TOKEN_FILE", path)
                .with("HUAWEICLOUD_SDK_IAM_ENDPOINT", wire.address())
        },
        answers: || vec![token()],
        asked: &["POST /v3.0/OS-AUTH/id-token/tokens"],
        carried: "token token-for-the-id-token",
        status: ("oidc", "HUAWEICLOUD_SDK_IDP_ID"),
    },
    Source {
        name: "the SDK's variables",
        set: |home, _| pair(home, "HUAWEICLOUD_SDK_AK", "HUAWEICLOUD_SDK_SK", "SDK"),
        answers: nobody,
        asked: &[],
        carried: "keys SDKKEY",
        status: ("keys", "HUAWEICLOUD_SDK_AK"),
    },
    Source {
        name: "the CI action's variables",
        set: |home, _| {
            let (access_key, secret_key) = (
                "HUAWEI_CLOUD_ACCESS_KEY_ID",
                "HUAWEI_CLOUD_SECRET_ACCESS_KEY",
            );
            pair(home, access_key, secret_key, "ACTION")
        },
        answers: nobody,
        asked: &[],
        carried: "keys ACTIONKEY",
        status: ("keys", "HUAWEI_CLOUD_ACCESS_KEY_ID"),
    },
    Source {
        name: "Terraform's token",
        set: |home, _| home.with("HW_AUTH_TOKEN", "token-of-terraform"),
        answers: nobody,
        asked: &[],
        carried: "token token-of-terraform",
        status: ("token", "HW_AUTH_TOKEN"),
    },
    Source {
        name: "Terraform's variables",
        set: |home, _| pair(home, "HW_ACCESS_KEY", "HW_SECRET_KEY", "TERRAFORM"),
        answers: nobody,
        asked: &[],
        carried: "keys TERRAFORMKEY",
        status: ("keys", "HW_ACCESS_KEY"),
    },
    Source {
        name: "the SDK's file",
        set: |home, _| {
            home.file(
                ".huaweicloud/credentials",
                "[basic]\nak = SDKFILEKEY\nsk = secret-key-of-the-sdk-file\n",
            )
        },
        answers: nobody,
        asked: &[],
        carried: "keys SDKFILEKEY",
        status: ("keys", "[HOME]/.huaweicloud/credentials:2"),
    },
    Source {
        name: "hcloud's file",
        set: |home, _| {
            home.file(
                ".hcloud/config.json",
                r#"{"current":"default","profiles":[{"name":"default","mode":"AKSK",
                    "accessKeyId":"HCLOUDFILEKEY000","secretAccessKey":"secretKeyOfTheHcloudFile"}]}"#,
            )
        },
        answers: nobody,
        asked: &[],
        carried: "keys HCLOUDFILEKEY000",
        status: ("keys", "[HOME]/.hcloud/config.json"),
    },
    Source {
        name: "a pod's identity",
        set: |home, wire| {
            let path = home.path().join("authorization").display().to_string();
            home.file("authorization", "authorization-of-the-pod\n")
                .with(
                    "HC_CONTAINER_CREDENTIALS_FULL_URI",
                    format!("{}/v1/c", wire.address()),
                )
                .with("HC_CONTAINER_AUTHORIZATION_TOKEN_FILE", path)
        },
        answers: || vec![temporary_keys()],
        asked: &["POST /v1/c"],
        carried: TEMPORARY,
        status: ("pod", "HC_CONTAINER_CREDENTIALS_FULL_URI"),
    },
    Source {
        name: "the metadata service",
        set: |home, wire| {
            home.with("SWR_CREDENTIAL_SOURCE", "metadata")
                .with("SWR_METADATA_ENDPOINT", wire.address())
        },
        answers: || {
            vec![
                Reply::Say(200, vec![], "token-of-the-metadata-service".to_owned()),
                temporary_keys(),
            ]
        },
        asked: &[
            "PUT /meta-data/latest/api/token",
            "GET /openstack/latest/securitykey",
        ],
        carried: TEMPORARY,
        status: ("metadata", "SWR_CREDENTIAL_SOURCE"),
    },
];

/// What must never be seen of all this.
pub(super) const SECRETS: &[&str] = &[
    "token-of-",
    "token-for-",
    "secret-key-of-",
    "security-token-of-",
    "id-token-of-",
    "request-token-of-",
    "authorization-of-",
    "temporary-secret-key",
    "temporary-security-token",
    "secretKeyOfTheHcloudFile",
];

#[test]
fn every_source_reaches_a_created_task() {
    for source in SOURCES {
        let (service, identity) = (willing(), Wire::serve((source.answers)()));
        let home = (source.set)(user(&service), &identity);
        let run = home.swr(CREATE);
        assert_eq!(run.code, Some(0), "{}: {run}", source.name);
        assert_eq!(identity.lines(), source.asked, "{}", source.name);
        assert_eq!(carried(&service), source.carried, "{}", source.name);
        assert_eq!(service.heard().len(), 1, "{}", source.name);
    }
}

#[test]
fn status_names_every_source_and_sends_nothing() {
    for source in SOURCES {
        let (service, identity) = (willing(), Wire::serve((source.answers)()));
        let home = (source.set)(user(&service), &identity);
        let status = home
            .swr("auth status -o json")
            .exits(0)
            .document("auth-status");
        let (kind, origin) = source.status;
        assert_eq!(status["kind"], kind, "{}", source.name);
        assert_eq!(status["origin"], origin, "{}", source.name);
        assert_eq!(status["beaten"], serde_json::json!([]), "{}", source.name);
        assert_eq!((identity.heard().len(), service.heard().len()), (0, 0));
    }
}

#[test]
fn no_address_is_asked_that_nobody_named() {
    // The metadata service's address is known here, and still nothing asks it.
    let metadata = Wire::serve([temporary_keys()]);
    let alone = Home::new()
        .with("SWR_REGION", "cn-north-4")
        .with("SWR_METADATA_ENDPOINT", metadata.address())
        .file(
            ".hcloud/config.json",
            r#"{"profiles":[{"name":"default","mode":"ecsAgency","agencyName":"a"}]}"#,
        );
    let run = alone.swr(CREATE).exits(1);
    assert!(
        run.stderr.starts_with("error: no credential is set"),
        "{run}"
    );
    for source in SOURCES
        .iter()
        .filter(|source| source.status.0 != "metadata")
    {
        let (service, identity) = (willing(), Wire::serve((source.answers)()));
        let home = (source.set)(user(&service), &identity)
            .with("SWR_METADATA_ENDPOINT", metadata.address());
        let _ = home.swr(CREATE).exits(0);
    }
    assert_eq!(metadata.heard().len(), 0);
}
