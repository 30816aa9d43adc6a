//! What to do about a status and a code of the service: one table.
//!
//! The vendor's tables are incomplete, so status, code and message are always shown as received;
//! the advice comes in addition. `docs/exit-codes.md` prints the table.

use super::Call;
use super::answer::Answer;
use super::authorize::Authorize;
use super::error_body::ErrorBody;

/// A row: the advice for a response with this status, and with this code if there is one.
#[derive(Debug, Clone, Copy)]
pub struct Advice {
    /// The HTTP status; 0 for any.
    pub status: u16,
    /// How the code ends (`4030170`) or what it is (`APIGW.0101`); empty for any.
    pub code: &'static str,
    /// What to do.
    pub remedy: &'static str,
}

const fn row(status: u16, code: &'static str, remedy: &'static str) -> Advice {
    Advice {
        status,
        code,
        remedy,
    }
}

/// The table, from the particular to the general. Source: `reference/swr-api.md` 6.2 to 6.4.
#[rustfmt::skip] // a table reads as a table
pub const ADVICE: &[Advice] = &[
    row(400, "4001048", "no token reached the service: check that the endpoint is https://swr-api.<region>.myhuaweicloud.com"),
    row(400, "4000031", "check the access key and the secret key"),
    row(401, "4011064", "the resource belongs to another account: check which account and project the credential is for"),
    row(403, "4030170", "the credential lacks a permission; only the account itself or an administrator may set up synchronization"),
    row(403, "4037017", "the user may not manage this namespace: ask for 'manage' on it"),
    row(403, "4037018", "the user may not manage this repository: ask for 'manage' on it"),
    row(403, "4037020", "the user may not manage this repository: ask for 'manage' on it"),
    row(403, "4039001", "the resource is not yours: check the account and the names"),
    row(403, "4039002", "this is not permitted for your account"),
    row(403, "4031032", "too many requests: wait, and lower --concurrency"),
    row(403, "4031042", "too many requests: wait, and lower --concurrency"),
    row(400, "4000097", "the quota of namespaces is used up: delete one or ask for more"),
    row(400, "4000098", "the quota of repositories is used up: delete one or ask for more"),
    row(400, "4000099", "the quota of tags is used up: delete some or ask for more"),
    row(400, "4001158", "there is no such task: 'swr sync list' shows those that are there"),
    row(404, "4040058", "check the namespace: 'swr namespace list' shows yours"),
    row(404, "4041061", "check the namespace: 'swr namespace list' shows yours"),
    row(404, "4040010", "check the repository: 'swr repo list' shows those of a namespace"),
    row(404, "4040113", "check the repository: 'swr repo list' shows those of a namespace"),
    row(404, "4040009", "check the repository: 'swr repo list' shows those of a namespace"),
    row(404, "4040048", "check the tag: 'swr tag list' shows those of a repository"),
    row(404, "4040115", "check the tag: 'swr tag list' shows those of a repository"),
    row(404, "4041056", "check the tag: 'swr tag list' shows those of a repository"),
    row(404, "4041057", "check the tag: 'swr tag list' shows those of a repository"),
    row(404, "4040083", "the path is not known there: check the endpoint"),
    row(404, "APIGW.0101", "the region does not offer this call, or the endpoint is not that of SWR: check --endpoint and --region"),
    row(409, "4090023", "the service is busy: try again later"),
    row(409, "4090060", "choose another name: namespaces are unique in a region over all accounts"),
    row(500, "5001101", "the service does not know the target region: 'swr sync regions' lists those it offers; trying again does not help"),
    row(507, "5070070", "the service's object storage is full or out of order: try again later"),
    row(401, "APIGW.0307", "the token has expired: get a new one"),
    row(403, "APIGW.0302", "the gateway does not let this user in: ask the account's administrator"),
    row(429, "", "too many requests: wait, and lower --concurrency"),
    row(401, "IAM.0061", "the user is locked: wait 15 minutes before the next try"),
    row(403, "IAM.0081", "the user has console access only: give it programmatic access"),
    row(403, "", "the credential lacks a permission; only the account itself or an administrator may set up synchronization"),
    row(404, "", "check namespace, repository and endpoint"),
    row(406, "", "it is not empty: delete what is inside first"),
    row(413, "", "the request is too large"),
    row(502, "", "the service is out of order behind its gateway: try again later"),
    row(503, "", "the service is out of order: try again later"),
    row(504, "", "the service did not answer its gateway in time: try again later"),
    row(500, "", "the service failed inside: try again later, and tell the vendor the request id"),
];

/// Returns the advice for a response.
pub(super) fn advise(
    call: &Call,
    answer: &Answer,
    body: &ErrorBody,
    credential: Option<&dyn Authorize>,
) -> Option<String> {
    if (300..400).contains(&answer.status) {
        let target = answer.header("location").unwrap_or("another address");
        return Some(format!(
            "redirects are not followed, for they could carry the credential away: \
             if {target} is right, set it as the endpoint"
        ));
    }
    let code = body.code.as_deref().unwrap_or_default();
    let found = ADVICE.iter().find(|row| {
        row.status == answer.status
            && (row.code.is_empty()
                || code == row.code
                || code.rsplit('.').next() == Some(row.code))
    });
    let mut remedy = found.map(|row| row.remedy.to_owned());
    if answer.status == 401
        && let Some(credential) = credential
    {
        // What the credential is and where it came from says more than the code.
        remedy = Some(match remedy {
            Some(remedy) => format!("{remedy}; {}", credential.remedy()),
            None => credential.remedy(),
        });
    }
    if answer.status == 403
        && let (Some(remedy), Some(permission)) = (&mut remedy, call.permission)
        && remedy.contains("permission")
    {
        remedy.push_str(&format!(" (the call needs {permission})"));
        if let Some(message) = &body.authorization_message {
            remedy.push_str(&format!(
                "; an administrator can decode why with STS decode-authorization-message: {message}"
            ));
        }
    }
    remedy
}
