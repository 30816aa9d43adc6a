//! A login to a region's registry, issued by the service.
//!
//! Source: `reference/swr-api.md` sections 3.12, 3.13.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde::Deserialize;

use super::authorize::{Authorize, Draft, Header, HeaderText};
use super::{Answer, Call, Method, Repeat, Service, Transport};
use crate::endpoint::Endpoint;
use crate::error::Error;
use crate::names::ProjectName;
use crate::secret::Secret;

/// A user and password of a registry, for a while.
#[derive(Debug, Clone)]
pub struct RegistryPassword {
    /// The user.
    pub username: String,
    /// The password.
    pub password: Secret,
    /// When it expires, if the service says so.
    pub expires_at: Option<Timestamp>,
}

#[derive(Deserialize)]
struct Document {
    auths: BTreeMap<String, Entry>,
}

#[derive(Deserialize)]
struct Entry {
    auth: String,
}

impl Service {
    /// Issues a login to the registry: POST `/v2/manage/utils/secret` without a body; a sub-project
    /// is named. The response is `{"auths":{"HOST":{"auth":"<base64 user:password>"}}}`, the header
    /// `X-Swr-Expireat` says when it ends.
    ///
    /// # Errors
    /// As [`Service::succeed`]; kind `http` for another shape, which is not shown.
    pub fn issue_registry_password(
        &self,
        project: Option<&ProjectName>,
    ) -> Result<RegistryPassword, Error> {
        let mut path = "/v2/manage/utils/secret".to_owned();
        if let Some(project) = project {
            path.push_str(&format!("?projectname={project}"));
        }
        self.registry_password(path)
    }

    /// Issues a login of the new kind, which the token service of the new IAM gives.
    ///
    /// # Errors
    /// As [`Service::issue_registry_password`].
    pub fn issue_registry_token(&self) -> Result<RegistryPassword, Error> {
        self.registry_password("/v2/manage/utils/authorizationtoken".to_owned())
    }

    fn registry_password(&self, path: String) -> Result<RegistryPassword, Error> {
        let call = Call::new(Method::POST, path, Repeat::State).brings_secret();
        let answer = self.succeed(&call)?;
        let login = serde_json::from_slice(&answer.body)
            .ok()
            .and_then(|document: Document| login(&document));
        let Some((username, password)) = login else {
            let mut hidden = answer.clone();
            hidden.body = format!("{} bytes, not shown", answer.body.len()).into_bytes();
            return Err(hidden.unreadable("a login to the registry", None));
        };
        Ok(RegistryPassword {
            username,
            password: Secret::new(password),
            expires_at: answer
                .header("x-swr-expireat")
                .and_then(|text| text.parse().ok()),
        })
    }
}

/// Asks a registry's token service whether it accepts a login: 200, or 401.
///
/// # Errors
/// Where no response came.
pub fn try_registry_login(
    transport: &Transport,
    registry: &Endpoint,
    login: &RegistryPassword,
) -> Result<Answer, Error> {
    let call = Call::read("/swr/auth/v2/registry/auth/?service=dockyard").brings_secret();
    transport.send(registry, &call, Some(&Basic(login)))
}

/// User and password as they are.
#[derive(Debug)]
struct Basic<'a>(&'a RegistryPassword);

impl Authorize for Basic<'_> {
    fn authorize(&self, _draft: &Draft<'_>) -> Result<Vec<Header>, Error> {
        let pair = format!("{}:{}", self.0.username, self.0.password.expose());
        let text = Secret::new(format!("Basic {}", STANDARD.encode(pair)));
        Ok(vec![("Authorization", HeaderText::Secret(text))])
    }

    fn renew(&self) -> Result<bool, Error> {
        Ok(false)
    }

    fn describe(&self) -> String {
        "login to the registry".to_owned()
    }

    fn remedy(&self) -> String {
        "log in again".to_owned()
    }
}

fn login(document: &Document) -> Option<(String, String)> {
    let entry = document.auths.values().next()?;
    let text = String::from_utf8(STANDARD.decode(&entry.auth).ok()?).ok()?;
    let (username, password) = text.split_once(':')?;
    let is_whole = !username.is_empty() && !password.is_empty();
    is_whole.then(|| (username.to_owned(), password.to_owned()))
}
