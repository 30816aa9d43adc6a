//! The table of the variables that the product reads.
//!
//! `environment` checks against it, `docs/environment.md` and `swr help environment` are made from
//! it. A new variable is a new row here.

/// A variable that the product reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Variable {
    /// The name; `<REGION>` at its end is a region's id in upper case, with `_` for `-`.
    pub name: &'static str,
    /// The key of the setting that it sets; empty where it sets none.
    pub setting: &'static str,
    /// What it means, in a sentence without a full stop.
    pub meaning: &'static str,
    /// Whether its value must never be shown.
    pub secret: bool,
    /// Whose variable it is.
    pub family: Family,
}

impl Variable {
    /// Returns `true` if the row covers a variable of this name.
    pub fn means(&self, name: &str) -> bool {
        match self.name.strip_suffix(REGION) {
            Some(prefix) => name.starts_with(prefix),
            None => self.name == name,
        }
    }
}

/// Whose variable it is, in the order of the documentation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Family {
    /// The product's own.
    Own,
    /// The vendor's SDK.
    Sdk,
    /// The vendor's SDK, for OIDC.
    Oidc,
    /// The vendor's CI action and its skills for hcloud.
    Action,
    /// The vendor's Terraform provider.
    Terraform,
    /// The container engine's pod identity.
    Pod,
    /// GitHub Actions.
    GitHub,
    /// Conventions of HTTP clients.
    Network,
    /// Conventions of terminal programs.
    Terminal,
    /// The platform.
    System,
}

impl Family {
    /// Returns the family's heading in the documentation.
    pub fn title(self) -> &'static str {
        match self {
            Family::Own => "swr",
            Family::Sdk => "Huawei Cloud's SDKs",
            Family::Oidc => "Huawei Cloud's SDKs, with OIDC",
            Family::Action => "Huawei Cloud's CI action",
            Family::Terraform => "Huawei Cloud's Terraform provider",
            Family::Pod => "Pods of CCE",
            Family::GitHub => "GitHub Actions",
            Family::Network => "Proxies and certificates",
            Family::Terminal => "Terminal",
            Family::System => "System",
        }
    }
}

/// Returns `true` if a variable leads `swr` or the vendor's SDK somewhere: to an account, an endpoint, a
/// file, a proxy. `emulator exec` takes them away before it sets its own.
pub fn leads_somewhere(name: &str) -> bool {
    VARIABLES.iter().any(|variable| {
        let leads = match variable.family {
            Family::Terminal | Family::System | Family::GitHub => false,
            Family::Network => variable.name.to_ascii_lowercase().ends_with("_proxy"),
            _ => true,
        };
        leads && variable.means(name)
    })
}

/// The placeholder of a region in a variable's name.
pub const REGION: &str = "<REGION>";

const fn plain(
    family: Family,
    name: &'static str,
    setting: &'static str,
    meaning: &'static str,
) -> Variable {
    Variable {
        name,
        setting,
        meaning,
        secret: false,
        family,
    }
}

const fn secret(
    family: Family,
    name: &'static str,
    setting: &'static str,
    meaning: &'static str,
) -> Variable {
    Variable {
        name,
        setting,
        meaning,
        secret: true,
        family,
    }
}

use Family::{Action, GitHub, Network, Oidc, Own, Pod, Sdk, System, Terminal, Terraform};

