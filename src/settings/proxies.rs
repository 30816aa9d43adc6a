//! The proxy variables, parsed once: which proxy a request goes through, and which go without one.
//!
//! `context` hands the result to the client, `doctor` shows it. A value that cannot be used is an
//! error, never a reason to connect without the proxy. Plain http goes to this machine and to the
//! platform's own services only, and so never through a proxy (contract section 5).

use std::net::IpAddr;

use ipnet::IpNet;
use url::{Host, Url};

use super::environment::Environment;
use super::load::Settings;
use crate::error::{Error, Kind};
use crate::origin::Origin;
use crate::secret::{REDACTED, Secret};

/// A proxy that requests go through.
#[derive(Debug, Clone)]
pub struct Proxy {
    url: Url,
    /// The variable that names it.
    pub origin: Origin,
}

impl Proxy {
    /// Returns the address with user and password, for the client.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Returns the address as it may be shown.
    pub fn shown(&self) -> String {
        let (scheme, rest) = self.url.as_str().split_once("://").unwrap_or_default();
        let user = if self.url.username().is_empty() && self.url.password().is_none() {
            String::new()
        } else {
            format!("{REDACTED}@")
        };
        let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
        format!("{scheme}://{user}{}", host.trim_end_matches('/'))
    }
}

/// The proxy of https requests, and the hosts that are reached without it.
#[derive(Debug, Clone, Default)]
pub struct Proxies {
    proxy: Option<Proxy>,
    exceptions: Vec<Exception>,
    exceptions_origin: Option<Origin>,
}

/// How a request travels.
#[derive(Debug)]
pub enum Route<'a> {
    /// Without a proxy, because none is set, or the request is plain http.
    Direct,
    /// Without the proxy, because of an exception of this variable.
    Excepted(&'a Origin),
    /// Through the proxy.
    Through(&'a Proxy),
}

impl Proxies {
    /// Returns how a request to an address travels.
    pub fn route(&self, url: &Url) -> Route<'_> {
        let Some(proxy) = self.proxy.as_ref().filter(|_| url.scheme() == "https") else {
            return Route::Direct;
        };
        match &self.exceptions_origin {
            Some(origin) if self.exceptions.iter().any(|rule| rule.covers(url)) => {
                Route::Excepted(origin)
            }
            _ => Route::Through(proxy),
        }
    }
}

