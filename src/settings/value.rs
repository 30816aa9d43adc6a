//! The grammars of the settings: text in, typed value or error out.
//!
//! `settings` calls them. They know neither the origin of a value nor its name.

use std::fmt;
use std::time::Duration;

use serde::Serialize;

use crate::endpoint::Endpoint;
use crate::names::{Namespace, Parse, ParseError, RegionId, nearest};
use crate::output::{Color, Format};

/// The highest number of retries; the wait between them doubles each time.
const MOST_RETRIES: u32 = 10;

/// The source of a credential that is not written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CredentialSource {
    /// The metadata service of the machine.
    Metadata,
    /// The identity of the pod.
    Pod,
    /// An id token of an identity provider.
    Oidc,
}

impl CredentialSource {
    /// Every source, by its name.
    pub const ALL: [(&'static str, CredentialSource); 3] = [
        ("metadata", CredentialSource::Metadata),
        ("pod", CredentialSource::Pod),
        ("oidc", CredentialSource::Oidc),
    ];
}

/// A setting that is one of several words.
pub(super) trait Choice: Copy + 'static {
    /// What is chosen.
    const NOUN: &'static str;
    /// Every choice, by its name.
    const ALL: &'static [(&'static str, Self)];
}

impl Choice for CredentialSource {
    const NOUN: &'static str = "credential source";
    const ALL: &'static [(&'static str, Self)] = &CredentialSource::ALL;
}

impl Choice for Format {
    const NOUN: &'static str = "format";
    const ALL: &'static [(&'static str, Self)] = &Format::ALL;
}

impl Choice for Color {
    const NOUN: &'static str = "choice of color";
    const ALL: &'static [(&'static str, Self)] = &Color::ALL;
}

impl<T: Choice> Parse for T {
    const NOUN: &'static str = <T as Choice>::NOUN;

    fn parse(text: &str) -> Result<T, ParseError> {
        let names = || T::ALL.iter().map(|(name, _)| *name);
        if let Some((_, found)) = T::ALL.iter().find(|(name, _)| *name == text) {
            return Ok(*found);
        }
        let mut error = error(format!(
            "must be one of {}",
            names().collect::<Vec<_>>().join(", ")
        ));
        error.hint = nearest(text, names()).map(|name| format!("did you mean '{name}'?"));
        Err(error)
    }
}

fn error(rule: impl Into<String>) -> ParseError {
    ParseError {
        rule: rule.into(),
        hint: None,
    }
}

impl Parse for Duration {
    const NOUN: &'static str = "duration";

    fn parse(text: &str) -> Result<Duration, ParseError> {
        crate::duration::parse(text)
    }
}

/// A number of retries, 0 to 10.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Retries(pub(super) u32);

impl Parse for Retries {
    const NOUN: &'static str = "number of retries";

    fn parse(text: &str) -> Result<Retries, ParseError> {
        text.parse()
            .ok()
            .filter(|count| *count <= MOST_RETRIES)
            .filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()))
            .map(Retries)
            .ok_or_else(|| error(format!("must be a whole number from 0 to {MOST_RETRIES}")))
    }
}

/// The id of a project, which goes into a header and into paths: letters, digits, `-` and `_`.
pub(super) struct ProjectId(pub(super) String);

impl Parse for ProjectId {
    const NOUN: &'static str = "project id";

    fn parse(text: &str) -> Result<ProjectId, ParseError> {
        let is_valid = (1..=64).contains(&text.len())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        if is_valid {
            Ok(ProjectId(text.to_owned()))
        } else {
            Err(error(
                "not a valid project id: 32 digits and letters, \
                 shown in the console under 'My Credentials'",
            ))
        }
    }
}

/// Any text that is not empty.
pub(super) struct Text(pub(super) String);

impl Parse for Text {
    const NOUN: &'static str = "text";

    fn parse(text: &str) -> Result<Text, ParseError> {
        if text.is_empty() {
            Err(error("must not be empty"))
        } else {
            Ok(Text(text.to_owned()))
        }
    }
}

