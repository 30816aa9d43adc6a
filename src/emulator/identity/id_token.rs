//! ID tokens of OIDC: made for those who try the emulator, checked by audience, issuer and end. The
//! signature is not looked at: the emulator has no keys of a provider.
//!
//! Source: `reference/swr-api.md` section 5.4.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::account::{AUDIENCE, provider_urn};
use super::time::written;

/// The issuer whom the provider trusts: GitHub's.
pub(super) const ISSUER: &str = "https://token.actions.githubusercontent.com";
/// The audience of a token that a workflow fetched without naming one.
pub(super) const DEFAULT_AUDIENCE: &str = "https://github.com/demo";
const SUBJECT: &str = "repo:demo/web:ref:refs/heads/main";
/// The first second of 2026 and of 2100, between which the fixed token is good.
const FIXED_LIFE: (i64, i64) = (1_767_225_600, 4_102_444_800);

/// Why an id token is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Untrusted {
    Malformed,
    Issuer(String),
    Audience(String),
    Expired(Timestamp),
}

impl Untrusted {
    pub(super) fn text(&self) -> String {
        match self {
            Untrusted::Malformed => "The id token is no JWT with iss, aud and exp.".to_owned(),
            Untrusted::Issuer(issuer) => {
                format!("The id token is from '{issuer}', the provider trusts '{ISSUER}'.")
            }
            Untrusted::Audience(audience) => {
                format!("The id token is for '{audience}', the provider trusts '{AUDIENCE}'.")
            }
            Untrusted::Expired(end) => format!("The id token expired at {}.", written(*end)),
        }
    }
}

/// Returns the fixed id token, good until 2100.
pub(super) fn fixed() -> String {
    let (issued_at, expires_at) = FIXED_LIFE;
    made(AUDIENCE, issued_at, expires_at)
}

/// Makes an id token; times are seconds since 1970.
pub(super) fn made(audience: &str, issued_at: i64, expires_at: i64) -> String {
    encoded(&json!({
        "iss": ISSUER, "sub": SUBJECT, "aud": audience,
        "iat": issued_at, "nbf": issued_at, "exp": expires_at,
        "repository": "demo/web", "repository_owner": "demo", "ref": "refs/heads/main",
    }))
}

fn encoded(claims: &Value) -> String {
    let header = json!({"typ": "JWT", "alg": "RS256", "kid": "swr-emulator"});
    let [header, claims, signature] = [
        header.to_string(),
        claims.to_string(),
        "nobody checks this signature".repeat(8),
    ]
    .map(|part| URL_SAFE_NO_PAD.encode(part));
    format!("{header}.{claims}.{signature}")
}

/// Validates an id token and returns its subject.
pub(super) fn validate(token: &str, now: Timestamp) -> Result<String, Untrusted> {
    let claims = claims_of(token).ok_or(Untrusted::Malformed)?;
    let issuer = claims["iss"].as_str().ok_or(Untrusted::Malformed)?;
    let end = claims["exp"].as_i64().ok_or(Untrusted::Malformed)?;
    let end = Timestamp::from_second(end).map_err(|_| Untrusted::Malformed)?;
    let audiences: Vec<&str> = match &claims["aud"] {
        Value::String(audience) => vec![audience],
        Value::Array(audiences) => audiences.iter().filter_map(Value::as_str).collect(),
        _ => return Err(Untrusted::Malformed),
    };
    if issuer != ISSUER {
        return Err(Untrusted::Issuer(issuer.to_owned()));
    }
    if !audiences.iter().any(|audience| is_trusted(audience)) {
        return Err(Untrusted::Audience(audiences.join(", ")));
    }
    if now >= end {
        return Err(Untrusted::Expired(end));
    }
    Ok(claims["sub"].as_str().unwrap_or_default().to_owned())
}

/// Besides its own audience the provider trusts its URN and the default of GitHub's token service:
/// which one a client asks for is its choice.
fn is_trusted(audience: &str) -> bool {
    audience == AUDIENCE || audience == DEFAULT_AUDIENCE || audience == provider_urn()
}

fn claims_of(token: &str) -> Option<Value> {
    let [header, claims, _signature] = token.split('.').collect::<Vec<&str>>()[..] else {
        return None;
    };
    let decoded = |part: &str| {
        let bytes = URL_SAFE_NO_PAD.decode(part).ok()?;
        let value: Value = serde_json::from_slice(&bytes).ok()?;
        value.is_object().then_some(value)
    };
    decoded(header)?;
    decoded(claims)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use serde_json::json;

    use super::super::account::{AUDIENCE, provider_urn};
    use super::{DEFAULT_AUDIENCE, ISSUER, SUBJECT, Untrusted, encoded, fixed, made, validate};

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn the_fixed_token_is_good_until_2100() {
        assert_eq!(
            validate(&fixed(), at("2099-12-31T23:59:59Z")),
            Ok(SUBJECT.to_owned())
        );
        let end = at("2100-01-01T00:00:00Z");
        assert_eq!(validate(&fixed(), end), Err(Untrusted::Expired(end)));
    }

    #[test]
    fn a_token_for_someone_else_is_refused() {
        let judged = |audience: &str| validate(&made(audience, 0, 100), at("1970-01-01T00:01:00Z"));
        for trusted in [AUDIENCE, DEFAULT_AUDIENCE, &provider_urn()] {
            assert_eq!(judged(trusted), Ok(SUBJECT.to_owned()));
        }
        assert_eq!(
            judged("sts.example.com"),
            Err(Untrusted::Audience("sts.example.com".to_owned()))
        );
    }

    #[test]
    fn one_of_several_audiences_is_enough() {
        let several = json!({"iss": ISSUER, "aud": ["other", AUDIENCE], "exp": 100, "sub": "me"});
        let judged = validate(&encoded(&several), at("1970-01-01T00:01:00Z"));
        assert_eq!(judged, Ok("me".to_owned()));
    }

    #[test]
    fn a_token_from_someone_else_is_refused() {
        let other = json!({"iss": "https://gitlab.com", "aud": AUDIENCE, "exp": 100});
        let judged = validate(&encoded(&other), at("1970-01-01T00:01:00Z"));
        assert_eq!(
            judged,
            Err(Untrusted::Issuer("https://gitlab.com".to_owned()))
        );
    }

    #[test]
    fn what_is_no_jwt_is_refused() {
        let no_end = encoded(&json!({"iss": ISSUER, "aud": AUDIENCE}));
        let no_object = encoded(&json!([]));
        let two_parts = fixed().rsplit_once('.').unwrap().0.to_owned();
        for token in ["", "a.b.c", &no_end, &no_object, &two_parts] {
            assert_eq!(
                validate(token, at("1970-01-01T00:00:00Z")),
                Err(Untrusted::Malformed),
                "{token}"
            );
        }
    }
}
