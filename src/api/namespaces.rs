//! Namespaces, which the vendor also calls organizations.
//!
//! Source: `reference/swr-api.md` sections 3.1 to 3.3.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::fields::Fields;
use super::paginate::incomplete;
use super::service::unless_missing;
use super::{Answer, Call, Method, Repeat, Service};
use crate::error::Error;
use crate::names::Namespace;

/// A namespace as the service shows it.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "Fields")]
pub struct NamespaceInfo {
    /// The service's id of it.
    pub id: Option<i64>,
    /// The name.
    pub name: String,
    /// Who created it.
    pub creator_name: Option<String>,
    /// What the caller may do in it: 7 manage, 3 edit, 1 read.
    pub auth: Option<i64>,
    /// How many repositories are in it.
    pub repo_count: Option<i64>,
}

impl TryFrom<Fields> for NamespaceInfo {
    type Error = String;

    fn try_from(fields: Fields) -> Result<NamespaceInfo, String> {
        Ok(NamespaceInfo {
            id: fields.number(&["id"]),
            name: fields.required(&["name"])?,
            creator_name: fields.text(&["creator_name"]),
            auth: fields.number(&["auth"]),
            repo_count: fields.number(&["repo_count"]),
        })
    }
}

#[derive(Debug, Deserialize)]
struct NamespaceList {
    #[serde(deserialize_with = "super::fields::list")]
    namespaces: Vec<NamespaceInfo>,
}

#[derive(Debug, Serialize)]
struct CreateBody<'a> {
    namespace: &'a Namespace,
}

/// Returns the call `CreateNamespace`: POST /v2/manage/namespaces, response 201, or 409 if the name
/// is taken, by any account.
pub fn create_call(namespace: &Namespace) -> Call {
    Call::new(Method::POST, "/v2/manage/namespaces", Repeat::State).json(&CreateBody { namespace })
}

impl Service {
    /// Lists the namespaces that the caller can see; there are no pages (section 3.1).
    pub fn namespaces(&self) -> Result<Vec<NamespaceInfo>, Error> {
        let call =
            Call::read("/v2/manage/namespaces").query([("filter", Cow::Borrowed("mode::visible"))]);
        let answer = self.succeed(&call)?;
        let list: NamespaceList = answer.json("a list of namespaces")?;
        match answer.missing_rows(list.namespaces.len()) {
            None => Ok(list.namespaces),
            missing => Err(incomplete("namespaces", list.namespaces.len(), missing)),
        }
    }

    /// Shows a namespace (section 3.2).
    ///
    /// # Errors
    /// Those of [`Service::succeed`]; status 404 when there is none that the caller can see.
    pub fn require_namespace(&self, namespace: &Namespace) -> Result<NamespaceInfo, Error> {
        self.succeed(&Call::read(format!("/v2/manage/namespaces/{namespace}")))?
            .json("a namespace")
    }

    /// Shows a namespace; `None` when there is none that the caller can see.
    pub fn namespace(&self, namespace: &Namespace) -> Result<Option<NamespaceInfo>, Error> {
        unless_missing(self.require_namespace(namespace))
    }

    /// Creates a namespace; the response may have any status, because a 409 has to be interpreted.
    pub fn create_namespace(&self, namespace: &Namespace) -> Result<Answer, Error> {
        self.send(&create_call(namespace))
    }
}