impl Parse for Endpoint {
    const NOUN: &'static str = "endpoint";

    fn parse(text: &str) -> Result<Endpoint, ParseError> {
        Endpoint::parse(text).map_err(error)
    }
}

/// An address that may be plain http.
pub(super) struct PlainAddress(pub(super) Endpoint);

impl Parse for PlainAddress {
    const NOUN: &'static str = "address";

    fn parse(text: &str) -> Result<PlainAddress, ParseError> {
        Endpoint::parse_plain(text).map(PlainAddress).map_err(error)
    }
}

/// The text of a token, an access key, a secret key or a security token.
///
/// A failed try counts towards a lock of the key, so text that cannot be one is never sent. The rule
/// never quotes the text.
pub struct Credential;

impl Parse for Credential {
    const NOUN: &'static str = "credential";

    fn parse(text: &str) -> Result<Credential, ParseError> {
        const COPIED: &str = "check that it was copied completely, and nothing else with it";
        let (rule, hint) = if text.is_empty() {
            ("is empty", COPIED)
        } else if text.contains(['\n', '\r']) {
            ("contains a line break", COPIED)
        } else if text.contains(char::is_control) {
            ("contains a control character", COPIED)
        } else if !text.is_ascii() {
            ("contains a character that is not ASCII", COPIED)
        } else if text.to_ascii_lowercase().starts_with("bearer ") {
            ("begins with 'Bearer '", "give what follows it, alone")
        } else if text.contains(['"', '\'', '`']) {
            (
                "contains a quotation mark",
                "remove the quotation marks: outside of a shell they are part of the value",
            )
        } else if text.contains('#') {
            (
                "contains '#'",
                "remove the comment: it is part of the value",
            )
        } else if text.contains(' ') {
            ("contains a blank", COPIED)
        } else {
            return Ok(Credential);
        };
        Err(ParseError {
            rule: rule.to_owned(),
            hint: Some(hint.to_owned()),
        })
    }
}

/// The address of a registry as in the name of an image: a host, and a port where it needs one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistryHost(String);

impl RegistryHost {
    /// Returns the registry of a region: `swr.<region>.myhuaweicloud.com`.
    pub fn of_region(region: &RegionId) -> RegistryHost {
        let endpoint = Endpoint::of_service("swr", region);
        RegistryHost(endpoint.as_url().authority().to_owned())
    }

    /// Returns the host with its port.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns its address: https, and plain http on this machine, as docker does it.
    ///
    /// # Errors
    /// What is wrong with it as an address.
    pub fn endpoint(&self) -> Result<Endpoint, String> {
        let secure = Endpoint::parse(&format!("https://{}", self.0))?;
        if secure.is_loopback() {
            Endpoint::parse(&format!("http://{}", self.0))
        } else {
            Ok(secure)
        }
    }
}

impl fmt::Display for RegistryHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Parse for RegistryHost {
    const NOUN: &'static str = "registry";

    fn parse(text: &str) -> Result<RegistryHost, ParseError> {
        const RULE: &str =
            "must be a host, with a port if needed, like 'swr.cn-north-4.myhuaweicloud.com'";
        // Parsed as an address: what the parser reads back is the host and the port alone.
        let url = url::Url::parse(&format!("docker://{text}")).map_err(|_| error(RULE))?;
        let port = url
            .port()
            .map(|port| format!(":{port}"))
            .unwrap_or_default();
        match url.host_str() {
            Some(host) if format!("{host}{port}") == text => Ok(RegistryHost(text.to_owned())),
            _ => Err(error(RULE)),
        }
    }
}

/// A target as people write it: `REGION` or `REGION/NAMESPACE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetName {
    /// The region.
    pub region: RegionId,
    /// The namespace; the source's where it is left out.
    pub namespace: Option<Namespace>,
}

impl TargetName {
    /// Returns `true` if a target as the service names it is this one; without a namespace, any in
    /// the region is.
    pub fn includes(&self, region: &str, namespace: &str) -> bool {
        let own = self.namespace.as_ref();
        self.region.as_str() == region && own.is_none_or(|own| own.as_str() == namespace)
    }
}

