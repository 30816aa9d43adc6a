//! The id token that GitHub gives a job with `permissions: id-token: write`.

use serde::Deserialize;
use url::{Position, Url};

use super::temporary::hidden;
use crate::api::{Call, HeaderText, Transport};
use crate::credentials::keys::credential_text;
use crate::endpoint::Endpoint;
use crate::error::{Error, Kind};
use crate::origin::Origin;
use crate::secret::Secret;

#[derive(Deserialize)]
struct Given {
    value: String,
}

/// Fetches the id token: GET at the address, `Authorization: Bearer …`, answer `{"value":"…"}`.
pub(super) fn id_token(
    address: &Url,
    request_token: &Secret,
    transport: &Transport,
) -> Result<Secret, Error> {
    let endpoint = Endpoint::parse(&address[..Position::BeforePath])
        .map_err(|rule| Error::new(Kind::Config, format!("GitHub's address is wrong: {rule}")))?;
    let mut call = Call::read(&address[Position::BeforePath..Position::AfterQuery]).brings_secret();
    let bearer = format!("Bearer {}", request_token.expose());
    call.extra_headers
        .push(("Authorization", HeaderText::Secret(Secret::new(bearer))));
    let answer = transport.send(&endpoint, &call, None)?;
    if !answer.is_success() {
        return Err(answer.refusal_by(
            "GitHub's id token",
            "give the job 'permissions: id-token: write'",
        ));
    }
    let given: Given =
        serde_json::from_slice(&answer.body).map_err(|_| hidden(&answer, "GitHub's id token"))?;
    let origin = Origin::Service(endpoint.to_string());
    credential_text("id token", &given.value, &origin).map(Secret::new)
}
