//! Tokens: the fixed one of each region and those that IAM issued; what each is good for.
//!
//! Source: `reference/swr-api.md` sections 5.1, 6.3, 6.4 and 7.13.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};

use super::clock::later;
use super::{Refusal, account};
use crate::names::RegionId;

/// "Valid 24 hours".
const LIFETIME: SignedDuration = SignedDuration::from_hours(24);

/// What a token is good for.
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
    revoked: bool,
}

/// Why a token is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dead {
    /// Nobody issued it.
    Unknown,
    /// Its end has come.
    Expired,
    /// It died early, because the user, password, keys or permissions changed.
    Revoked,
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
            revoked: false,
        };
        Tokens {
            known: regions
                .iter()
                .map(|region| (fixed(region), fixed_of(region)))
                .collect(),
            issued: 0,
        }
    }

    /// Makes a token and returns its text with what it is.
    pub(super) fn issue(
        &mut self,
        scope: Scope,
        user: &str,
        now: Timestamp,
        lifetime: Option<SignedDuration>,
    ) -> (String, Token) {
        self.issued += 1;
        let text = account::token_text(&format!("token {}", self.issued));
        let token = Token {
            scope,
            user: user.to_owned(),
            issued_at: now,
            expires_at: Some(later(now, lifetime.unwrap_or(LIFETIME))),
            revoked: false,
        };
        self.known.insert(text.clone(), token.clone());
        (text, token)
    }

    /// Returns the token if it lives.
    pub(super) fn living(&self, text: &str, now: Timestamp) -> Result<&Token, Dead> {
        let token = self.known.get(text).ok_or(Dead::Unknown)?;
        if token.expires_at.is_some_and(|end| now >= end) {
            Err(Dead::Expired)
        } else if token.revoked {
            Err(Dead::Revoked)
        } else {
            Ok(token)
        }
    }

    /// Judges a token at the gateway of a region: it counts in the region of its project, or, where
    /// `everywhere` says so, in all of them; one without a project counts nowhere.
    pub(super) fn judge(
        &self,
        text: &str,
        region: &RegionId,
        everywhere: bool,
        now: Timestamp,
    ) -> Result<(&Token, &RegionId), Refusal> {
        let token = self.living(text, now).map_err(Dead::at_the_gateway)?;
        match &token.scope {
            Scope::Project(own) if own == region || everywhere => Ok((token, own)),
            Scope::Project(_) => Err(Dead::Unknown.at_the_gateway()),
            Scope::Account | Scope::Unscoped => Err(Refusal::incorrect(
                "the token has no project scope, a project-scoped token is needed",
            )),
        }
    }

    /// Ends a token's time, as if its 24 hours were over. False when there is no such token.
    pub(super) fn expire(&mut self, text: &str, now: Timestamp) -> bool {
        self.change(text, |token| token.expires_at = Some(now))
    }

    /// Lets a token die early. False when there is no such token.
    pub(super) fn revoke(&mut self, text: &str) -> bool {
        self.change(text, |token| token.revoked = true)
    }

    fn change(&mut self, text: &str, change: impl FnOnce(&mut Token)) -> bool {
        self.known.get_mut(text).map(change).is_some()
    }
}

impl Dead {
    /// The gateway's words: `decrypt token fail` covers wrong, cut, foreign and expired tokens.
    fn at_the_gateway(self) -> Refusal {
        match self {
            Dead::Unknown | Dead::Expired => Refusal::incorrect("decrypt token fail"),
            Dead::Revoked => Refusal::new(401, "APIGW.0307", "The token must be updated"),
        }
    }
}

