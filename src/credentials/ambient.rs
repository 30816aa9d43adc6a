//! The sources that are used only where a setting or variable names them: OIDC, pod identity, the
//! metadata service.
//!
//! Their settings are variables, which are read and validated here when the chain has chosen one.
//! Source: `reference/swr-api.md` sections 5.4 and 5.5, auth.md 2.

use std::path::PathBuf;

use url::Url;

use super::keys::{credential_text, nothing_found};
use super::source::{Federation, IdToken, Pod, Source, Sts};
use crate::error::{Error, Kind};
use crate::names::RegionId;
use crate::origin::Origin;
use crate::secret::Secret;
use crate::settings::{CredentialSource, Environment, Settings};

/// The variables that ask for OIDC by STS, any of them.
const STS: [&str; 4] = [PROVIDER, AGENCY, ID_TOKEN, TOKEN_FILE];
const PROVIDER: &str = "HUAWEICLOUD_OIDC_PROVIDER_URN";
const AGENCY: &str = "HUAWEICLOUD_OIDC_AGENCY_URN";
const ID_TOKEN: &str = "HUAWEICLOUD_OIDC_ID_TOKEN";
const TOKEN_FILE: &str = "HUAWEICLOUD_OIDC_TOKEN_FILE";

const IDP_ID: &str = "HUAWEICLOUD_SDK_IDP_ID";
const IDP_TOKEN_FILE: &str = "HUAWEICLOUD_SDK_ID_TOKEN_FILE";

const POD_ADDRESS: &str = "HC_CONTAINER_CREDENTIALS_FULL_URI";
const POD_TOKEN_FILE: &str = "HC_CONTAINER_AUTHORIZATION_TOKEN_FILE";

const GITHUB_ADDRESS: &str = "ACTIONS_ID_TOKEN_REQUEST_URL";
const GITHUB_TOKEN: &str = "ACTIONS_ID_TOKEN_REQUEST_TOKEN";

/// How long the keys last where nothing is said, in seconds (`reference/swr-api.md` 5.5).
const DURATION: u32 = 3600;
const SESSION: &str = "oidc-sts-session";

/// Returns the variable that asks for OIDC by STS, if one does.
pub(super) fn sts_variable(environment: &Environment) -> Option<&'static str> {
    STS.into_iter().find(|name| environment.is_set(name))
}

/// Returns the variable that asks for OIDC by IAM, if one does.
pub(super) fn federation_variable(environment: &Environment) -> Option<&'static str> {
    [IDP_ID, IDP_TOKEN_FILE]
        .into_iter()
        .find(|name| environment.is_set(name))
}

/// Returns the variable that asks for pod identity, if one does.
pub(super) fn pod_variable(environment: &Environment) -> Option<&'static str> {
    [POD_ADDRESS, POD_TOKEN_FILE]
        .into_iter()
        .find(|name| environment.is_set(name))
}

/// Returns the source that `credential_source` names.
pub(super) fn of_setting(settings: &Settings, region: Option<&RegionId>) -> Result<Source, Error> {
    let environment = settings.environment();
    let Some(named) = settings.credential_source()? else {
        return Err(nothing_found());
    };
    match named.value {
        CredentialSource::Metadata => Ok(Source::Metadata(settings.metadata_endpoint()?.value)),
        CredentialSource::Pod => pod(environment),
        CredentialSource::Oidc if federation_variable(environment).is_some() => {
            match sts_variable(environment) {
                Some(_) => sts(settings, region),
                None => federation(settings, region),
            }
        }
        CredentialSource::Oidc => sts(settings, region),
    }
}

/// Returns OIDC by STS.
pub(super) fn sts(settings: &Settings, region: Option<&RegionId>) -> Result<Source, Error> {
    let environment = settings.environment();
    let (provider, agency) = (environment.text(PROVIDER)?, environment.text(AGENCY)?);
    let (provider_urn, agency_urn) = match (provider, agency) {
        (Some(provider), Some(agency)) => (provider.to_owned(), agency.to_owned()),
        (Some(_), None) => return Err(half_pair(PROVIDER, AGENCY)),
        (None, Some(_)) => return Err(half_pair(AGENCY, PROVIDER)),
        (None, None) => {
            return Err(match sts_variable(environment) {
                Some(present) => half_pair(present, PROVIDER),
                None => missing("OIDC", &[PROVIDER, AGENCY], IDP_ID),
            });
        }
    };
    let text = |name| environment.text(name).map(|text| text.map(str::to_owned));
    let policy_ids = text("HUAWEICLOUD_OIDC_POLICY_IDS")?.unwrap_or_default();
    Ok(Source::Sts(Sts {
        endpoint: settings.sts_endpoint(&known(settings, region)?)?.value,
        provider_urn,
        agency_urn,
        session_name: text("HUAWEICLOUD_OIDC_SESSION_NAME")?.unwrap_or_else(|| SESSION.to_owned()),
        duration_seconds: duration(environment)?,
        policy: text("HUAWEICLOUD_OIDC_POLICY")?,
        policy_ids: policy_ids
            .split(',')
            .map(str::trim)
            .filter(|id| !id.is_empty())
            .map(str::to_owned)
            .collect(),
        id_token: id_token(environment)?,
    }))
}

fn duration(environment: &Environment) -> Result<u32, Error> {
    const NAME: &str = "HUAWEICLOUD_OIDC_DURATION_SECONDS";
    let Some(text) = environment.text(NAME)? else {
        return Ok(DURATION);
    };
    text.parse().map_err(|_| {
        let what = format!("invalid duration '{text}': it must be a number of seconds");
        Error::new(Kind::Config, what).origin(variable(NAME))
    })
}

