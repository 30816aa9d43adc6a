//! IAM: tokens for a password, temporary keys for a token.
//!
//! Source: `reference/swr-api.md` sections 5.1, 5.4 and 6.4.

use std::sync::Arc;

use axum::Router;
use axum::routing::post;
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::account::{ACCOUNT, AGENCY, User, account_id, id_of, project_id};
use super::answer::Answer;
use super::asked::{Asked, played_by_iam, text_at};
use super::clock::written;
use super::keys::Credentials;
use super::tokens::{Dead, Scope, Token};
use super::{Identity, Proof};

const WRONG: &str = "The username or password is wrong.";

pub(super) fn routes() -> Router<Arc<Identity>> {
    Router::new()
        .route("/v3/auth/tokens", post(played_by_iam(token_for_password)))
        .route(
            "/v3.0/OS-CREDENTIAL/securitytokens",
            post(played_by_iam(keys_for_token)),
        )
}

/// POST /v3/auth/tokens
fn token_for_password(identity: &Identity, asked: &Asked) -> Result<Answer, Answer> {
    let body = asked.json().ok_or_else(invalid_body)?;
    let methods = methods_of(&body).ok_or_else(invalid_body)?;
    if !matches!(methods[..], ["password"] | ["password", "totp"]) {
        return Err(invalid_body());
    }
    let user = user_with_password(identity, &body)?;
    judge_passcode(identity, &body, &user, methods.contains(&"totp"))?;
    let scope = scope_of(identity, &body, Scope::Account)?;
    let (text, token) = identity.issue_token(scope, user.name);
    let who = json!({
        "id": user.id(), "name": user.name, "domain": domain(), "password_expires_at": "",
    });
    Ok(token_answer(&text, &token, &methods, &who))
}

/// Finds the user by name and account, or by id, and holds the password against it. Wrong ones
/// count.
fn user_with_password(identity: &Identity, body: &Value) -> Result<User, Answer> {
    let at = |field: &str| text_at(body, &format!("/auth/identity/password/user/{field}"));
    let password = at("password").ok_or_else(invalid_body)?;
    let user = match (at("id"), at("name")) {
        (Some(id), _) => User::called(id).filter(|user| user.id() == id),
        (None, Some(name)) => {
            let account = at("domain/name").or(at("domain/id"));
            let account = account.ok_or_else(invalid_body)?;
            User::called(name).filter(|user| user.name == name && is_the_account(account))
        }
        (None, None) => return Err(invalid_body()),
    };
    let user = user.ok_or_else(|| Answer::iam(401, WRONG))?;
    let now = identity.now();
    let mut state = identity.state();
    if state.users.is_locked(user.name, now) {
        let text = "The account is locked: too many wrong passwords.";
        return Err(Answer::iam_code(401, "IAM.0061", text));
    }
    if password != user.password {
        state.users.count(user.name, now);
        return Err(Answer::iam(401, WRONG));
    }
    if user.passcode.is_none() {
        state.users.reset(user.name);
    }
    Ok(user)
}

/// Holds the code of the MFA device against the user's. Wrong ones count like wrong passwords.
fn judge_passcode(
    identity: &Identity,
    body: &Value,
    user: &User,
    sent: bool,
) -> Result<(), Answer> {
    let at = |field: &str| text_at(body, &format!("/auth/identity/totp/user/{field}"));
    match (user.passcode, sent) {
        (None, false) => Ok(()),
        (None, true) => Err(Answer::iam(401, "The user has no virtual MFA device.")),
        (Some(_), false) => Err(Answer::iam(
            401,
            "The user has a virtual MFA device: the method totp is required.",
        )),
        (Some(expected), true) => {
            let (id, passcode) = at("id").zip(at("passcode")).ok_or_else(invalid_body)?;
            let now = identity.now();
            let mut state = identity.state();
            if id == user.id() && passcode == expected {
                state.users.reset(user.name);
                Ok(())
            } else {
                state.users.count(user.name, now);
                Err(Answer::iam(401, "The user id or the MFA code is wrong."))
            }
        }
    }
}

/// POST /v3.0/OS-CREDENTIAL/securitytokens
fn keys_for_token(identity: &Identity, asked: &Asked) -> Result<Answer, Answer> {
    let body = asked.json().ok_or_else(invalid_body)?;
    let methods = methods_of(&body).ok_or_else(invalid_body)?;
    let at = |pointer: &str| body.pointer(&format!("/auth/identity/{pointer}"));
    let (user, seconds) = match methods[..] {
        ["token"] => {
            let user = match at("token/id").and_then(Value::as_str) {
                Some(token) => owner_of(identity, token)?,
                None => caller(identity, asked)?,
            };
            (user, at("token/duration_seconds"))
        }
        ["assume_role"] => {
            caller(identity, asked)?;
            let named = |field: &str| at(&format!("assume_role/{field}")).and_then(Value::as_str);
            let account = named("domain_name").or(named("domain_id"));
            let (agency, account) = named("agency_name").zip(account).ok_or_else(invalid_body)?;
            if agency != AGENCY || !is_the_account(account) {
                let text = format!("Could not find agency '{agency}' of account '{account}'.");
                return Err(Answer::iam_code(404, "IAM.0004", &text));
            }
            (AGENCY.to_owned(), at("assume_role/duration_seconds"))
        }
        _ => return Err(invalid_body()),
    };
    let lifetime = lifetime_of(seconds, 900, 86_400).ok_or_else(invalid_body)?;
    let credentials = identity.issue_credentials(&user, lifetime);
    Ok(Answer::json(201, &credential(&credentials)))
}

