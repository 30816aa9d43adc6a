//! The calls of SWR, one file a resource, each by its own reading of `reference/swr-api.md`
//! sections 2 and 3.
//!
//! `front` asks [`route`] what a request means. Nothing here sees HTTP beyond method, path, query
//! and body.

mod account;
mod call;
mod login;
mod namespaces;
mod page;
mod regions;
mod repositories;
mod sync_images;
mod sync_job;
mod sync_repo;
mod tags;
mod typed;
mod versions;

use percent_encoding::percent_decode_str;

pub(super) use account::Account;
pub(super) use call::{Call, Outcome};
pub(super) use versions::list as versions;

/// What a request asks for, once it is let in.
pub(super) type Work = Box<dyn FnOnce(&mut Call) -> Outcome + Send>;

/// Finds the work of a method and a path as on the wire, without its query; nothing when they are
/// not offered.
///
/// `$` and `%24` are one, `%2F` and a real slash are none of a repository's (section 4).
pub(super) fn route(method: &str, path: &str) -> Option<Work> {
    let segments: Option<Vec<String>> = path.split('/').skip(1).map(segment).collect();
    let segments = segments?;
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    match (method, segments.as_slice()) {
        (_, ["v2", "manage", "namespaces", rest @ ..]) => in_namespaces(method, rest),
        ("GET", ["v2", "manage", "regions"]) => Some(Box::new(regions::list)),
        ("GET", ["v2", "manage", "repos"]) => Some(Box::new(repositories::list)),
        ("GET", ["v2", "manage", "agency"]) => Some(Box::new(account::agency)),
        ("POST", ["v2", "manage", "agency"]) => Some(Box::new(account::create_agency)),
        ("POST", ["v2", "manage", "utils", "secret"]) => Some(Box::new(login::secret)),
        ("POST", ["v2", "manage", "utils", "authorizationtoken"]) => {
            Some(Box::new(login::authorization_token))
        }
        ("GET", ["v2", "manage", "projects", project, "quotas"]) => with(account::quotas, project),
        ("GET", ["v2", "manage", "projects", project, "feature-gates"]) => {
            with(account::feature_gates, project)
        }
        ("GET", ["v3", "manage", "repos"]) => Some(Box::new(|call| {
            call.open_v3()?;
            repositories::list_v3(call)
        })),
        (
            "GET",
            [
                "v3",
                "manage",
                "namespaces",
                namespace,
                "repos",
                repository,
                "tags",
            ],
        ) => with_both(
            |call, namespace, repository| {
                call.open_v3()?;
                tags::list_v3(call, namespace, repository)
            },
            namespace,
            repository,
        ),
        _ => None,
    }
}

fn in_namespaces(method: &str, rest: &[&str]) -> Option<Work> {
    match (method, rest) {
        ("GET", []) => Some(Box::new(namespaces::list)),
        ("POST", []) => Some(Box::new(namespaces::create)),
        ("GET", [namespace]) => with(namespaces::show, namespace),
        ("DELETE", [namespace]) => with(namespaces::delete, namespace),
        ("POST", [namespace, "repos"]) => with(repositories::create, namespace),
        (_, [namespace, "repos", repository]) => {
            let work = match method {
                "GET" => repositories::show,
                "PATCH" => repositories::change,
                "DELETE" => repositories::delete,
                _ => return None,
            };
            with_both(work, namespace, repository)
        }
        (_, [namespace, "repos", repository, what]) => {
            let work = match (method, *what) {
                ("POST", "sync_repo") => sync_repo::create,
                ("GET", "sync_repo") => sync_repo::list,
                ("DELETE", "sync_repo") => sync_repo::delete,
                ("POST", "sync_images") => sync_images::create,
                ("GET", "sync_job") => sync_job::list,
                ("GET", "tags") => tags::list,
                _ => return None,
            };
            with_both(work, namespace, repository)
        }
        ("GET", [namespace, "repos", repository, "tags", tag]) => {
            let tag = (*tag).to_owned();
            with_both(
                move |call, namespace, repository| tags::show(call, namespace, repository, &tag),
                namespace,
                repository,
            )
        }
        _ => None,
    }
}

/// Decodes one segment; an encoded slash is none of a name.
fn segment(raw: &str) -> Option<String> {
    let decoded = percent_decode_str(raw).decode_utf8().ok()?;
    (!decoded.contains('/')).then(|| decoded.into_owned())
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "the arms of a match return what it returns"
)]
fn with(work: fn(&mut Call, &str) -> Outcome, name: &str) -> Option<Work> {
    let name = name.to_owned();
    Some(Box::new(move |call| work(call, &name)))
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "the arms of a match return what it returns"
)]
fn with_both(
    work: impl FnOnce(&mut Call, &str, &str) -> Outcome + Send + 'static,
    namespace: &str,
    repository: &str,
) -> Option<Work> {
    let namespace = namespace.to_owned();
    let repository = repository.replace('$', "/");
    Some(Box::new(move |call| work(call, &namespace, &repository)))
}