impl fmt::Display for TargetName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.namespace {
            Some(namespace) => write!(f, "{}/{namespace}", self.region),
            None => self.region.fmt(f),
        }
    }
}

impl Parse for TargetName {
    const NOUN: &'static str = "target";

    fn parse(text: &str) -> Result<TargetName, ParseError> {
        let (region, namespace) = match text.split_once('/') {
            Some((region, namespace)) => (region, Some(namespace)),
            None => (text, None),
        };
        let of = |noun: &'static str, part: &str| {
            let part = part.to_owned();
            move |error: ParseError| ParseError {
                rule: format!("{noun} '{part}': {}", error.rule),
                ..error
            }
        };
        Ok(TargetName {
            region: RegionId::parse(region).map_err(of("region", region))?,
            namespace: namespace
                .map(|name| Namespace::parse(name).map_err(of("namespace", name)))
                .transpose()?,
        })
    }
}

/// Targets, separated by commas.
pub(super) struct Targets(pub(super) Vec<TargetName>);

impl Parse for Targets {
    const NOUN: &'static str = "targets";

    fn parse(text: &str) -> Result<Targets, ParseError> {
        let targets = text.split(',').map(|part| TargetName::parse(part.trim()));
        targets.collect::<Result<_, _>>().map(Targets)
    }
}

#[cfg(test)]
mod tests {
    use super::{Credential, ProjectId, RegistryHost, Retries, Targets};
    use crate::names::Parse;
    use crate::names::nearest;

    #[test]
    fn retries_are_counted_from_0_to_10() {
        let retries = |text| Retries::parse(text).map(|Retries(count)| count);
        assert_eq!((retries("0"), retries("10")), (Ok(0), Ok(10)));
        for text in ["11", "-1", "+1", "1.0", "", "three", " 1"] {
            assert!(retries(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_project_id_cannot_steer_a_request() {
        assert!(ProjectId::parse("0a1b2c3d4e5f60718293a4b5c6d7e8f9").is_ok());
        for text in ["", "a/b", "a b", "..", "a\n", "é", &"a".repeat(65)] {
            assert!(ProjectId::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn text_that_cannot_be_a_credential_is_refused() {
        assert!(Credential::parse("MIIab+/=-_.~:").is_ok());
        for text in [
            "", "\"k\"", "'k'", "k # mine", "k#", "Bearer k", "bearer k", "a b", "a\tb", "a\nb",
            "é",
        ] {
            assert!(Credential::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_registry_is_a_host_with_a_port_if_needed() {
        for text in [
            "swr.cn-north-4.myhuaweicloud.com",
            "127.0.0.1:5000",
            "[::1]:5000",
            "localhost",
        ] {
            assert_eq!(RegistryHost::parse(text).unwrap().as_str(), text);
        }
        for text in [
            "",
            "https://a.example",
            "a.example/team",
            "u:p@a.example",
            "a b",
            "a?b",
            "a:99999",
        ] {
            assert!(RegistryHost::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn targets_are_regions_with_or_without_a_namespace() {
        let Targets(targets) = Targets::parse("cn-east-3, ap-southeast-1/team").unwrap();
        let shown: Vec<_> = targets
            .iter()
            .map(|t| (t.region.as_str(), t.namespace.as_ref().map(|n| n.as_str())))
            .collect();
        assert_eq!(
            shown,
            [("cn-east-3", None), ("ap-southeast-1", Some("team"))]
        );
        for text in ["", ",", "cn-east-3,", "cn-east-3/", "cn-east-3/T", "CN"] {
            assert!(Targets::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn only_a_near_name_is_proposed() {
        let names = ["region", "endpoint", "token_file"];
        assert_eq!(nearest("regoin", names), Some("region"));
        assert_eq!(nearest("Token-File", names), Some("token_file"));
        assert_eq!(nearest("password", names), None);
    }
}
