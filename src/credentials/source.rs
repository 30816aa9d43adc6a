//! What a credential is, once it is known where it comes from.
//!
//! The chain makes one, `open` turns it into something that authorizes requests. Everything that
//! an exchange over the network needs is in it, validated; nothing has been sent.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Serialize;
use url::Url;

use super::keys::Keys;
use crate::endpoint::Endpoint;
use crate::secret::Secret;

/// The kind of a credential, as `auth status` names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A token: for one region's project.
    Token,
    /// Keys: for all regions.
    Keys,
    /// Temporary keys of the machine's agency.
    Metadata,
    /// Temporary keys of the pod's identity.
    Pod,
    /// A credential in exchange for an id token.
    Oidc,
}

impl Kind {
    /// Returns the kind's name.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Token => "token",
            Kind::Keys => "keys",
            Kind::Metadata => "metadata",
            Kind::Pod => "pod",
            Kind::Oidc => "oidc",
        }
    }

    /// Returns `true` if a credential of this kind serves every region; a token does not
    /// (`reference/swr-api.md` 7.13).
    pub fn serves_all_regions(self) -> bool {
        self != Kind::Token
    }
}

/// A credential, or how to get it.
#[derive(Debug, Clone)]
pub enum Source {
    /// A token.
    Token(Secret),
    /// A program that prints a token.
    Command {
        /// The program and its arguments.
        words: Vec<String>,
        /// How long it may take.
        limit: Duration,
    },
    /// Keys.
    Keys(Keys),
    /// Temporary keys from the metadata service at this address.
    Metadata(Endpoint),
    /// Temporary keys from the pod's identity.
    Pod(Pod),
    /// Temporary keys from STS for an id token (v5).
    Sts(Sts),
    /// A token from IAM for an id token (v3).
    Federation(Federation),
}

impl Source {
    /// Returns `true` if requests are signed, which needs the right time; else they carry a token.
    pub fn signs(&self) -> bool {
        match self {
            Source::Token(_) | Source::Command { .. } | Source::Federation(_) => false,
            Source::Keys(_) | Source::Metadata(_) | Source::Pod(_) | Source::Sts(_) => true,
        }
    }

    /// Returns the file that is read for each exchange and holds a secret.
    pub(super) fn secret_file(&self) -> Option<&Path> {
        match self {
            Source::Pod(pod) => Some(&pod.token_file),
            Source::Sts(Sts { id_token, .. }) | Source::Federation(Federation { id_token, .. }) => {
                match id_token {
                    IdToken::File(path) => Some(path),
                    IdToken::Value(_) | IdToken::GitHub { .. } => None,
                }
            }
            _ => None,
        }
    }

    /// Returns the secrets in it; what is read or fetched for an exchange is not there yet.
    pub(super) fn secrets(&self) -> Vec<&Secret> {
        match self {
            Source::Token(token) => vec![token],
            Source::Keys(keys) => [&keys.secret_key]
                .into_iter()
                .chain(&keys.security_token)
                .collect(),
            Source::Sts(Sts { id_token, .. }) | Source::Federation(Federation { id_token, .. }) => {
                match id_token {
                    IdToken::Value(secret)
                    | IdToken::GitHub {
                        request_token: secret,
                        ..
                    } => vec![secret],
                    IdToken::File(_) => Vec::new(),
                }
            }
            Source::Command { .. } | Source::Metadata(_) | Source::Pod(_) => Vec::new(),
        }
    }

    /// Returns the kind.
    pub fn kind(&self) -> Kind {
        match self {
            Source::Token(_) | Source::Command { .. } => Kind::Token,
            Source::Keys(_) => Kind::Keys,
            Source::Metadata(_) => Kind::Metadata,
            Source::Pod(_) => Kind::Pod,
            Source::Sts(_) | Source::Federation(_) => Kind::Oidc,
        }
    }
}

/// The identity of a pod of CCE (`reference/swr-api.md` 5.4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pod {
    /// The address that gives the keys; plain http is allowed.
    pub address: Url,
    /// The file that holds what authorizes the pod.
    pub token_file: PathBuf,
}

/// What STS needs to give keys for an id token (`reference/swr-api.md` 5.4, OIDC v5).
#[derive(Debug, Clone)]
pub struct Sts {
    /// The address of STS.
    pub endpoint: Endpoint,
    /// The identity provider.
    pub provider_urn: String,
    /// The agency to assume.
    pub agency_urn: String,
    /// The session's name.
    pub session_name: String,
    /// How many seconds the keys last.
    pub duration_seconds: u32,
    /// A policy that narrows the session.
    pub policy: Option<String>,
    /// Ids of policies that narrow the session.
    pub policy_ids: Vec<String>,
    /// The id token, or how to get it.
    pub id_token: IdToken,
}

/// What IAM needs to give a token for an id token (`reference/swr-api.md` 5.4, OIDC v3).
#[derive(Debug, Clone)]
pub struct Federation {
    /// The address of IAM.
    pub endpoint: Endpoint,
    /// The identity provider's id.
    pub identity_provider: String,
    /// The id token.
    pub id_token: IdToken,
}

/// An id token, or how to get it.
#[derive(Debug, Clone)]
pub enum IdToken {
    /// The token itself.
    Value(Secret),
    /// A file, which is read anew each time: its owner renews it.
    File(PathBuf),
    /// GitHub's service for the job.
    GitHub {
        /// Where it is asked.
        address: Url,
        /// What authorizes the job.
        request_token: Secret,
    },
}