/// Returns the text of the region's fixed token.
pub(super) fn fixed(region: &RegionId) -> String {
    account::token_text(&format!("fixed token {region}"))
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};

    use crate::names::{Parse, RegionId};

    use super::super::Refusal;
    use super::{Scope, Tokens, fixed};

    const DAY: SignedDuration = SignedDuration::from_hours(24);

    fn regions() -> [RegionId; 2] {
        ["cn-north-4", "cn-east-3"].map(|id| RegionId::parse(id).unwrap())
    }

    fn noon() -> Timestamp {
        "2026-03-01T12:00:00Z".parse().unwrap()
    }

    fn decrypt_fails() -> Refusal {
        Refusal {
            status: 401,
            code: "APIGW.0301".to_owned(),
            text: "Incorrect IAM authentication information: decrypt token fail".to_owned(),
        }
    }

    #[test]
    fn a_token_counts_in_its_region_only() {
        let [north, east] = regions();
        let tokens = Tokens::new(&regions(), noon());
        let judged = |text: &str, region| {
            let verdict = tokens.judge(text, region, false, noon());
            verdict.map(|(token, own)| (token.user.clone(), own.clone()))
        };
        let alice = |region: &RegionId| Ok(("alice".to_owned(), region.clone()));
        assert_eq!(judged(&fixed(&north), &north), alice(&north));
        assert_eq!(judged(&fixed(&east), &east), alice(&east));
        assert_eq!(judged(&fixed(&north), &east), Err(decrypt_fails()));
    }

    #[test]
    fn a_token_counts_everywhere_where_the_emulator_was_told_so() {
        let [north, east] = regions();
        let tokens = Tokens::new(&regions(), noon());
        let verdict = tokens.judge(&fixed(&north), &east, true, noon());
        assert_eq!(verdict.map(|(_, own)| own.clone()), Ok(north));
    }

    #[test]
    fn a_token_that_nobody_issued_is_refused() {
        let [north, _] = regions();
        let tokens = Tokens::new(&regions(), noon());
        let mut cut = fixed(&north);
        cut.pop();
        for text in [cut.as_str(), "", "MIItest"] {
            let verdict = tokens.judge(text, &north, true, noon()).map(|_| ());
            assert_eq!(verdict, Err(decrypt_fails()), "{text}");
        }
    }

    #[test]
    fn a_token_without_a_project_is_refused_everywhere() {
        let [north, _] = regions();
        let mut tokens = Tokens::new(&regions(), noon());
        for scope in [Scope::Account, Scope::Unscoped] {
            let (text, _) = tokens.issue(scope, "alice", noon(), None);
            let refusal = Refusal {
                status: 401,
                code: "APIGW.0301".to_owned(),
                text: "Incorrect IAM authentication information: the token has no project scope, \
                       a project-scoped token is needed"
                    .to_owned(),
            };
            let verdict = tokens.judge(&text, &north, true, noon()).map(|_| ());
            assert_eq!(verdict, Err(refusal));
        }
    }

    #[test]
    fn an_issued_token_lives_for_a_day_and_a_fixed_one_for_ever() {
        let [north, _] = regions();
        let mut tokens = Tokens::new(&regions(), noon());
        let (text, token) = tokens.issue(Scope::Project(north.clone()), "mfa", noon(), None);
        assert_eq!(token.expires_at, Some(noon() + DAY));
        let judged = |text: &str, now| tokens.judge(text, &north, false, now).map(|_| ());
        let end = noon() + DAY;
        assert_eq!(judged(&text, end - SignedDuration::from_secs(1)), Ok(()));
        assert_eq!(judged(&text, end), Err(decrypt_fails()));
        assert_eq!(judged(&fixed(&north), noon() + DAY * 365), Ok(()));
    }

    #[test]
    fn a_token_that_died_early_must_be_updated() {
        let [north, east] = regions();
        let mut tokens = Tokens::new(&regions(), noon());
        assert!(tokens.revoke(&fixed(&north)));
        assert!(tokens.expire(&fixed(&east), noon()));
        assert!(!tokens.revoke("nobody's"));
        let revoked = Refusal {
            status: 401,
            code: "APIGW.0307".to_owned(),
            text: "The token must be updated".to_owned(),
        };
        let judged = |region| {
            tokens
                .judge(&fixed(region), region, false, noon())
                .map(|_| ())
        };
        assert_eq!(judged(&north), Err(revoked));
        assert_eq!(judged(&east), Err(decrypt_fails()));
    }

    #[test]
    fn a_new_token_does_not_end_the_old_one() {
        let [north, _] = regions();
        let mut tokens = Tokens::new(&regions(), noon());
        let scope = || Scope::Project(north.clone());
        let (first, _) = tokens.issue(scope(), "alice", noon(), None);
        let (second, _) = tokens.issue(scope(), "alice", noon(), None);
        assert_ne!(first, second);
        for text in [first, second] {
            assert!(tokens.judge(&text, &north, false, noon()).is_ok());
        }
    }
}
