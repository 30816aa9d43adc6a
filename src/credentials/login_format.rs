//! The logins as they appear in their file: JSON, and the one place where their secrets are text.
//!
//! `store` reads and writes it.

use serde::{Deserialize, Serialize};

use super::keys::Keys;
use super::logins::{Entry, Login, Logins, TokenLogin};
use crate::names::{Parse, RegionId};
use crate::secret::Secret;

/// The file's version; others are not read.
const VERSION: u32 = 1;

/// The file's shape. Secrets are text here and nowhere else.
#[derive(Serialize, Deserialize)]
pub(super) struct Wire {
    version: u32,
    logins: Vec<WireLogin>,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum WireLogin {
    Token {
        profile: Option<String>,
        region: String,
        token: String,
        project_id: Option<String>,
        account: Option<String>,
        user: Option<String>,
        expires_at: Option<String>,
    },
    Keys {
        profile: Option<String>,
        access_key: String,
        secret_key: String,
        security_token: Option<String>,
    },
}

impl Wire {
    pub(super) fn of(logins: &Logins) -> Wire {
        Wire {
            version: VERSION,
            logins: logins.entries.iter().map(WireLogin::of).collect(),
        }
    }
}

impl WireLogin {
    fn of(entry: &Entry) -> WireLogin {
        let profile = entry.profile.clone();
        match &entry.login {
            Login::Token(login) => WireLogin::Token {
                profile,
                region: login.region.to_string(),
                token: login.token.expose().to_owned(),
                project_id: login.project_id.clone(),
                account: login.account.clone(),
                user: login.user.clone(),
                expires_at: login.expires_at.map(|time| time.to_string()),
            },
            Login::Keys(keys) => WireLogin::Keys {
                profile,
                access_key: keys.access_key.clone(),
                secret_key: keys.secret_key.expose().to_owned(),
                security_token: keys.security_token.as_ref().map(|s| s.expose().to_owned()),
            },
        }
    }

    fn read(self) -> Option<Entry> {
        let (profile, login) = match self {
            WireLogin::Token {
                profile,
                region,
                token,
                project_id,
                account,
                user,
                expires_at,
            } => {
                let login = TokenLogin {
                    region: RegionId::parse(&region).ok()?,
                    token: Secret::new(token),
                    project_id,
                    account,
                    user,
                    expires_at: match expires_at {
                        Some(text) => Some(text.parse().ok()?),
                        None => None,
                    },
                };
                (profile, Login::Token(login))
            }
            WireLogin::Keys {
                profile,
                access_key,
                secret_key,
                security_token,
            } => {
                let keys = Keys {
                    access_key,
                    secret_key: Secret::new(secret_key),
                    security_token: security_token.map(Secret::new),
                };
                (profile, Login::Keys(keys))
            }
        };
        Some(Entry { profile, login })
    }
}

/// Reads the file; `None` when it is damaged.
pub(super) fn parse(bytes: &[u8]) -> Option<Logins> {
    let wire: Wire = serde_json::from_slice(bytes).ok()?;
    if wire.version != VERSION {
        return None;
    }
    let entries: Option<Vec<Entry>> = wire.logins.into_iter().map(WireLogin::read).collect();
    Some(Logins {
        entries: entries?,
        is_damaged: false,
    })
}
