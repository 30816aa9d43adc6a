//! The token service: a login, or nobody, gets a token that opens repositories for a while.

use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::challenge::{NO_LOGIN, NO_NAMESPACE, NO_PERMISSION, denied};
use super::{Action, Failure, Name, Visit, id_of};
use crate::emulator::request::query_pairs;
use crate::emulator::response::Response;
use crate::emulator::world::World;

/// How long a token lives.
const LIFETIME: SignedDuration = SignedDuration::from_secs(900);

/// `Basic` of an empty user and password, which some clients send for nobody.
const NO_USER: &str = "Basic Og==";

/// The tokens that were issued.
#[derive(Default)]
pub(super) struct Tokens {
    known: HashMap<String, Grant>,
    issued: u64,
}

/// What a token opens.
struct Grant {
    region: String,
    scopes: Vec<(String, Actions)>,
    expires: Timestamp,
}

#[derive(Debug, Clone, Copy)]
struct Actions {
    pull: bool,
    push: bool,
    delete: bool,
}

impl Actions {
    /// Reads the actions of a scope. None at all, as in the service's own challenge, means all:
    /// clients that send that scope back get what they came for.
    fn parse(text: &str) -> Actions {
        let has = |action: &str| {
            text.is_empty() || text.split(',').any(|word| word == action || word == "*")
        };
        Actions {
            pull: has("pull"),
            push: has("push"),
            delete: has("delete") || has("push"),
        }
    }

    fn allow(self, action: Action) -> bool {
        match action {
            Action::Pull => self.pull || self.push,
            Action::Push => self.push,
            Action::Delete => self.delete,
        }
    }
}

impl Tokens {
    fn issue(&mut self, region: &str, scopes: Vec<(String, Actions)>, now: Timestamp) -> String {
        self.known.retain(|_, grant| now < grant.expires);
        self.issued += 1;
        let half = |part: &str| id_of(&format!("registry token {} {part}", self.issued));
        let token = format!("{}{}", half("a"), half("b"));
        let expires = now.saturating_add(LIFETIME).unwrap_or(Timestamp::MAX);
        let grant = Grant {
            region: region.to_owned(),
            scopes,
            expires,
        };
        self.known.insert(token.clone(), grant);
        token
    }

    /// Returns whether a token opens a repository; `None` where it is not valid at all.
    pub(super) fn opens(
        &self,
        token: &str,
        region: &str,
        wanted: Option<(&str, Action)>,
        now: Timestamp,
    ) -> Option<bool> {
        let grant = self.known.get(token)?;
        if now >= grant.expires || grant.region != region {
            return None;
        }
        let Some((repository, action)) = wanted else {
            return Some(true);
        };
        let mut scopes = grant.scopes.iter();
        Some(scopes.any(|(name, actions)| name == repository && actions.allow(action)))
    }
}

/// Responds at `/swr/auth/v2/registry/auth`; other methods than GET get 404, which sends clients
/// that try OAuth2 first back to it.
pub(super) fn respond(visit: &Visit<'_>) -> Result<Response, Failure> {
    if visit.method != "GET" {
        return Err(Failure::not_found());
    }
    let has_login = match visit.header("authorization") {
        None | Some(NO_USER) => false,
        Some(authorization) => {
            login(visit, authorization)?;
            true
        }
    };
    let mut scopes = Vec::new();
    let world = visit.shared.world();
    for (key, value) in query_pairs(visit.query) {
        if key != "scope" {
            continue;
        }
        for scope in value.split(' ') {
            let Some((repository, actions)) = scope
                .strip_prefix("repository:")
                .and_then(|rest| rest.rsplit_once(':'))
            else {
                continue;
            };
            let actions = granted(
                &world,
                visit.region,
                repository,
                Actions::parse(actions),
                has_login,
            )?;
            scopes.push((repository.to_owned(), actions));
        }
    }
    drop(world);
    let now = Timestamp::now();
    let token = visit.registry.tokens().issue(visit.region, scopes, now);
    Ok(Response::json(
        200,
        json!({"token": token, "expires_in": LIFETIME.as_secs(), "issued_at": now}),
    ))
}

/// Checks `Basic user:password`.
fn login(visit: &Visit<'_>, authorization: &str) -> Result<(), Failure> {
    let pair = authorization
        .strip_prefix("Basic ")
        .and_then(|text| STANDARD.decode(text.trim()).ok())
        .and_then(|bytes| String::from_utf8(bytes).ok());
    let accepted = pair
        .as_deref()
        .and_then(|pair| pair.split_once(':'))
        .is_some_and(|(user, password)| {
            visit.shared.identity().login(visit.region, user, password)
        });
    if accepted {
        Ok(())
    } else {
        Err(denied(NO_LOGIN))
    }
}

/// Returns what a caller may do in a repository: everything in the account's namespaces, and
/// without a login only pull what is public.
fn granted(
    world: &World,
    region: &str,
    repository: &str,
    wanted: Actions,
    has_login: bool,
) -> Result<Actions, Failure> {
    let name = Name::parse(repository).ok_or_else(|| denied(NO_NAMESPACE))?;
    let place = name.place(region);
    if world.namespace(region, &place.namespace).is_none() {
        let known = world.regions.get(region).map(|region| &region.namespaces);
        let foreign = known.is_some_and(|all| all.contains_key(&place.namespace));
        return Err(denied(match (has_login, foreign) {
            (false, _) => NO_LOGIN,
            (true, true) => NO_PERMISSION,
            (true, false) => NO_NAMESPACE,
        }));
    }
    if has_login {
        return Ok(wanted);
    }
    let found = world.repository(&place);
    if !found.is_some_and(|repository| repository.is_public) {
        return Err(denied(NO_LOGIN));
    }
    Ok(Actions {
        pull: wanted.pull,
        push: false,
        delete: false,
    })
}
