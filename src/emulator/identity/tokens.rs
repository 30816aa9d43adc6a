//! Tokens: the fixed one of each region and those that IAM issued; what each is valid for.
//!
//! Source: `reference/swr-api.md` sections 5.1, 6.3, 6.4 and 7.13.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};

use super::account;
use super::time::later;
use crate::emulator::refusal::Refusal;
use crate::names::RegionId;

/// "Valid 24 hours".
const LIFETIME: SignedDuration = SignedDuration::from_hours(24);

/// What a token is valid for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Scope {
    /// The default project of a region.
    Project(RegionId),
    /// The account: a global token, not usable for SWR.
    Account,
    /// Nothing yet: what OIDC v3 gives when no scope was asked for.
    Unscoped,
}

/// A token that IAM knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) scope: Scope,
    pub(super) user: String,
    pub(super) issued_at: Timestamp,
    /// The fixed tokens have no end: an emulator that runs for days keeps them.
    pub(super) expires_at: Option<Timestamp>,
}

/// Why a token is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dead {
    /// It was never issued.
    Unknown,
    /// It has expired.
    Expired,
}

/// All tokens, by their text.
pub(super) struct Tokens {
    known: HashMap<String, Token>,
    issued: u64,
}

impl Tokens {
    /// Knows the fixed token of each region.
    pub(super) fn new(regions: &[RegionId], now: Timestamp) -> Tokens {
        let fixed_of = |region: &RegionId| Token {
            scope: Scope::Project(region.clone()),
            user: account::ALICE.name.to_owned(),
            issued_at: now,
            expires_at: None,
        };
        Tokens {
            known: regions
                .iter()
                .map(|region| (fixed(region.as_str()), fixed_of(region)))
                .collect(),
            issued: 0,
        }
    }

    /// Issues a token and returns its text with what it is. Expired ones are forgotten: they are
    /// answered like unknown ones.
    pub(super) fn issue(&mut self, scope: Scope, user: &str, now: Timestamp) -> (String, Token) {
        let expired = |token: &Token| {
            token
                .expires_at
                .is_some_and(|end| later(end, LIFETIME) < now)
        };
        self.known.retain(|_, token| !expired(token));
        self.issued += 1;
        let text = account::token_text(&format!("token {}", self.issued));
        let token = Token {
            scope,
            user: user.to_owned(),
            issued_at: now,
            expires_at: Some(later(now, LIFETIME)),
        };
        self.known.insert(text.clone(), token.clone());
        (text, token)
    }

    /// Returns the token if it is valid at `now`.
    pub(super) fn find(&self, text: &str, now: Timestamp) -> Result<&Token, Dead> {
        let token = self.known.get(text).ok_or(Dead::Unknown)?;
        if token.expires_at.is_some_and(|end| now >= end) {
            return Err(Dead::Expired);
        }
        Ok(token)
    }

    /// Validates a token at the gateway of a region: it counts in the region of its project, or,
    /// with `everywhere`, in all of them; one without a project counts nowhere.
    pub(super) fn validate(
        &self,
        text: &str,
        region: &str,
        everywhere: bool,
        now: Timestamp,
    ) -> Result<&Token, Refusal> {
        // These words cover wrong, cut, foreign and expired tokens.
        let failed = || Refusal::incorrect("decrypt token fail");
        let token = self.find(text, now).map_err(|_| failed())?;
        match &token.scope {
            Scope::Project(own) if own.as_str() == region || everywhere => Ok(token),
            Scope::Project(_) => Err(failed()),
            Scope::Account | Scope::Unscoped => Err(Refusal::incorrect(
                "the token has no project scope, a project-scoped token is needed",
            )),
        }
    }
}

/// Returns the text of the region's fixed token.
pub(super) fn fixed(region: &str) -> String {
    account::token_text(&format!("fixed token {region}"))
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};

    use super::{Refusal, Scope, Tokens, fixed};
    use crate::names::{Parse, RegionId};

    const DAY: SignedDuration = SignedDuration::from_hours(24);
    const NORTH: &str = "cn-north-4";
    const EAST: &str = "cn-east-3";

    fn tokens() -> Tokens {
        let regions = [NORTH, EAST].map(|id| RegionId::parse(id).unwrap());
        Tokens::new(&regions, noon())
    }

    fn noon() -> Timestamp {
        "2026-03-01T12:00:00Z".parse().unwrap()
    }

    #[test]
    fn a_token_counts_in_the_region_of_its_project_or_everywhere() {
        let tokens = tokens();
        let user = |token: &str, region: &str, everywhere: bool| {
            let found = tokens.validate(token, region, everywhere, noon());
            found.map(|token| token.user.clone())
        };
        let (alice, refused) = ("alice".to_owned(), Refusal::incorrect("decrypt token fail"));
        assert_eq!(user(&fixed(NORTH), NORTH, false), Ok(alice.clone()));
        assert_eq!(user(&fixed(NORTH), EAST, true), Ok(alice));
        let mut cut = fixed(NORTH);
        cut.pop();
        for text in [fixed(EAST), cut, String::new(), "MIItest".to_owned()] {
            assert_eq!(user(&text, NORTH, false), Err(refused.clone()), "{text}");
        }
    }

    #[test]
    fn a_token_without_a_project_is_refused_everywhere() {
        let mut tokens = tokens();
        for scope in [Scope::Account, Scope::Unscoped] {
            let (text, _) = tokens.issue(scope, "alice", noon());
            let refused = tokens.validate(&text, NORTH, true, noon()).map(|_| ());
            let why = "the token has no project scope, a project-scoped token is needed";
            assert_eq!(refused, Err(Refusal::incorrect(why)));
        }
    }

    #[test]
    fn an_issued_token_lives_for_a_day_and_a_fixed_one_for_ever() {
        let mut tokens = tokens();
        let scope = Scope::Project(RegionId::parse(NORTH).unwrap());
        let (text, token) = tokens.issue(scope, "mfa", noon());
        let end = noon() + DAY;
        assert_eq!(token.expires_at, Some(end));
        let valid = |text: &str, now| tokens.validate(text, NORTH, false, now).is_ok();
        assert!(valid(&text, end - SignedDuration::from_secs(1)));
        assert!(!valid(&text, end));
        assert!(valid(&fixed(NORTH), noon() + DAY * 365));
    }

    #[test]
    fn a_new_token_does_not_end_the_one_before() {
        let mut tokens = tokens();
        let scope = || Scope::Project(RegionId::parse(NORTH).unwrap());
        let [first, second] = [(); 2].map(|()| tokens.issue(scope(), "alice", noon()).0);
        assert_ne!(first, second);
        for text in [first, second] {
            assert!(tokens.validate(&text, NORTH, false, noon()).is_ok());
        }
    }
}
