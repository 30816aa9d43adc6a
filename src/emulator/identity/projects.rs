//! IAM: which projects and which account the caller has.
//!
//! Source: `reference/swr-api.md` section 5.1, the last point. The vendor's SDK asks both, signed.

use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use serde_json::{Value, json};

use super::Identity;
use super::account::{ACCOUNT, account_id, project_id};
use super::answer::Answer;
use super::asked::{Asked, played_by_iam};
use super::iam::caller;
use crate::names::RegionId;

pub(super) fn routes() -> Router<Arc<Identity>> {
    Router::new()
        .route("/v3/projects", get(played_by_iam(projects)))
        .route("/v3/auth/domains", get(played_by_iam(accounts)))
}

/// GET /v3/projects?name=
fn projects(identity: &Identity, asked: &Asked) -> Result<Answer, Answer> {
    caller(identity, asked)?;
    let name = asked.query("name");
    let projects: Vec<Value> = identity
        .regions
        .iter()
        .filter(|region| name.as_ref().is_none_or(|name| name == region.as_str()))
        .map(project)
        .collect();
    let links = json!({"self": "/v3/projects", "next": null, "previous": null});
    Ok(Answer::json(
        200,
        &json!({"projects": projects, "links": links}),
    ))
}

fn project(region: &RegionId) -> Value {
    let id = project_id(region);
    json!({
        "id": id, "name": region, "domain_id": account_id(), "parent_id": account_id(),
        "enabled": true, "is_domain": false, "description": "",
        "links": {"self": format!("/v3/projects/{id}")},
    })
}

/// GET /v3/auth/domains
fn accounts(identity: &Identity, asked: &Asked) -> Result<Answer, Answer> {
    caller(identity, asked)?;
    let id = account_id();
    let link = format!("/v3/domains/{id}");
    let domain = json!({
        "id": id, "name": ACCOUNT, "enabled": true, "description": "", "links": {"self": link},
    });
    let links = json!({"self": "/v3/auth/domains", "next": null, "previous": null});
    Ok(Answer::json(
        200,
        &json!({"domains": [domain], "links": links}),
    ))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::support::{Played, north};
    use super::project;

    #[test]
    fn a_project_is_found_by_its_regions_name() {
        let played = Played::start();
        let found = |path: &str| {
            let answer = played.get(path, &[("x-auth-token", &played.identity.token(&north()))]);
            assert_eq!(answer.status, 200);
            answer.json()["projects"].clone()
        };
        assert_eq!(
            found("/v3/projects?name=cn-north-4"),
            json!([project(&north())])
        );
        assert_eq!(found("/v3/projects?name=eu-west-0"), json!([]));
        assert_eq!(found("/v3/projects").as_array().map(Vec::len), Some(2));
        assert_eq!(
            project(&north())["id"],
            Value::from(played.identity.project_id(&north()))
        );
    }

    #[test]
    fn the_account_is_told_to_who_signs() {
        let played = Played::start();
        let answer = played.signed("GET", "/v3/auth/domains", "");
        assert_eq!(answer.status, 200);
        assert_eq!(
            answer.json()["domains"][0]["id"],
            "49357ad48a87ebbf5bb74444fd20a854"
        );
        assert_eq!(answer.json()["domains"][0]["name"], "demo");
    }

    #[test]
    fn nobody_is_told_anything_without_a_proof() {
        let played = Played::start();
        for path in ["/v3/projects?name=cn-north-4", "/v3/auth/domains"] {
            let answer = played.get(path, &[]);
            assert_eq!(answer.status, 401);
            assert_eq!(
                answer.json(),
                json!({"error_code": "IAM.0001", "error_msg": "Authentication required."})
            );
        }
    }
}