/// Writes keys as IAM, hosts and pods do (section 5.4).
pub(super) fn credential(credentials: &Credentials) -> Value {
    json!({"credential": {
        "access": credentials.access_key,
        "secret": credentials.secret_key,
        "securitytoken": credentials.security_token,
        "expires_at": written(credentials.expires_at),
    }})
}

/// Reads a lifetime: 900 seconds up to `longest`; `None` where it is anything else.
pub(super) fn lifetime_of(
    seconds: Option<&Value>,
    usual: i64,
    longest: i64,
) -> Option<SignedDuration> {
    let seconds = seconds.map_or(Some(usual), Value::as_i64)?;
    (900..=longest)
        .contains(&seconds)
        .then(|| SignedDuration::from_secs(seconds))
}

/// Returns the name of the user who asks, by token or by signature.
pub(super) fn caller(identity: &Identity, asked: &Asked) -> Result<String, Answer> {
    let incoming = asked.incoming();
    match Proof::of(&incoming) {
        Ok(Proof::Token(token)) => owner_of(identity, token),
        Ok(Proof::Signature(authorization)) => identity
            .signer(&incoming, authorization)
            .map_err(|refusal| asked.refused(&refusal)),
        Err(refusal) if asked.header("authorization").is_some() => Err(asked.refused(&refusal)),
        Err(_) => Err(Answer::iam_code(
            401,
            "IAM.0001",
            "Authentication required.",
        )),
    }
}

fn owner_of(identity: &Identity, token: &str) -> Result<String, Answer> {
    let now = identity.now();
    let state = identity.state();
    let token = state.tokens.living(token, now).map_err(|dead| match dead {
        Dead::Unknown => Answer::iam_code(401, "IAM.0067", "The token is invalid."),
        Dead::Expired => Answer::iam_code(401, "IAM.0066", "The token has expired."),
        Dead::Revoked => Answer::iam_code(401, "IAM.0067", "The token must be updated."),
    })?;
    Ok(token.user.clone())
}

/// Reads `auth.scope`: project before account; without a scope it is what `otherwise` says.
pub(super) fn scope_of(
    identity: &Identity,
    body: &Value,
    otherwise: Scope,
) -> Result<Scope, Answer> {
    let Some(scope) = body.pointer("/auth/scope") else {
        return Ok(otherwise);
    };
    let named = |what: &str| {
        let name = text_at(scope, &format!("/{what}/name"));
        name.or_else(|| text_at(scope, &format!("/{what}/id")))
    };
    let unknown = |what: &str, name: &str| {
        let text = format!("Could not find {what}: {name}.");
        Answer::iam_code(404, "IAM.0004", &text)
    };
    match (named("project"), named("domain")) {
        (Some(project), _) => identity
            .regions
            .iter()
            .find(|region| region.as_str() == project || project_id(region) == project)
            .map(|region| Scope::Project(region.clone()))
            .ok_or_else(|| unknown("project", project)),
        (None, Some(account)) if is_the_account(account) => Ok(Scope::Account),
        (None, Some(account)) => Err(unknown("domain", account)),
        (None, None) => Err(invalid_body()),
    }
}

/// Writes the answer of all calls that issue a token: the token in `X-Subject-Token`, and the full
/// body of section 5.1.
pub(super) fn token_answer(text: &str, token: &Token, methods: &[&str], user: &Value) -> Answer {
    let mut body = json!({
        "catalog": [],
        "expires_at": token.expires_at.map(written),
        "issued_at": written(token.issued_at),
        "methods": methods,
        "roles": [],
        "user": user,
    });
    match &token.scope {
        Scope::Project(region) => {
            body["project"] = json!({"id": project_id(region), "name": region, "domain": domain()});
        }
        Scope::Account => body["domain"] = domain(),
        Scope::Unscoped => {}
    }
    if token.scope != Scope::Unscoped {
        body["roles"] = json!([{"id": id_of("role te_admin"), "name": "te_admin"}]);
    }
    Answer::json(201, &json!({"token": body})).header("x-subject-token", text)
}

/// Writes the account, as it stands in users and projects.
pub(super) fn domain() -> Value {
    json!({"id": account_id(), "name": ACCOUNT})
}

pub(super) fn invalid_body() -> Answer {
    Answer::iam(400, "The request body is invalid")
}

fn is_the_account(name_or_id: &str) -> bool {
    name_or_id == ACCOUNT || name_or_id == account_id()
}

/// Reads `auth.identity.methods`.
fn methods_of(body: &Value) -> Option<Vec<&str>> {
    let methods = body.pointer("/auth/identity/methods")?.as_array()?;
    methods.iter().map(Value::as_str).collect()
}

#[cfg(test)]
mod tests;
