//! What to do about a status and a code of the service: one table.
//!
//! The vendor's tables are incomplete, so status, code and message are always shown as received;
//! the advice comes in addition. `docs/exit-codes.md` prints the table.

/// The service's codes that have a meaning here. Source: `reference/swr-api.md` 6.2 to 6.4.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// No token in the request.
    NoToken,
    /// Wrong access keys.
    BadKeys,
    /// The resource belongs to another account; says nothing about the credential.
    OtherAccount,
    /// Insufficient permissions.
    PermissionMissing,
    /// No right to manage the namespace.
    NotNamespaceManager,
    /// No right to manage the repository.
    NotRepositoryManager,
    /// The resource is not yours.
    NotYours,
    /// Not permitted.
    NotPermitted,
    /// Throttled, with status 403.
    TooManyRequests,
    /// The quota of namespaces is used up.
    NamespaceQuota,
    /// The quota of repositories is used up.
    RepositoryQuota,
    /// The quota of tags is used up.
    TagQuota,
    /// The task to delete does not exist, with status 400.
    TaskNotFound,
    /// The namespace does not exist.
    NamespaceNotFound,
    /// The repository does not exist.
    RepositoryNotFound,
    /// The tag does not exist.
    TagNotFound,
    /// The path does not exist.
    UrlNotFound,
    /// The gateway does not offer the call.
    ApiNotFound,
    /// The system is busy, with status 409.
    Busy,
    /// The namespace exists.
    NamespaceExists,
    /// An unknown target region, with status 500; final.
    InternalError,
    /// The object storage is full or failing.
    StorageFailed,
    /// The token has expired.
    TokenExpired,
    /// The gateway does not admit the user.
    UserRefused,
    /// The user is locked.
    UserLocked,
    /// The user has console access only.
    ConsoleOnly,
}

impl Code {
    /// Each code as the service writes it: the number that ends it, or the gateway's or IAM's text.
    #[rustfmt::skip] // a table reads as a table
    const TEXTS: [(Code, &'static [&'static str]); 26] = [
        (Code::NoToken, &["4001048"]),
        (Code::BadKeys, &["4000031"]),
        (Code::OtherAccount, &["4011064"]),
        (Code::PermissionMissing, &["4030170"]),
        (Code::NotNamespaceManager, &["4037017"]),
        (Code::NotRepositoryManager, &["4037018", "4037020"]),
        (Code::NotYours, &["4039001"]),
        (Code::NotPermitted, &["4039002"]),
        (Code::TooManyRequests, &["4031032", "4031042"]),
        (Code::NamespaceQuota, &["4000097"]),
        (Code::RepositoryQuota, &["4000098"]),
        (Code::TagQuota, &["4000099"]),
        (Code::TaskNotFound, &["4001158"]),
        (Code::NamespaceNotFound, &["4040058", "4041061"]),
        (Code::RepositoryNotFound, &["4040010", "4040113", "4040009"]),
        (Code::TagNotFound, &["4040048", "4040115", "4041056", "4041057"]),
        (Code::UrlNotFound, &["4040083"]),
        (Code::ApiNotFound, &["APIGW.0101"]),
        (Code::Busy, &["4090023"]),
        (Code::NamespaceExists, &["4090060"]),
        (Code::InternalError, &["5001101"]),
        (Code::StorageFailed, &["5070070"]),
        (Code::TokenExpired, &["APIGW.0307"]),
        (Code::UserRefused, &["APIGW.0302"]),
        (Code::UserLocked, &["IAM.0061"]),
        (Code::ConsoleOnly, &["IAM.0081"]),
    ];

    /// Parses a code: `SVCSTG.SWR.4030170`, `APIGW.0101` (`APIG.` from old gateways), `IAM.0061`.
    pub fn of(text: &str) -> Option<Code> {
        let number = text.rsplit('.').next().unwrap_or_default();
        let known = Code::TEXTS.iter().find(|(_, texts)| {
            texts.iter().any(|known| match known.split_once('.') {
                None => *known == number,
                Some((system, known)) => {
                    known == number && text.starts_with(system.trim_end_matches('W'))
                }
            })
        });
        known.map(|(code, _)| *code)
    }

    /// Returns, for the tables of the documentation, how the service writes the code; more than one where several mean the same.
    #[cfg(test)]
    pub fn texts(self) -> &'static [&'static str] {
        let known = Code::TEXTS.iter().find(|(code, _)| *code == self);
        known.map_or(&[], |(_, texts)| texts)
    }
}

/// A row: the advice for a response with this status, and with this code if there is one.
#[derive(Debug, Clone, Copy)]
pub struct Advice {
    /// The HTTP status.
    pub status: u16,
    /// The code; `None` for any.
    pub code: Option<Code>,
    /// What to do.
    pub remedy: &'static str,
}

const fn row(status: u16, code: Option<Code>, remedy: &'static str) -> Advice {
    Advice {
        status,
        code,
        remedy,
    }
}

