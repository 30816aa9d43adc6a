//! The service's calls, one file a resource: a path and a method lead to an answer.
//!
//! Source: `reference/swr-api.md` sections 2 and 3.

mod account;
mod copies;
mod lists;
mod namespaces;
mod regions;
mod repositories;
mod tags;
mod tasks;

use super::refusal::{
    IMAGE_NAME, NAMESPACE_FORBIDDEN, NAMESPACE_MISSING, REPOSITORY_MISSING, Refusal,
};
use super::request::Request;
use super::response::Response;
use super::shared::Shared;
use super::switches::{Switch, Switches};
use super::world::{Namespace, Place, Repository, World};
use crate::names::Parse;

/// What a resource works with.
pub(super) struct Work<'a> {
    pub(super) shared: &'a Shared,
    pub(super) request: &'a Request<'a>,
    pub(super) switches: Switches,
}

/// Responds to a request to the service.
pub(super) fn respond(shared: &Shared, request: &Request<'_>) -> Result<Response, Refusal> {
    let work = Work {
        shared,
        request,
        switches: shared.switches(),
    };
    let parts: Vec<&str> = request.parts.iter().map(String::as_str).collect();
    match (request.method, parts.as_slice()) {
        ("GET", [""]) => Ok(account::versions(&work)),
        ("GET", ["v2", "manage", "regions"]) => regions::list(&work),
        ("GET", ["v2", "manage", "agency"]) => Ok(account::agency(&work)),
        ("POST", ["v2", "manage", "agency"]) => Ok(account::create_agency(&work)),
        ("GET", ["v2", "manage", "projects", project, "quotas"]) => account::quotas(&work, project),
        ("GET", ["v2", "manage", "projects", _, "feature-gates"]) => {
            Ok(account::feature_gates(&work))
        }
        ("POST", ["v2", "manage", "utils", "secret"]) => account::secret(&work),
        ("POST", ["v2", "manage", "utils", "authorizationtoken"]) => {
            account::authorization_token(&work)
        }
        ("GET", ["v2", "manage", "namespaces"]) => namespaces::list(&work),
        ("POST", ["v2", "manage", "namespaces"]) => namespaces::create(&work),
        ("GET", ["v2", "manage", "namespaces", namespace]) => namespaces::show(&work, namespace),
        ("DELETE", ["v2", "manage", "namespaces", namespace]) => {
            namespaces::delete(&work, namespace)
        }
        ("GET", ["v2", "manage", "repos"]) => repositories::list(&work),
        ("GET", ["v3", "manage", "repos"]) => repositories::list_v3(&work),
        ("POST", ["v2", "manage", "namespaces", namespace, "repos"]) => {
            repositories::create(&work, namespace)
        }
        (
            method,
            [
                version,
                "manage",
                "namespaces",
                namespace,
                "repos",
                repository,
                rest @ ..,
            ],
        ) => {
            let name = repository.replace('$', "/");
            let place = Place::new(request.region, namespace, &name);
            of_repository(&work, method, version, &place, rest)
        }
        _ => Err(Refusal::not_published()),
    }
}

fn of_repository(
    work: &Work<'_>,
    method: &str,
    version: &str,
    place: &Place,
    rest: &[&str],
) -> Result<Response, Refusal> {
    match (method, version, rest) {
        ("GET", "v2", []) => repositories::show(work, place),
        ("PATCH", "v2", []) => repositories::update(work, place),
        ("DELETE", "v2", []) => repositories::delete(work, place),
        ("POST", "v2", ["sync_repo"]) => tasks::create(work, place),
        ("GET", "v2", ["sync_repo"]) => tasks::list(work, place),
        ("DELETE", "v2", ["sync_repo"]) => tasks::delete(work, place),
        ("POST", "v2", ["sync_images"]) => copies::run(work, place),
        ("GET", "v2", ["sync_job"]) => copies::jobs(work, place),
        ("GET", "v2", ["tags"]) => tags::list(work, place),
        ("GET", "v3", ["tags"]) => tags::list_v3(work, place),
        ("GET", "v2", ["tags", tag]) => tags::show(work, place, tag),
        _ => Err(Refusal::not_published()),
    }
}

impl Work<'_> {
    /// Returns a namespace of the account; another account's looks like a missing one, or is
    /// forbidden (sections 3.3, 6.2).
    fn namespace<'w>(&self, world: &'w World, name: &str) -> Result<&'w Namespace, Refusal> {
        if let Some(namespace) = world.namespace(self.request.region, name) {
            return Ok(namespace);
        }
        let region = world.regions.get(self.request.region);
        let taken = region.is_some_and(|region| region.namespaces.contains_key(name));
        if taken && self.switches.has(Switch::ForeignIs403) {
            return Err(NAMESPACE_FORBIDDEN.into());
        }
        Err(NAMESPACE_MISSING.into())
    }

    /// Returns `true` if something new can be called so; whether the service takes repeated hyphens
    /// are not recorded (section 4).
    fn can_be_named<T: Parse>(&self, name: &str) -> bool {
        if !self.switches.has(Switch::HyphensAreTaken) {
            return T::parse(name).is_ok();
        }
        let mut single = name.to_owned();
        while single.contains("--") {
            single = single.replace("--", "-");
        }
        let short_enough = T::parse(&"a".repeat(name.len())).is_ok();
        short_enough && T::parse(&single).is_ok()
    }

    /// Returns a repository; what is missing is reported: the namespace, or the repository.
    fn repository<'w>(&self, world: &'w World, place: &Place) -> Result<&'w Repository, Refusal> {
        self.namespace(world, &place.namespace)?;
        if place.repository.is_empty() {
            return Err(IMAGE_NAME.into());
        }
        world
            .repository(place)
            .ok_or_else(|| REPOSITORY_MISSING.into())
    }
}
