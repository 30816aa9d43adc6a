//! IAM: tokens for an id token, OIDC v3.
//!
//! Source: `reference/swr-api.md` section 5.4.

use std::sync::Arc;

use axum::Router;
use axum::routing::post;
use serde_json::json;

use super::Identity;
use super::account::{IDENTITY_PROVIDER, id_of};
use super::answer::Answer;
use super::asked::{Asked, played_by_iam, text_at};
use super::iam::{domain, invalid_body, scope_of, token_answer};
use super::id_token;
use super::tokens::Scope;

const ENDPOINT: &str = "/v3/OS-FEDERATION/identity_providers/{idp}/protocols/oidc/auth";

pub(super) fn routes() -> Router<Arc<Identity>> {
    Router::new()
        .route(
            "/v3.0/OS-AUTH/id-token/tokens",
            post(played_by_iam(token_for_id_token)),
        )
        .route(ENDPOINT, post(played_by_iam(token_of_provider)))
}

/// POST /v3.0/OS-AUTH/id-token/tokens
fn token_for_id_token(identity: &Identity, asked: &Asked) -> Result<Answer, Answer> {
    let provider = asked
        .header("x-idp-id")
        .ok_or_else(|| Answer::iam(400, "The header X-Idp-Id is missing."))?;
    let body = asked.json().ok_or_else(invalid_body)?;
    let id_token = text_at(&body, "/auth/id_token/id").ok_or_else(invalid_body)?;
    let user = mapped_user(identity, provider, id_token)?;
    let scope = scope_of(identity, &body, Scope::Unscoped)?;
    Ok(issued(identity, scope, &user))
}

/// POST /v3/OS-FEDERATION/identity_providers/{idp}/protocols/oidc/auth
fn token_of_provider(identity: &Identity, asked: &Asked) -> Result<Answer, Answer> {
    let provider = asked.path().split('/').nth(4).unwrap_or_default();
    let id_token = asked
        .bearer()
        .ok_or_else(|| Answer::iam(401, "Authorization is not 'Bearer {id token}'."))?;
    let user = mapped_user(identity, provider, id_token)?;
    Ok(issued(identity, Scope::Unscoped, &user))
}

/// Returns the user to whom the id token's subject is mapped: one of the same name.
fn mapped_user(identity: &Identity, provider: &str, id_token: &str) -> Result<String, Answer> {
    if provider != IDENTITY_PROVIDER {
        let text = format!("Could not find identity provider: {provider}.");
        return Err(Answer::iam(404, &text));
    }
    id_token::judge(id_token, identity.now())
        .map_err(|untrusted| Answer::iam(401, &untrusted.text()))
}

fn issued(identity: &Identity, scope: Scope, user: &str) -> Answer {
    let (text, token) = identity.issue_token(scope, user);
    let federation = json!({
        "identity_provider": {"id": IDENTITY_PROVIDER},
        "protocol": {"id": "oidc"},
        "groups": [{"id": id_of("group workflows"), "name": "workflows"}],
    });
    let who = json!({
        "id": id_of(&format!("user {user}")), "name": user, "domain": domain(),
        "OS-FEDERATION": federation,
    });
    token_answer(&text, &token, &["mapped"], &who)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::id_token::{fixed, made};
    use super::super::support::{Played, east, north};

    const V3: &str = "/v3.0/OS-AUTH/id-token/tokens";
    const PROVIDER: &str = "/v3/OS-FEDERATION/identity_providers/emulator-idp/protocols/oidc/auth";

    fn asking(id_token: &str, scope: &Value) -> String {
        let mut auth = json!({"id_token": {"id": id_token}});
        if !scope.is_null() {
            auth["scope"] = scope.clone();
        }
        json!({"auth": auth}).to_string()
    }

    #[test]
    fn an_id_token_with_a_project_gives_a_token_that_serves_swr() {
        let played = Played::start();
        let scope = json!({"project": {"name": "cn-east-3"}});
        let body = asking(&fixed(), &scope);
        let answer = played.post(V3, &[("x-idp-id", "emulator-idp")], &body);
        assert_eq!(answer.status, 201);
        let token = answer.json()["token"].clone();
        assert_eq!(token["methods"], json!(["mapped"]));
        assert_eq!(token["project"]["name"], "cn-east-3");
        assert_eq!(
            token["user"]["OS-FEDERATION"]["identity_provider"],
            json!({"id": "emulator-idp"})
        );
        let text = answer.header("x-subject-token");
        let caller = played.with_token(&text, &east()).unwrap();
        assert_eq!(caller.user, "repo:demo/web:ref:refs/heads/main");
        assert!(played.with_token(&text, &north()).is_err());
    }

    #[test]
    fn an_unscoped_token_is_good_for_keys_only() {
        let played = Played::start();
        let bearer = format!("Bearer {}", fixed());
        for answer in [
            played.post(
                V3,
                &[("x-idp-id", "emulator-idp")],
                &asking(&fixed(), &Value::Null),
            ),
            played.post(PROVIDER, &[("authorization", &bearer)], ""),
        ] {
            assert_eq!(answer.status, 201);
            assert_eq!(answer.json()["token"]["project"], Value::Null);
            let text = answer.header("x-subject-token");
            assert!(played.with_token(&text, &north()).is_err());
            let identity = json!({"methods": ["token"], "token": {"id": text}});
            let body = json!({"auth": {"identity": identity}}).to_string();
            let keys = played.post("/v3.0/OS-CREDENTIAL/securitytokens", &[], &body);
            assert_eq!(keys.status, 201);
        }
    }

    #[test]
    fn what_the_provider_does_not_trust_is_refused() {
        let played = Played::start();
        let refused = |provider: &str, id_token: &str| {
            let body = asking(id_token, &Value::Null);
            let answer = played.post(V3, &[("x-idp-id", provider)], &body);
            (answer.status, answer.json()["error"]["message"].clone())
        };
        assert_eq!(
            refused("other", &fixed()),
            (404, "Could not find identity provider: other.".into())
        );
        assert_eq!(
            refused("emulator-idp", &made("x", 0, 4_000_000_000)),
            (
                401,
                "The id token is for 'x', the provider trusts 'swr-emulator'.".into()
            )
        );
        assert_eq!(
            refused("emulator-idp", &made("swr-emulator", 0, 100)),
            (
                401,
                "The id token expired at 1970-01-01T00:01:40.000000Z.".into()
            )
        );
        let answer = played.post(V3, &[], &asking(&fixed(), &Value::Null));
        assert_eq!(answer.status, 400);
        assert_eq!(played.post(PROVIDER, &[], "").status, 401);
    }
}