/// The table, from the particular to the general. Source: `reference/swr-api.md` 6.2 to 6.4.
#[rustfmt::skip] // a table reads as a table
pub const ADVICE: &[Advice] = &[
    row(400, Some(Code::NoToken), "no token reached the service: check that the endpoint is https://swr-api.<region>.myhuaweicloud.com"),
    row(400, Some(Code::BadKeys), "check the access key and the secret key"),
    row(401, Some(Code::OtherAccount), "the resource belongs to another account: check which account and project the credential is for"),
    row(403, Some(Code::PermissionMissing), "the credential lacks a permission; only the account itself or an administrator may set up synchronization"),
    row(403, Some(Code::NotNamespaceManager), "the user may not manage this namespace: ask for 'manage' on it"),
    row(403, Some(Code::NotRepositoryManager), "the user may not manage this repository: ask for 'manage' on it"),
    row(403, Some(Code::NotYours), "the resource is not yours: check the account and the names"),
    row(403, Some(Code::NotPermitted), "this is not permitted for your account"),
    row(403, Some(Code::TooManyRequests), "too many requests: wait, and lower --concurrency"),
    row(400, Some(Code::NamespaceQuota), "the quota of namespaces is used up: delete one or ask for more"),
    row(400, Some(Code::RepositoryQuota), "the quota of repositories is used up: delete one or ask for more"),
    row(400, Some(Code::TagQuota), "the quota of tags is used up: delete some or ask for more"),
    row(400, Some(Code::TaskNotFound), "no such task: 'swr sync list' shows the existing ones"),
    row(404, Some(Code::NamespaceNotFound), "check the namespace: 'swr namespace list' shows yours"),
    row(404, Some(Code::RepositoryNotFound), "check the repository: 'swr repo list' shows those of a namespace"),
    row(404, Some(Code::TagNotFound), "check the tag: 'swr tag list' shows those of a repository"),
    row(404, Some(Code::UrlNotFound), "unknown path: check the endpoint"),
    row(404, Some(Code::ApiNotFound), "the region does not offer this call, or the endpoint is not that of SWR: check --endpoint and --region"),
    row(409, Some(Code::Busy), "the service is busy: try again later"),
    row(409, Some(Code::NamespaceExists), "choose another name: namespaces are unique within a region, across all accounts"),
    row(500, Some(Code::InternalError), "the service does not know the target region: 'swr sync regions' lists those it offers; retrying does not help"),
    row(507, Some(Code::StorageFailed), "the service's object storage is full or unavailable: try again later"),
    row(401, Some(Code::TokenExpired), "the token has expired: get a new one"),
    row(403, Some(Code::UserRefused), "the gateway rejects this user: ask the account's administrator"),
    row(429, None, "too many requests: wait, and lower --concurrency"),
    row(401, Some(Code::UserLocked), "the user is locked: wait 15 minutes before the next try"),
    row(403, Some(Code::ConsoleOnly), "the user has console access only: give it programmatic access"),
    row(403, None, "the credential lacks a permission; only the account itself or an administrator may set up synchronization"),
    row(404, None, "check namespace, repository and endpoint"),
    row(406, None, "not empty: delete its contents first"),
    row(413, None, "the request is too large"),
    row(502, None, "the service behind the gateway is unavailable: try again later"),
    row(503, None, "the service is unavailable: try again later"),
    row(504, None, "the service did not answer its gateway in time: try again later"),
    row(500, None, "internal error of the service: try again later, or report the request id to the vendor"),
];

/// Returns the advice for a status and a code. Another service than SWR knows no namespaces and
/// repositories, so that what a bare 403 or 404 means there is for the caller to say.
pub(super) fn advice(status: u16, code: Option<Code>, is_swr: bool) -> Option<&'static str> {
    let row = ADVICE.iter().find(|row| match row.code {
        // A code decides, whatever status it comes with.
        Some(_) => row.code == code,
        None => row.status == status && (is_swr || !matches!(status, 403 | 404)),
    })?;
    Some(row.remedy)
}

#[cfg(test)]
mod tests {
    use super::{ADVICE, Code, advice};

    #[test]
    fn codes_are_known_by_their_end() {
        for (text, code) in [
            ("SVCSTG.SWR.4090023", Some(Code::Busy)),
            ("SVCSTG.SWR.4031042", Some(Code::TooManyRequests)),
            ("APIGW.0101", Some(Code::ApiNotFound)),
            ("APIG.0101", Some(Code::ApiNotFound)),
            ("IAM.0061", Some(Code::UserLocked)),
            ("SVCSTG.SWR.0061", None),
            ("40900231", None),
            ("", None),
        ] {
            assert_eq!(Code::of(text), code, "{text}");
        }
    }

    #[test]
    fn every_code_with_advice_has_texts() {
        for row in ADVICE {
            assert!(row.code.is_none_or(|code| !code.texts().is_empty()));
        }
    }

    #[test]
    fn a_bare_404_of_another_service_is_not_about_repositories() {
        assert!(advice(404, None, true).is_some());
        assert_eq!(advice(404, None, false), None);
        assert!(advice(404, Some(Code::ApiNotFound), false).is_some());
    }
}