/// Every variable that the product reads.
///
/// Source of the foreign ones: `reference/swr-api.md` section 5.5.
#[rustfmt::skip] // a table reads as a table
pub const VARIABLES: &[Variable] = &[
    plain(Own, "SWR_COMPLETE", "", "Set by the completion scripts: print candidates"),
    plain(Own, "SWR_CONFIG", "config", "The config file; it must exist"),
    plain(Own, "SWR_PROFILE", "profile", "The profile of the config file"),
    plain(Own, "SWR_REGION", "region", "The source region"),
    plain(Own, "SWR_ENDPOINT", "endpoint", "The address of SWR in the source region, if not the vendor's own"),
    plain(Own, "SWR_ENDPOINT_<REGION>", "endpoint", "The address of SWR in that region"),
    plain(Own, "SWR_PROJECT_ID", "project_id", "The id of the source region's project"),
    plain(Own, "SWR_PROJECT_ID_<REGION>", "project_id", "The id of that region's project"),
    secret(Own, "SWR_TOKEN", "token", "An IAM token of the source region's project"),
    secret(Own, "SWR_TOKEN_<REGION>", "token", "An IAM token of that region's project"),
    plain(Own, "SWR_TOKEN_FILE", "token_file", "A file that holds the token"),
    plain(Own, "SWR_TOKEN_FILE_<REGION>", "token_file", "A file that holds the token of that region"),
    plain(Own, "SWR_ACCESS_KEY", "access_key", "The access key (AK); needs SWR_SECRET_KEY"),
    secret(Own, "SWR_SECRET_KEY", "secret_key", "The secret key (SK) of the access key"),
    secret(Own, "SWR_SECURITY_TOKEN", "security_token", "The security token, where the keys are temporary"),
    plain(Own, "SWR_CREDENTIAL_SOURCE", "credential_source", "The source of the credential: metadata, pod or oidc"),
    plain(Own, "SWR_METADATA_ENDPOINT", "metadata_endpoint", "The address of the metadata service"),
    plain(Own, "SWR_PROJECT_NAME", "project_name", "The name of the source region's sub-project, for logins to its registry, like cn-north-4_dev"),
    plain(Own, "SWR_PROJECT_NAME_<REGION>", "project_name", "The name of that region's sub-project"),
    plain(Own, "SWR_REGISTRY", "registry", "The registry of the source region, if not the vendor's own, like swr.cn-north-4.myhuaweicloud.com"),
    plain(Own, "SWR_REGISTRY_<REGION>", "registry", "The registry of that region"),
    plain(Own, "SWR_NAMESPACE", "namespace", "The source namespace of verbs and references that name none"),
    plain(Own, "SWR_TO", "to", "The targets of verbs that name none: REGION or REGION/NAMESPACE, separated by commas"),
    plain(Own, "SWR_OUTPUT", "output", "The output format: human, json or jsonl"),
    plain(Own, "SWR_TIMEOUT", "timeout", "The time limit of a request, like 30s"),
    plain(Own, "SWR_CONNECT_TIMEOUT", "connect_timeout", "The time limit of connecting, like 10s"),
    plain(Own, "SWR_RETRIES", "retries", "The number of retries of a request, 0 to 10"),
    plain(Own, "SWR_CA_FILE", "ca_file", "A file of CA certificates to trust in addition to the system's"),
    plain(Own, "SWR_CI", "", "With the value off: no annotations, job page and outputs in GitHub Actions"),
    plain(Own, "SWR_EMULATOR", "", "The address of the emulator, set inside 'swr emulator exec'; with it, requests go to this machine only"),
    plain(Own, "SWR_EMULATOR_HOME", "", "The directory of the config file and the logins inside 'swr emulator exec'"),
    plain(Sdk, "HUAWEICLOUD_SDK_AK", "access_key", "The access key"),
    secret(Sdk, "HUAWEICLOUD_SDK_SK", "secret_key", "The secret key"),
    secret(Sdk, "HUAWEICLOUD_SDK_SECURITY_TOKEN", "security_token", "The security token of temporary keys"),
    plain(Sdk, "HUAWEICLOUD_SDK_PROJECT_ID", "project_id", "The project's id"),
    plain(Sdk, "HUAWEICLOUD_SDK_IAM_ENDPOINT", "iam_endpoint", "The address of IAM"),
    plain(Sdk, "HUAWEICLOUD_SDK_STS_ENDPOINT", "sts_endpoint", "The address of STS"),
    plain(Sdk, "HUAWEICLOUD_SDK_CREDENTIALS_FILE", "", "The SDK's credentials file, by default ~/.huaweicloud/credentials"),
    plain(Sdk, "HUAWEICLOUD_SDK_REGIONS_FILE", "", "The SDK's file of endpoints, by default ~/.huaweicloud/regions.yaml"),
    plain(Sdk, "HUAWEICLOUD_SDK_REGION_SWR_<REGION>", "endpoint", "The address of SWR in that region; of several, separated by commas, the first"),
    plain(Oidc, "HUAWEICLOUD_OIDC_PROVIDER_URN", "", "The identity provider's URN; with the agency's it selects OIDC"),
    plain(Oidc, "HUAWEICLOUD_OIDC_AGENCY_URN", "", "The URN of the agency to assume"),
    secret(Oidc, "HUAWEICLOUD_OIDC_ID_TOKEN", "", "The id token"),
    plain(Oidc, "HUAWEICLOUD_OIDC_TOKEN_FILE", "", "A file that holds the id token"),
    plain(Oidc, "HUAWEICLOUD_OIDC_SESSION_NAME", "", "The name of the session, by default oidc-sts-session"),
    plain(Oidc, "HUAWEICLOUD_OIDC_DURATION_SECONDS", "", "The lifetime of the credential in seconds, by default 3600"),
    plain(Oidc, "HUAWEICLOUD_OIDC_POLICY", "", "A policy that restricts the session"),
    plain(Oidc, "HUAWEICLOUD_OIDC_POLICY_IDS", "", "Ids of policies that restrict the session, separated by commas"),
    plain(Oidc, "HUAWEICLOUD_SDK_IDP_ID", "", "The identity provider's id, for OIDC by IAM (v3)"),
    plain(Oidc, "HUAWEICLOUD_SDK_ID_TOKEN_FILE", "", "A file that holds the id token, for OIDC by IAM (v3)"),
    plain(Action, "HUAWEI_CLOUD_ACCESS_KEY_ID", "access_key", "The access key"),
    plain(Action, "HUAWEI_CLOUD_AK", "access_key", "The access key, where HUAWEI_CLOUD_ACCESS_KEY_ID is unset"),
    secret(Action, "HUAWEI_CLOUD_SECRET_ACCESS_KEY", "secret_key", "The secret key"),
    secret(Action, "HUAWEI_CLOUD_SK", "secret_key", "The secret key, where HUAWEI_CLOUD_SECRET_ACCESS_KEY is unset"),
    secret(Action, "HUAWEI_CLOUD_SECURITY_TOKEN", "security_token", "The security token of temporary keys"),
    plain(Action, "HUAWEI_CLOUD_REGION", "region", "The region"),
    plain(Action, "HUAWEI_CLOUD_PROJECT_ID", "project_id", "The project's id"),
    plain(Terraform, "HW_ACCESS_KEY", "access_key", "The access key"),
    secret(Terraform, "HW_SECRET_KEY", "secret_key", "The secret key"),
    secret(Terraform, "HW_SECURITY_TOKEN", "security_token", "The security token of temporary keys"),
    secret(Terraform, "HW_AUTH_TOKEN", "token", "An IAM token"),
    plain(Terraform, "HW_REGION_NAME", "region", "The region"),
    plain(Terraform, "HW_PROJECT_ID", "project_id", "The project's id"),
    plain(Terraform, "HW_SHARED_CONFIG_FILE", "", "hcloud's config file, by default ~/.hcloud/config.json"),
    plain(Terraform, "HW_PROFILE", "", "The profile of hcloud's config file"),
    plain(Pod, "HC_CONTAINER_CREDENTIALS_FULL_URI", "", "The address of the pod's credential; setting it selects pod identity"),
    plain(Pod, "HC_CONTAINER_AUTHORIZATION_TOKEN_FILE", "", "A file that holds the authorization of the pod"),
    plain(GitHub, "GITHUB_ACTIONS", "", "With the value true: errors are annotations, and the job's page and outputs are written"),
    plain(GitHub, "GITHUB_STEP_SUMMARY", "", "The file that a summary in Markdown is added to"),
    plain(GitHub, "GITHUB_OUTPUT", "", "The file that digests and counts are added to"),
    plain(GitHub, "ACTIONS_ID_TOKEN_REQUEST_URL", "", "The address that issues the job's id token"),
    secret(GitHub, "ACTIONS_ID_TOKEN_REQUEST_TOKEN", "", "The authorization of the job to get an id token"),
    secret(Network, "HTTPS_PROXY", "", "The proxy for https; also https_proxy"),
    secret(Network, "https_proxy", "", "As HTTPS_PROXY"),
    secret(Network, "HTTP_PROXY", "", "The proxy for http; also http_proxy"),
    secret(Network, "http_proxy", "", "As HTTP_PROXY"),
    secret(Network, "ALL_PROXY", "", "The proxy where no other is set; also all_proxy"),
    secret(Network, "all_proxy", "", "As ALL_PROXY"),
    plain(Network, "NO_PROXY", "", "Hosts to reach without a proxy; also no_proxy"),
    plain(Network, "no_proxy", "", "As NO_PROXY"),
    plain(Network, "SSL_CERT_FILE", "", "A file of CA certificates to trust instead of the system's"),
    plain(Network, "SSL_CERT_DIR", "", "Directories of CA certificates to trust instead of the system's"),
    plain(Terminal, "NO_COLOR", "color", "Disables color; overrides the other two"),
    plain(Terminal, "CLICOLOR_FORCE", "color", "Enables color, unless it is 0"),
    plain(Terminal, "FORCE_COLOR", "color", "Enables color, unless it is 0"),
    plain(Terminal, "TERM", "color", "dumb disables color and progress"),
    plain(System, "CI", "", "Set by CI systems: never prompt"),
    plain(System, "JOB_COMPLETION_INDEX", "", "The number of a pod of Kubernetes' Indexed Job, for --shard job/N"),
    plain(System, "PATH", "", "Where 'swr emulator exec' and token_command look for programs"),
    plain(System, "HOME", "", "The home directory"),
    plain(System, "DOCKER_CONFIG", "", "The directory of docker's config.json, by default ~/.docker"),
    plain(System, "REGISTRY_AUTH_FILE", "", "The file with the logins of podman, buildah and skopeo, where it is not docker's; the doctor looks at it"),
    plain(System, "CONTAINERS_REGISTRIES_CONF", "", "The registries that podman, buildah and skopeo know; 'swr emulator exec' sets it"),
    plain(System, "XDG_CONFIG_HOME", "", "The parent directory of the config file's, on Linux"),
    plain(System, "XDG_DATA_HOME", "", "The parent directory of the logins', on Linux"),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::VARIABLES;

    #[test]
    fn every_variable_stands_in_the_table_once_and_families_stay_together() {
        let names: BTreeSet<_> = VARIABLES.iter().map(|variable| variable.name).collect();
        assert_eq!(names.len(), VARIABLES.len());
        assert!(VARIABLES.is_sorted_by_key(|variable| variable.family));
    }

    #[test]
    fn what_is_called_a_token_a_secret_or_a_proxy_is_marked_secret() {
        for variable in VARIABLES {
            let name = variable.name;
            let holds_a_secret = ["TOKEN", "SECRET", "_SK", "PROXY", "proxy"]
                .iter()
                .any(|word| name.contains(word))
                && !["FILE", "NO_PROXY", "no_proxy", "_URL"]
                    .iter()
                    .any(|word| name.contains(word));
            assert_eq!(variable.secret, holds_a_secret, "{name}");
        }
    }
}
