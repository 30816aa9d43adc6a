//! The versions of the API: `GET /`. Source: `reference/swr-api.md` 3.14.

use serde_json::json;

use crate::emulator::reply::Reply;

/// Returns the one version; `links` is an object here.
pub(in crate::emulator) fn list(region: &str) -> Reply {
    let address = format!("https://swr-api.{region}.myhuaweicloud.com/v2");
    Reply::json(
        200,
        json!({"versions": [{
            "id": "v2",
            "links": {"href": address, "rel": "self"},
            "min_version": "2.0",
            "status": "CURRENT",
            "updated": "2020-07-09T00:00:00Z",
            "version": "2.26",
        }]}),
    )
}
