//! IAM: tokens for a password; which projects and which account the caller has.
//!
//! Source: `reference/swr-api.md` sections 5.1, 5.4 and 6.4. The vendor's SDK asks for projects and
//! accounts, signed.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::account::{ACCOUNT, User, account_id, id_of, project_id};
use super::keys::Credentials;
use super::time::written;
use super::tokens::{Dead, Scope, Token};
use super::{Identity, Proof};
use crate::emulator::refusal::Refusal;
use crate::emulator::request::{Request, text_at};
use crate::emulator::response::Response;
use crate::names::RegionId;

const WRONG: &str = "The username or password is wrong.";

/// POST /v3/auth/tokens
pub(super) fn token_for_password(
    identity: &Identity,
    request: &Request<'_>,
) -> Result<Response, Refusal> {
    let body = request.json().ok_or_else(invalid_body)?;
    let methods = methods_of(&body).ok_or_else(invalid_body)?;
    if !matches!(methods[..], ["password"] | ["password", "totp"]) {
        return Err(invalid_body());
    }
    let user = user_with_password(identity, &body)?;
    check_passcode(identity, &body, &user, methods.contains(&"totp"))?;
    let scope = scope_of(identity, &body, Scope::Account)?;
    let (text, token) = identity.issue_token(scope, user.name);
    let who = json!({
        "id": user.id(), "name": user.name, "domain": domain(), "password_expires_at": "",
    });
    Ok(token_response(&text, &token, &methods, &who))
}

/// Finds the user by name and account, or by id, and holds the password against it. Wrong ones
/// count.
fn user_with_password(identity: &Identity, body: &Value) -> Result<User, Refusal> {
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
    let user = user.ok_or_else(|| Refusal::iam(401, WRONG))?;
    let now = Timestamp::now();
    let mut state = identity.state();
    if state.users.is_locked(user.name, now) {
        let text = "The account is locked: too many wrong passwords.";
        return Err(Refusal::iam_code(401, "IAM.0061", text));
    }
    if password != user.password {
        state.users.count(user.name, now);
        return Err(Refusal::iam(401, WRONG));
    }
    if user.passcode.is_none() {
        state.users.reset(user.name);
    }
    Ok(user)
}

