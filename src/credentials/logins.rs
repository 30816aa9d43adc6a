//! The logins of a user: a token for a region, or keys for all of them, each under a profile.
//!
//! `store` keeps them, `login_format` reads and writes them, the chain looks one up. Knows no file.

use jiff::Timestamp;

use super::keys::Keys;
use crate::names::RegionId;
use crate::secret::Secret;

/// What a login was made with.
#[derive(Debug, Clone)]
pub enum Login {
    /// A token, for one region.
    Token(TokenLogin),
    /// Keys, for all regions.
    Keys(Keys),
}

/// A token with what is known of it.
#[derive(Debug, Clone)]
pub struct TokenLogin {
    /// The region that it is for.
    pub region: RegionId,
    /// The token.
    pub token: Secret,
    /// The id of the project that it is for.
    pub project_id: Option<String>,
    /// The account's name.
    pub account: Option<String>,
    /// The user's name.
    pub user: Option<String>,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
}

/// All logins, as read.
#[derive(Debug, Clone, Default)]
pub struct Logins {
    pub(super) entries: Vec<Entry>,
    /// Whether the file is there and cannot be understood.
    pub is_damaged: bool,
}

/// A login with the profile that it belongs to.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) profile: Option<String>,
    pub(super) login: Login,
}

impl Logins {
    /// Returns the login of a profile that counts in a region: its token, else its keys.
    pub fn find(&self, profile: Option<&str>, region: Option<&RegionId>) -> Option<&Login> {
        let mut own = self
            .entries
            .iter()
            .filter(|entry| entry.profile.as_deref() == profile)
            .map(|entry| &entry.login);
        let token = own
            .clone()
            .find(|login| matches!(login, Login::Token(token) if Some(&token.region) == region));
        token.or_else(|| own.find(|login| matches!(login, Login::Keys(_))))
    }

    /// Returns `true` if there is none of any profile.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Adds a login in the place of the one that it supersedes: a token that of its region, keys
    /// all of the profile.
    pub(super) fn add(&mut self, profile: Option<&str>, login: Login) {
        self.entries.retain(|entry| {
            entry.profile.as_deref() != profile
                || match (&login, &entry.login) {
                    (Login::Token(new), Login::Token(old)) => new.region != old.region,
                    (Login::Token(_), Login::Keys(_)) => true,
                    (Login::Keys(_), _) => false,
                }
        });
        self.entries.push(Entry {
            profile: profile.map(str::to_owned),
            login,
        });
    }
}