impl Settings {
    /// Parses the proxy variables.
    ///
    /// # Errors
    /// Kind `config` for a proxy address that cannot be used, also one that no request needs, and
    /// for an exception that cannot be understood.
    pub fn proxies(&self) -> Result<Proxies, Error> {
        let environment = self.environment();
        let named = |names: [&'static str; 2]| proxy(environment, names);
        let https = named(["HTTPS_PROXY", "https_proxy"])?;
        let all = named(["ALL_PROXY", "all_proxy"])?;
        named(["HTTP_PROXY", "http_proxy"])?;
        let mut proxies = Proxies {
            proxy: https.or(all),
            ..Proxies::default()
        };
        if let Some((name, text)) = first(environment, ["NO_PROXY", "no_proxy"])? {
            let origin = Origin::Variable(name.to_owned());
            for part in text.split([',', ' ', '\t']).filter(|part| !part.is_empty()) {
                let exception = Exception::parse(part).ok_or_else(|| {
                    let what = format!(
                        "invalid entry '{part}' in {name}: must be '*', a host, a domain, an address \
                         or a network, with a port if needed"
                    );
                    Error::new(Kind::Config, what)
                        .origin(origin.clone())
                        .hint("write it like 'localhost,.example.com,10.0.0.0/8,[::1]:8443'")
                })?;
                proxies.exceptions.push(exception);
            }
            proxies.exceptions_origin = Some(origin);
        }
        Ok(proxies)
    }
}

/// Returns the first of two variables that has a value.
fn first<'e>(
    environment: &'e Environment,
    names: [&'static str; 2],
) -> Result<Option<(&'static str, &'e str)>, Error> {
    for name in names {
        if let Some(text) = environment.text(name)? {
            return Ok(Some((name, text)));
        }
    }
    Ok(None)
}

fn proxy(environment: &Environment, names: [&'static str; 2]) -> Result<Option<Proxy>, Error> {
    let Some((name, text)) = first(environment, names)? else {
        return Ok(None);
    };
    let origin = Origin::Variable(name.to_owned());
    match address(text) {
        Ok(url) => Ok(Some(Proxy { url, origin })),
        Err(rule) => {
            // What is before an '@' may be a password.
            let value = if text.contains('@') { REDACTED } else { text };
            let what = format!("invalid proxy '{value}': {rule}");
            Err(Error::new(Kind::Config, what).origin(origin).hint(
                "write it like 'http://proxy.example.com:3128', or unset the variable; in a user or \
                 a password write '/', '?', '#' and '@' as %2F, %3F, %23 and %40",
            ))
        }
    }
}

/// Parses the address of a proxy; without a scheme it is http.
fn address(text: &str) -> Result<Url, String> {
    const SCHEMES: [&str; 6] = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"];
    let (scheme, rest) = text.split_once("://").unwrap_or(("http", text));
    let scheme = scheme.to_ascii_lowercase();
    if !SCHEMES.contains(&scheme.as_str()) {
        return Err(format!("the scheme must be one of {}", SCHEMES.join(", ")));
    }
    let authority = rest.strip_suffix('/').unwrap_or(rest);
    // The URL parser would end the host at one of these, or drop it, and connect elsewhere.
    if authority.contains(['/', '\\', '?', '#', '"', '\'', '`', '<', '>'])
        || authority.contains(|c: char| c.is_whitespace() || c.is_control())
    {
        return Err("must be a host and a port, with nothing behind it".to_owned());
    }
    let url = Url::parse(&format!("{scheme}://{authority}"))
        .map_err(|error| format!("not a valid URL: {error}"))?;
    if url.host_str().is_none_or(str::is_empty) {
        return Err("must name a host".to_owned());
    }
    if let Some(password) = url.password() {
        let decoded = percent_encoding::percent_decode_str(password).decode_utf8_lossy();
        let _kept = (Secret::new(password), Secret::new(decoded));
    }
    Ok(url)
}

/// A host, or several, that are reached without the proxy.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Exception {
    hosts: Hosts,
    port: Option<u16>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Hosts {
    All,
    /// A domain and what is below it; without the domain itself where it was written `*.domain`.
    Domain(String, bool),
    Network(IpNet),
}

impl Exception {
    fn parse(text: &str) -> Option<Exception> {
        let whole = |text| Hosts::parse(text).map(|hosts| Exception { hosts, port: None });
        if text.parse::<IpAddr>().is_ok() || text.parse::<IpNet>().is_ok() {
            return whole(text);
        }
        // An address of version 6 has colons of its own, and is in brackets before a port.
        match text.rsplit_once(':') {
            Some((host, port)) if !host.contains(':') || host.contains(']') => Some(Exception {
                hosts: Hosts::parse(host)?,
                port: Some(port.parse().ok()?),
            }),
            _ => whole(text),
        }
    }

    fn covers(&self, url: &Url) -> bool {
        self.port
            .is_none_or(|port| url.port_or_known_default() == Some(port))
            && self.hosts.cover(url)
    }
}

impl Hosts {
    fn parse(text: &str) -> Option<Hosts> {
        if text == "*" {
            return Some(Hosts::All);
        }
        let bare = match text.strip_prefix('[') {
            Some(rest) => {
                let (address, length) = rest.split_once(']')?;
                format!("{address}{length}")
            }
            None => text.to_owned(),
        };
        if let Ok(address) = bare.parse::<IpAddr>() {
            return Some(Hosts::Network(address.into()));
        }
        if let Ok(network) = bare.parse::<IpNet>() {
            return Some(Hosts::Network(network));
        }
        let (name, itself) = match (text.strip_prefix("*."), text.strip_prefix('.')) {
            (Some(name), _) => (name, false),
            (None, Some(name)) => (name, true),
            (None, None) => (text, true),
        };
        let name = name.strip_suffix('.').unwrap_or(name);
        if name.contains('*') {
            return None;
        }
        match Host::parse(name).ok()? {
            Host::Domain(name) => Some(Hosts::Domain(name, itself)),
            Host::Ipv4(address) => Some(Hosts::Network(IpAddr::from(address).into())),
            Host::Ipv6(address) => Some(Hosts::Network(IpAddr::from(address).into())),
        }
    }

    fn cover(&self, url: &Url) -> bool {
        match (self, url.host()) {
            (Hosts::All, _) => true,
            (Hosts::Domain(domain, itself), Some(Host::Domain(host))) => {
                match host.trim_end_matches('.').strip_suffix(domain.as_str()) {
                    Some("") => *itself,
                    Some(below) => below.ends_with('.'),
                    None => false,
                }
            }
            (Hosts::Network(network), Some(Host::Ipv4(host))) => {
                network.contains(&IpAddr::from(host))
            }
            (Hosts::Network(network), Some(Host::Ipv6(host))) => {
                network.contains(&IpAddr::from(host))
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use url::Url;

    use super::{Exception, Route, address};
    use crate::settings::{Environment, Options, Settings};

    fn settings(pairs: &[(&str, &str)]) -> Settings {
        let environment = Environment::of(pairs.iter().copied());
        Settings::load(&Options::default(), &environment).unwrap()
    }

    #[test]
    fn a_proxy_is_a_host_and_a_port() {
        for (text, url) in [
            ("http://p.example:1", "http://p.example:1/"),
            ("HTTP://p.example:1/", "http://p.example:1/"),
            ("p.example:1", "http://p.example:1/"),
            ("u:p@p.example:1", "http://u:p@p.example:1/"),
            ("socks5h://[::1]:1", "socks5h://[::1]:1"),
            ("http://u:p%23s@p.example", "http://u:p%23s@p.example/"),
        ] {
            assert_eq!(address(text).as_ref().map(Url::as_str), Ok(url), "{text}");
        }
        for text in [
            "",
            "http://",
            "htp://p.example",
            "'http://p.example'",
            "not a proxy",
            "http://u:p#s@p.example",
            "http://u:1#s@p.example",
            "http://u:p/s@p.example",
            "http://u:1/s@p.example",
            "http://u:1?s@p.example",
            "http://p.example:1/path",
            "http://p.example:port",
            "http://p.example:99999",
            "http://u:1\\s@p.example",
            "ftp://p.example",
        ] {
            assert!(address(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_exception_covers_its_hosts_and_no_others() {
        let covers = |rule: &str, url: &str| {
            Exception::parse(rule)
                .unwrap()
                .covers(&Url::parse(url).unwrap())
        };
        for (rule, url, expected) in [
            ("*", "https://a.example", true),
            ("*", "https://127.0.0.1", true),
            ("*:8443", "https://a.example", false),
            ("a.example", "https://a.example", true),
            ("A.Example.", "https://a.example", true),
            ("a.example", "https://b.a.example", true),
            ("a.example", "https://ba.example", false),
            (".a.example", "https://b.a.example", true),
            (".a.example", "https://a.example", true),
            ("*.a.example", "https://b.a.example", true),
            ("*.a.example", "https://a.example", false),
            ("*.a.example", "https://ba.example", false),
            ("a.example:443", "https://a.example", true),
            ("a.example:8443", "https://a.example", false),
            ("a.example:8443", "https://a.example:8443", true),
            ("127.0.0.1", "https://127.0.0.1:9", true),
            ("127.0.0.1:9", "https://127.0.0.1:9", true),
            ("127.0.0.1:8", "https://127.0.0.1:9", false),
            ("10.0.0.0/8", "https://10.1.2.3", true),
            ("10.0.0.0/8", "https://11.1.2.3", false),
            ("10.0.0.0/8:443", "https://10.1.2.3", true),
            ("::1", "https://[::1]", true),
            ("[::1]", "https://[::1]", true),
            ("[::1]:443", "https://[::1]", true),
            ("[::1]:1", "https://[::1]", false),
            ("::/0", "https://[2001:db8::1]", true),
            ("[2001:db8::]/32", "https://[2001:db8::1]", true),
            ("[2001:db8::]/32:443", "https://[2001:db8::1]", true),
            ("bücher.example", "https://xn--bcher-kva.example", true),
            ("1", "https://a1", false),
        ] {
            assert_eq!(covers(rule, url), expected, "{rule} {url}");
        }
        for rule in [
            "http://a.example",
            "10.0.0.0/33",
            "192.168.*",
            "a b",
            "a:b",
            "[::1",
            "a/b",
            "a:99999",
            "",
        ] {
            assert_eq!(Exception::parse(rule), None, "{rule}");
        }
    }

    #[test]
    fn an_empty_variable_gives_way_and_a_broken_one_does_not() {
        let url = Url::parse("https://a.example").unwrap();
        let route = |pairs: &[(&str, &str)]| match settings(pairs).proxies() {
            Err(error) => format!("{} {}", error.message(), error.place().unwrap()),
            Ok(proxies) => match proxies.route(&url) {
                Route::Direct => "direct".to_owned(),
                Route::Excepted(origin) => format!("excepted by {origin}"),
                Route::Through(proxy) => format!("{} {}", proxy.shown(), proxy.origin),
            },
        };
        for (pairs, expected) in [
            (&[][..], "direct"),
            (&[("HTTP_PROXY", "http://p:1")], "direct"),
            (
                &[("HTTPS_PROXY", ""), ("https_proxy", "p:1")],
                "http://p:1 https_proxy",
            ),
            (
                &[("HTTPS_PROXY", " \n"), ("ALL_PROXY", "p:1\n")],
                "http://p:1 ALL_PROXY",
            ),
            (
                &[("HTTPS_PROXY", "http://u:secret-of-mine@p:1")],
                "http://[redacted]@p:1 HTTPS_PROXY",
            ),
            (
                &[("HTTPS_PROXY", "p:1"), ("NO_PROXY", "x, .example")],
                "excepted by NO_PROXY",
            ),
            (
                &[
                    ("HTTPS_PROXY", "p:1"),
                    ("NO_PROXY", ""),
                    ("no_proxy", "a.example"),
                ],
                "excepted by no_proxy",
            ),
        ] {
            assert_eq!(route(pairs), expected, "{pairs:?}");
        }
        for name in [
            "HTTPS_PROXY",
            "https_proxy",
            "HTTP_PROXY",
            "http_proxy",
            "ALL_PROXY",
            "all_proxy",
        ] {
            let told = route(&[(name, "htp://u:secret-of-mine@p")]);
            assert!(
                told.starts_with("invalid proxy '[redacted]': ") && told.ends_with(name),
                "{told}"
            );
            let both = route(&[(name, "a b")]);
            assert!(both.starts_with("invalid proxy 'a b': "), "{both}");
        }
        for name in ["NO_PROXY", "no_proxy"] {
            assert!(route(&[(name, "10.0.0.0/33")]).starts_with("invalid entry '10.0.0.0/33' in "));
        }
    }

    proptest! {
        #[test]
        fn no_text_panics_and_what_is_accepted_keeps_its_host(text in "[a-z0-9:@/\\[\\].*%#? -]{0,24}") {
            if let Ok(url) = address(&text) {
                prop_assert!(url.host_str().is_some_and(|host| !host.is_empty()));
                prop_assert!(url.path().len() <= 1 && url.query().is_none() && url.fragment().is_none());
            }
            let _ = Exception::parse(&text);
        }
    }
}