/// Holds the code of the MFA device against the user's. Wrong ones count like wrong passwords.
fn check_passcode(
    identity: &Identity,
    body: &Value,
    user: &User,
    sent: bool,
) -> Result<(), Refusal> {
    let at = |field: &str| text_at(body, &format!("/auth/identity/totp/user/{field}"));
    match (user.passcode, sent) {
        (None, false) => Ok(()),
        (None, true) => Err(Refusal::iam(401, "The user has no virtual MFA device.")),
        (Some(_), false) => Err(Refusal::iam(
            401,
            "The user has a virtual MFA device: the method totp is required.",
        )),
        (Some(expected), true) => {
            let (id, passcode) = at("id").zip(at("passcode")).ok_or_else(invalid_body)?;
            let now = Timestamp::now();
            let mut state = identity.state();
            if id == user.id() && passcode == expected {
                state.users.reset(user.name);
                Ok(())
            } else {
                state.users.count(user.name, now);
                Err(Refusal::iam(401, "The user id or the MFA code is wrong."))
            }
        }
    }
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

/// Fails unless the caller proves who it is, by token or by signature.
fn check_caller(identity: &Identity, request: &Request<'_>) -> Result<(), Refusal> {
    match Proof::of(&request.incoming) {
        Ok(Proof::Token(token)) => {
            let state = identity.state();
            let dead = |dead| match dead {
                Dead::Unknown => Refusal::iam_code(401, "IAM.0067", "The token is invalid."),
                Dead::Expired => Refusal::iam_code(401, "IAM.0066", "The token has expired."),
            };
            let found = state.tokens.find(token, Timestamp::now());
            found.map(|_| ()).map_err(dead)
        }
        Ok(Proof::Signature(authorization)) => identity
            .signer(&request.incoming, authorization)
            .map(|_| ()),
        Err(refusal) if request.header("authorization").is_some() => Err(refusal),
        Err(_) => Err(Refusal::iam_code(
            401,
            "IAM.0001",
            "Authentication required.",
        )),
    }
}

/// GET /v3/projects?name=
pub(super) fn projects(identity: &Identity, request: &Request<'_>) -> Result<Response, Refusal> {
    check_caller(identity, request)?;
    let name = request.parameter("name");
    let projects: Vec<Value> = identity
        .regions
        .iter()
        .filter(|region| name.is_none_or(|name| name == region.as_str()))
        .map(project)
        .collect();
    let links = json!({"self": "/v3/projects", "next": null, "previous": null});
    Ok(Response::json(
        200,
        json!({"projects": projects, "links": links}),
    ))
}

fn project(region: &RegionId) -> Value {
    let id = project_id(region.as_str());
    json!({
        "id": id, "name": region, "domain_id": account_id(), "parent_id": account_id(),
        "enabled": true, "is_domain": false, "description": "",
        "links": {"self": format!("/v3/projects/{id}")},
    })
}

/// GET /v3/auth/domains
pub(super) fn accounts(identity: &Identity, request: &Request<'_>) -> Result<Response, Refusal> {
    check_caller(identity, request)?;
    let id = account_id();
    let link = format!("/v3/domains/{id}");
    let domain = json!({
        "id": id, "name": ACCOUNT, "enabled": true, "description": "", "links": {"self": link},
    });
    let links = json!({"self": "/v3/auth/domains", "next": null, "previous": null});
    Ok(Response::json(
        200,
        json!({"domains": [domain], "links": links}),
    ))
}

/// Reads `auth.scope`: project before account; without a scope it is what `otherwise` says.
pub(super) fn scope_of(
    identity: &Identity,
    body: &Value,
    otherwise: Scope,
) -> Result<Scope, Refusal> {
    let Some(scope) = body.pointer("/auth/scope") else {
        return Ok(otherwise);
    };
    let named = |what: &str| {
        let name = text_at(scope, &format!("/{what}/name"));
        name.or_else(|| text_at(scope, &format!("/{what}/id")))
    };
    let unknown = |what: &str, name: &str| {
        let text = format!("Could not find {what}: {name}.");
        Refusal::iam_code(404, "IAM.0004", text)
    };
    match (named("project"), named("domain")) {
        (Some(project), _) => identity
            .regions
            .iter()
            .find(|region| region.as_str() == project || project_id(region.as_str()) == project)
            .map(|region| Scope::Project(region.clone()))
            .ok_or_else(|| unknown("project", project)),
        (None, Some(account)) if is_the_account(account) => Ok(Scope::Account),
        (None, Some(account)) => Err(unknown("domain", account)),
        (None, None) => Err(invalid_body()),
    }
}

/// Writes the answer of all calls that issue a token: the token in `X-Subject-Token`, and the full
/// body of section 5.1.
pub(super) fn token_response(
    text: &str,
    token: &Token,
    methods: &[&str],
    user: &Value,
) -> Response {
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
            body["project"] =
                json!({"id": project_id(region.as_str()), "name": region, "domain": domain()});
        }
        Scope::Account => body["domain"] = domain(),
        Scope::Unscoped => {}
    }
    if token.scope != Scope::Unscoped {
        body["roles"] = json!([{"id": id_of("role te_admin"), "name": "te_admin"}]);
    }
    Response::json(201, json!({"token": body})).header("x-subject-token", text)
}

/// Writes the account, as it appears in users and projects.
pub(super) fn domain() -> Value {
    json!({"id": account_id(), "name": ACCOUNT})
}

pub(super) fn invalid_body() -> Refusal {
    Refusal::iam(400, "The request body is invalid")
}

fn is_the_account(name_or_id: &str) -> bool {
    name_or_id == ACCOUNT || name_or_id == account_id()
}

/// Reads `auth.identity.methods`.
fn methods_of(body: &Value) -> Option<Vec<&str>> {
    let methods = body.pointer("/auth/identity/methods")?.as_array()?;
    methods.iter().map(Value::as_str).collect()
}
