//! Tokens of IAM: for a user's password (`auth login`), and for an id token (OIDC v3).

use std::sync::Arc;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::temporary::{hidden, time};
use crate::api::{Answer, Call, Code, HeaderText, Method, Repeat, Transport};
use crate::credentials::credential::Credential;
use crate::credentials::keys::credential_text;
use crate::credentials::refresh::{Issued, Provider};
use crate::credentials::source::Federation;
use crate::endpoint::Endpoint;
use crate::error::{Error, Kind};
use crate::names::RegionId;
use crate::origin::Origin;
use crate::secret::Secret;

use crate::credentials::logins::TokenLogin;

/// The project that a token is for; without one it is no use to SWR.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// By its id.
    Id(String),
    /// By its name, which is the region's for its default project.
    Name(String),
}

impl Scope {
    fn json(&self) -> Value {
        match self {
            Scope::Id(id) => json!({"project": {"id": id}}),
            Scope::Name(name) => json!({"project": {"name": name}}),
        }
    }
}

/// What an IAM user logs in with.
#[derive(Debug, Clone)]
pub struct Password {
    /// The account's name.
    pub account: String,
    /// The user's name.
    pub user: String,
    /// The password.
    pub password: Secret,
    /// The user's id and the code of the virtual MFA device.
    pub mfa: Option<(String, Secret)>,
}

impl Password {
    fn json(&self, scope: &Scope) -> Value {
        let mut identity = json!({
            "methods": ["password"],
            "password": {"user": {
                "name": self.user,
                "password": self.password.expose(),
                "domain": {"name": self.account},
            }},
        });
        if let Some((id, code)) = &self.mfa {
            identity["methods"] = json!(["password", "totp"]);
            identity["totp"] = json!({"user": {"id": id, "passcode": code.expose()}});
        }
        json!({"auth": {"identity": identity, "scope": scope.json()}})
    }
}

/// Logs a user in: POST `/v3/auth/tokens?nocatalog=true`, sent once, for wrong passwords lock the
/// user (`reference/swr-api.md` 5.1).
///
/// # Errors
/// Kind `auth` when IAM refuses, or the token is for no project; kinds `network`, `timeout`,
/// `http`.
pub fn log_in(
    transport: &Transport,
    iam: &Endpoint,
    password: &Password,
    region: &RegionId,
    scope: &Scope,
) -> Result<TokenLogin, Error> {
    let call = Call::new(
        Method::POST,
        "/v3/auth/tokens?nocatalog=true",
        Repeat::Never,
    )
    .json(&password.json(scope))
    .brings_secret();
    let answer = transport.send(iam, &call, None)?;
    if !answer.is_success() {
        let error = answer.refusal().about("the login");
        // That the user is locked says more than what locked it.
        return Err(match answer.status {
            401 if answer.code() != Some(Code::UserLocked) => error.hint(
                "check account, user, password and MFA code; several wrong ones lock the user. \
                 A HUAWEI ID cannot get a token: use an IAM user with programmatic access",
            ),
            _ => error,
        });
    }
    let token = read(&answer, iam)?;
    let body = token.body;
    Ok(TokenLogin {
        region: region.clone(),
        token: token.value,
        project_id: body.project.map(|project| project.id),
        account: Some(password.account.clone()),
        user: Some(password.user.clone()),
        expires_at: token.expires_at,
    })
}

/// OIDC by IAM (v3): POST `/v3.0/OS-AUTH/id-token/tokens`, `X-Idp-Id`; with a project as its scope
/// the token serves SWR at once.
#[derive(Debug)]
pub(super) struct Federated {
    pub(super) federation: Federation,
    pub(super) scope: Option<Scope>,
    pub(super) transport: Arc<Transport>,
}

impl Provider for Federated {
    fn fetch(&self) -> Result<Issued, Error> {
        let federation = &self.federation;
        let Some(scope) = &self.scope else {
            return Err(no_region());
        };
        let id_token = federation.id_token.value(&self.transport)?;
        let body = json!({"auth": {
            "id_token": {"id": id_token.expose()},
            "scope": scope.json(),
        }});
        let mut call = Call::new(Method::POST, "/v3.0/OS-AUTH/id-token/tokens", Repeat::State)
            .json(&body)
            .brings_secret();
        call.extra_headers.push((
            "X-Idp-Id",
            HeaderText::Plain(federation.identity_provider.clone()),
        ));
        let answer = self.transport.send(&federation.endpoint, &call, None)?;
        if !answer.is_success() {
            return Err(answer.refusal_by(
                "OIDC by IAM",
                "check the identity provider's id, its rules for the id token, and that the id \
                 token is new",
            ));
        }
        let token = read(&answer, &federation.endpoint)?;
        Ok(Issued {
            credential: Credential::Token(token.value),
            expires_at: token.expires_at,
        })
    }
}

fn no_region() -> Error {
    Error::new(
        Kind::Config,
        "no region is set, and a token is for one region's project",
    )
    .hint("set it with --region, SWR_REGION, or 'region' in the config file, like cn-north-4")
}

struct Token {
    value: Secret,
    expires_at: Option<Timestamp>,
    body: Body,
}

#[derive(Deserialize)]
struct Document {
    token: Body,
}

#[derive(Deserialize)]
struct Body {
    expires_at: Option<String>,
    project: Option<Project>,
}

#[derive(Deserialize)]
struct Project {
    id: String,
}

/// Reads a token: the header `X-Subject-Token`, and what the body says about it.
fn read(answer: &Answer, iam: &Endpoint) -> Result<Token, Error> {
    let unreadable = || hidden(answer, "a token of IAM");
    let value = answer.header("x-subject-token").ok_or_else(unreadable)?;
    let origin = Origin::Service(iam.to_string());
    let value = Secret::new(credential_text("token", value, &origin)?);
    let document: Document = serde_json::from_slice(&answer.body).map_err(|_| unreadable())?;
    let body = document.token;
    if body.project.is_none() {
        return Err(Error::new(
            Kind::Auth,
            "IAM issued a token without a project, which SWR does not accept",
        )
        .hint("name the region's project: --region, or --project-id"));
    }
    let expires_at = match &body.expires_at {
        Some(text) => Some(time(text).ok_or_else(unreadable)?),
        None => None,
    };
    Ok(Token {
        value,
        expires_at,
        body,
    })
}