/// Of the value and the file the value wins, as in the SDK; with neither, GitHub is asked where
/// the job may ask it.
fn id_token(environment: &Environment) -> Result<IdToken, Error> {
    if let Some(text) = environment.text(ID_TOKEN)? {
        let token = credential_text("id token", text, &variable(ID_TOKEN))?;
        return Ok(IdToken::Value(Secret::new(token)));
    }
    if let Some(path) = environment.path(TOKEN_FILE) {
        return Ok(IdToken::File(path));
    }
    let token = environment.text(GITHUB_TOKEN)?;
    match (environment.text(GITHUB_ADDRESS)?, token) {
        (Some(address), Some(token)) => Ok(IdToken::GitHub {
            address: address_of(address, GITHUB_ADDRESS, Plain::OnLoopback)?,
            request_token: Secret::new(credential_text(
                "request token",
                token,
                &variable(GITHUB_TOKEN),
            )?),
        }),
        _ => Err(
            Error::new(Kind::Auth, "OIDC is set up, but there is no id token").hint(
                "set HUAWEICLOUD_OIDC_ID_TOKEN or HUAWEICLOUD_OIDC_TOKEN_FILE; \
             on GitHub, give the job 'permissions: id-token: write'",
            ),
        ),
    }
}

/// Returns OIDC by IAM, from the variables.
pub(super) fn federation(settings: &Settings, region: Option<&RegionId>) -> Result<Source, Error> {
    let environment = settings.environment();
    let identity_provider = environment.text(IDP_ID)?;
    let file = environment.path(IDP_TOKEN_FILE);
    match (identity_provider, file) {
        (Some(id), Some(file)) => federation_of(settings, region, id, &variable(IDP_ID), file),
        (Some(_), None) => Err(half_pair(IDP_ID, IDP_TOKEN_FILE)),
        (None, Some(_)) => Err(half_pair(IDP_TOKEN_FILE, IDP_ID)),
        (None, None) => Err(missing("OIDC", &[PROVIDER, AGENCY], IDP_ID)),
    }
}

/// Returns OIDC by IAM, from its two values.
pub(super) fn federation_of(
    settings: &Settings,
    region: Option<&RegionId>,
    identity_provider: &str,
    origin: &Origin,
    file: PathBuf,
) -> Result<Source, Error> {
    Ok(Source::Federation(Federation {
        endpoint: settings.iam_endpoint(&known(settings, region)?)?.value,
        identity_provider: credential_text("identity provider's id", identity_provider, origin)?
            .to_owned(),
        id_token: IdToken::File(file),
    }))
}

/// Returns pod identity.
pub(super) fn pod(environment: &Environment) -> Result<Source, Error> {
    match (
        environment.text(POD_ADDRESS)?,
        environment.path(POD_TOKEN_FILE),
    ) {
        (Some(address), Some(token_file)) => Ok(Source::Pod(Pod {
            address: address_of(address, POD_ADDRESS, Plain::Anywhere)?,
            token_file,
        })),
        (Some(_), None) => Err(half_pair(POD_ADDRESS, POD_TOKEN_FILE)),
        (None, Some(_)) => Err(half_pair(POD_TOKEN_FILE, POD_ADDRESS)),
        (None, None) => Err(missing("pod identity", &[POD_ADDRESS], POD_TOKEN_FILE)),
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Plain {
    OnLoopback,
    Anywhere,
}

/// Parses an address with a query of its own, which an endpoint must not have.
fn address_of(text: &str, name: &'static str, plain: Plain) -> Result<Url, Error> {
    let wrong =
        |rule: &str| Error::new(Kind::Config, format!("{name} {rule}")).origin(variable(name));
    let url = Url::parse(text).map_err(|error| wrong(&format!("is not a valid URL: {error}")))?;
    if url.host_str().is_none() || !matches!(url.scheme(), "http" | "https") {
        return Err(wrong("is not an http or https URL"));
    }
    let is_loopback = url.host().is_some_and(|host| match host {
        url::Host::Domain(name) => name == "localhost",
        url::Host::Ipv4(address) => address.is_loopback(),
        url::Host::Ipv6(address) => address.is_loopback(),
    });
    if url.scheme() == "http" && plain == Plain::OnLoopback && !is_loopback {
        return Err(wrong(
            "is plain http, which would show the credential to the network",
        ));
    }
    Ok(url)
}

/// Returns the region whose address is asked: a target's, else the source region.
fn known(settings: &Settings, region: Option<&RegionId>) -> Result<RegionId, Error> {
    match region {
        Some(region) => Ok(region.clone()),
        None => Ok(settings.require_region()?.value),
    }
}

fn variable(name: &str) -> Origin {
    Origin::Variable(name.to_owned())
}

/// Makes the error of a setting that means nothing without another one.
pub(super) fn half_pair(present: &str, absent: &str) -> Error {
    Error::new(
        Kind::Config,
        format!("{present} is set and {absent} is not"),
    )
    .origin(variable(present))
    .hint(format!("set {absent}, too, or unset {present}"))
}

fn missing(what: &str, names: &[&str], or: &str) -> Error {
    Error::new(
        Kind::Auth,
        format!(
            "the credential source asks for {what}, and {} is not set",
            names[0]
        ),
    )
    .hint(format!(
        "set {} (or {or} with its file); 'swr help environment' explains them",
        names.join(" and ")
    ))
}
