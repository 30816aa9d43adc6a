//! The address of a service: which ones a credential may be sent to, and the one of a region.
//!
//! `settings` parse one, `api` sends to it. Source: `reference/swr-api.md` section 1.

use std::fmt;
use std::net::IpAddr;

use url::{Host, Url};

use crate::names::{Parse, RegionId};

/// An address that requests can be sent to: https, or plain http to this machine; no user, no
/// query; a path is a gateway's prefix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint(Url);

impl Endpoint {
    /// Parses an address as a person writes it.
    ///
    /// # Errors
    /// The broken rule, in words that follow `invalid endpoint '…': `.
    pub fn parse(text: &str) -> Result<Endpoint, String> {
        let endpoint = Endpoint::parse_plain(text)?;
        if endpoint.0.scheme() == "http" && !endpoint.is_loopback() {
            return Err(
                "plain http would show the credential to the network; use https \
                        (http is for this machine only)"
                    .to_owned(),
            );
        }
        Ok(endpoint)
    }

    /// Parses an address that may be plain http: the metadata and pod services, which the
    /// platform offers without TLS.
    ///
    /// # Errors
    /// The broken rule, as for [`Endpoint::parse`].
    pub fn parse_plain(text: &str) -> Result<Endpoint, String> {
        let url = Url::parse(text).map_err(|error| match error {
            url::ParseError::RelativeUrlWithoutBase => {
                "it is not a valid URL; write it with its scheme, like 'https://swr-api.cn-north-4.myhuaweicloud.com'"
                    .to_owned()
            }
            other => format!("it is not a valid URL: {other}"),
        })?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(format!("the scheme '{}' is not https", url.scheme()));
        }
        if url.host().is_none() {
            return Err("it has no host".to_owned());
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("it contains a user; credentials do not belong in an address".to_owned());
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err("it contains a query or a fragment".to_owned());
        }
        Ok(Endpoint(url))
    }

    /// Returns the endpoint of SWR in a region.
    pub fn of_region(region: &RegionId) -> Endpoint {
        Endpoint::of_service("swr-api", region)
    }

    /// Returns the endpoint of a service (`iam`, `sts`) in a region.
    pub fn of_service(service: &str, region: &RegionId) -> Endpoint {
        let address = format!("https://{service}.{region}.{}", cloud_of(region));
        // The grammar of region ids leaves nothing that a URL could refuse; the fallback is inert.
        Endpoint(Url::parse(&address).unwrap_or_else(|_| unreachable_host()))
    }

    /// Returns the region that an address of the vendor's form names: `swr-api.<region>.<cloud>`.
    pub fn region(&self) -> Option<RegionId> {
        let rest = self.0.host_str()?.strip_prefix("swr-api.")?;
        let region = rest
            .strip_suffix(".myhuaweicloud.com")
            .or_else(|| rest.strip_suffix(".myhuaweicloud.eu"))?;
        RegionId::parse(region).ok()
    }

    /// Returns the address of a path below the endpoint's own; `path` begins with `/` and is
    /// written as it goes over the wire.
    pub fn at(&self, path: &str) -> Url {
        let mut url = self.0.clone();
        match self.0.path().trim_end_matches('/') {
            "" => url.set_path(path),
            prefix => url.set_path(&format!("{prefix}{path}")),
        }
        url
    }

    /// Returns the address of a path with its query, both as they go over the wire.
    pub fn at_query(&self, path_and_query: &str) -> Url {
        let (path, query) = match path_and_query.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (path_and_query, None),
        };
        let mut url = self.at(path);
        url.set_query(query);
        url
    }

    /// Returns `true` if the host is this machine: `localhost`, 127.0.0.0/8 or `::1`.
    pub fn is_loopback(&self) -> bool {
        match self.0.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
            Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
            None => false,
        }
    }

    /// Returns `true` if the address is plain http.
    pub fn is_plain(&self) -> bool {
        self.0.scheme() == "http"
    }

    /// Returns the address as text, without a slash at its end.
    pub fn as_str(&self) -> &str {
        self.0.as_str().trim_end_matches('/')
    }

    /// Returns the address as a URL.
    pub fn as_url(&self) -> &Url {
        &self.0
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The regions that begin `eu-west-1` are in the EU cloud, all others are not (section 1).
fn cloud_of(region: &RegionId) -> &'static str {
    if region.as_str().starts_with("eu-west-1") {
        "myhuaweicloud.eu"
    } else {
        "myhuaweicloud.com"
    }
}

fn unreachable_host() -> Url {
    #[expect(clippy::unwrap_used, reason = "a literal that is a URL")]
    Url::parse("https://invalid.invalid").unwrap()
}

#[cfg(test)]
mod tests {
    use super::Endpoint;
    use crate::names::{Parse, RegionId};

    fn of(region: &str) -> String {
        Endpoint::of_region(&RegionId::parse(region).unwrap()).to_string()
    }

    #[test]
    fn the_european_cloud_has_a_domain_of_its_own() {
        assert_eq!(
            of("cn-north-4"),
            "https://swr-api.cn-north-4.myhuaweicloud.com"
        );
        assert_eq!(
            of("eu-west-101"),
            "https://swr-api.eu-west-101.myhuaweicloud.eu"
        );
        assert_eq!(
            of("eu-west-0"),
            "https://swr-api.eu-west-0.myhuaweicloud.com"
        );
    }

    #[test]
    fn the_region_is_read_off_an_address_of_the_vendors_form() {
        let region = |text| {
            Endpoint::parse(text)
                .unwrap()
                .region()
                .map(|r| r.to_string())
        };
        assert_eq!(
            region("https://swr-api.cn-north-4.myhuaweicloud.com/"),
            Some("cn-north-4".to_owned())
        );
        assert_eq!(region("https://gateway.example/swr"), None);
    }

    #[test]
    fn a_path_is_a_prefix() {
        let endpoint = Endpoint::parse("https://gateway.example/swr/").unwrap();
        assert_eq!(
            endpoint.at("/v2/a$b").as_str(),
            "https://gateway.example/swr/v2/a$b"
        );
        assert_eq!(endpoint.to_string(), "https://gateway.example/swr");
    }

    #[test]
    fn a_credential_goes_over_tls_or_stays_on_this_machine() {
        for good in [
            "https://far.example",
            "http://127.0.0.1:1",
            "http://[::1]:2",
            "http://localhost",
        ] {
            assert!(Endpoint::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "http://far.example",
            "ftp://a.example",
            "far.example",
            "https://u:p@a.example",
            "https://a?b",
            "",
        ] {
            assert!(Endpoint::parse(bad).is_err(), "{bad}");
        }
    }
}
