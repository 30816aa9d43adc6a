//! The way to the service: region, endpoint, proxy, name, connection, TLS, clock.

use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::sync::mpsc::channel;
use std::thread::Builder;
use std::time::Duration;

use super::finding::Findings;
use crate::api::account::probe;
use crate::context::Context;
use crate::duration;
use crate::endpoint::Endpoint;
use crate::error::Error;
use crate::exit::Exit;
use crate::settings::{Proxies, Route};

/// The vendor refuses signatures that are off by more (`reference/swr-api.md` 5.2).
const LARGEST_SKEW: i64 = 15 * 60;
/// A clock that is off by this much will soon be off by more.
const NOTABLE_SKEW: i64 = 60;

/// How far the service can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// It answered.
    Open,
    /// It did not answer.
    Closed,
    /// A setting that every request needs is missing or broken, and was reported.
    Unset,
}

/// Checks the way to the service. What is broken is reported once, where it is.
pub(super) fn look(context: &Context, findings: &mut Findings<'_>) -> Result<Way, Error> {
    let endpoint = context.settings().endpoint();
    match context.settings().region() {
        Ok(Some(region)) => {
            let text = format!("the region is {} ({})", region.value, region.origin);
            findings.good("region", text)?;
        }
        Ok(None) if endpoint.is_err() => findings.skip("region", "no region is set")?,
        Ok(None) => findings.warn(
            "region",
            "no region is set".to_owned(),
            "set --region, SWR_REGION, or region in the config file",
        )?,
        Err(error) => {
            findings.error("region", &error)?;
            return Ok(Way::Unset);
        }
    }
    let endpoint = match endpoint {
        Ok(endpoint) => endpoint,
        Err(error) => {
            findings.error("endpoint", &error)?;
            return Ok(Way::Unset);
        }
    };
    let text = format!("the endpoint is {} ({})", endpoint.value, endpoint.origin);
    let endpoint = endpoint.value;
    if endpoint.region().is_some() || endpoint.is_loopback() {
        findings.good("endpoint", text)?;
    } else {
        findings.warn(
            "endpoint",
            format!("{text}, which is not of the vendor's form"),
            "this is right for a gateway or a private cloud; else leave it out and set the region",
        )?;
    }
    let is_proxied = match context.settings().proxies() {
        Ok(proxies) => proxied(&proxies, &endpoint, findings)?,
        Err(error) => {
            findings.error("proxy", &error)?;
            return Ok(Way::Unset);
        }
    };
    if let Err(error) = context.transport() {
        findings.error("transport", &error)?;
        return Ok(Way::Unset);
    }
    if !is_proxied && !connects(context, &endpoint, findings)? {
        return Ok(Way::Closed);
    }
    if answers(context, &endpoint, findings)? {
        Ok(Way::Open)
    } else {
        Ok(Way::Closed)
    }
}

/// Reports how requests travel; returns `true` if they go through a proxy.
fn proxied(
    proxies: &Proxies,
    endpoint: &Endpoint,
    findings: &mut Findings<'_>,
) -> Result<bool, Error> {
    let (text, is_proxied) = match proxies.route(endpoint.as_url()) {
        Route::Direct if endpoint.is_plain() => {
            let text = "plain http to this machine never goes through a proxy";
            (text.to_owned(), false)
        }
        Route::Direct => ("no proxy is set".to_owned(), false),
        Route::Excepted(origin) => (
            format!("{origin} excludes this endpoint from the proxy"),
            false,
        ),
        Route::Through(proxy) => (
            format!(
                "requests go through the proxy {} ({})",
                proxy.shown(),
                proxy.origin
            ),
            true,
        ),
    };
    findings.good("proxy", text)?;
    Ok(is_proxied)
}

fn connects(
    context: &Context,
    endpoint: &Endpoint,
    findings: &mut Findings<'_>,
) -> Result<bool, Error> {
    let limit = context
        .settings()
        .connect_timeout()
        .map_or(Duration::from_secs(10), |s| s.value);
    let url = endpoint.as_url();
    let host = url
        .host_str()
        .unwrap_or_default()
        .trim_matches(['[', ']'])
        .to_owned();
    let port = url.port_or_known_default().unwrap_or(443);
    let Some(addresses) = resolve(host.clone(), port, limit) else {
        findings.bad(
            "dns",
            format!("the name {host} has no address"),
            "check the endpoint or the region, and the network's name resolution",
            Exit::Unreachable,
        )?;
        return Ok(false);
    };
    let address = addresses[0].ip().to_string();
    let text = if address == host {
        format!("{host} is an address")
    } else {
        format!("{host} is {address}")
    };
    findings.good("dns", text)?;
    let connected = addresses
        .iter()
        .any(|at| TcpStream::connect_timeout(at, limit).is_ok());
    if connected {
        findings.good("tcp", format!("port {port} accepts connections"))?;
    } else {
        findings.bad(
            "tcp",
            format!("port {port} of {host} accepts no connection"),
            "check the endpoint and the firewall; a proxy is set with HTTPS_PROXY",
            Exit::Unreachable,
        )?;
    }
    Ok(connected)
}

/// Resolves a name within the limit; the system's resolver has none.
fn resolve(host: String, port: u16, limit: Duration) -> Option<Vec<SocketAddr>> {
    let (sender, receiver) = channel();
    let look_up = move || {
        let found = (host.as_str(), port).to_socket_addrs();
        let found: Vec<_> = found.into_iter().flatten().collect();
        let _ = sender.send(found);
    };
    if Builder::new().spawn(look_up.clone()).is_err() {
        look_up();
    }
    let found = receiver.recv_timeout(limit).ok();
    found.filter(|addresses| !addresses.is_empty())
}

fn answers(
    context: &Context,
    endpoint: &Endpoint,
    findings: &mut Findings<'_>,
) -> Result<bool, Error> {
    let transport = context.transport()?;
    if !endpoint.is_plain() {
        match transport.roots() {
            Ok(roots) => {
                let text = format!("{} root certificates from {}", roots.count, roots.from);
                findings.good("roots", text)?;
            }
            Err(error) => {
                findings.error("roots", &error)?;
                return Ok(false);
            }
        }
    }
    let id = if endpoint.is_plain() { "http" } else { "tls" };
    let answer = match probe(transport, endpoint) {
        Ok(answer) => answer,
        Err(error) => {
            findings.error(id, &error)?;
            return Ok(false);
        }
    };
    findings.good(
        id,
        format!("the endpoint answers ({})", answer.status_line()),
    )?;
    let Some(ahead) = answer.clock_ahead() else {
        findings.skip(
            "clock",
            "the response has no date to compare the clock with",
        )?;
        return Ok(true);
    };
    let seconds = ahead.as_secs();
    let way = if seconds > 0 { "ahead of" } else { "behind" };
    let skew = duration::text(ahead.unsigned_abs());
    let text = format!("this machine's clock is {skew} {way} the service's");
    let remedy = "set this machine's clock (NTP)";
    if seconds.abs() >= LARGEST_SKEW {
        findings.bad(
            "clock",
            format!("{text}: signatures are refused"),
            remedy,
            Exit::Local,
        )?;
    } else if seconds.abs() >= NOTABLE_SKEW {
        findings.warn("clock", text, remedy)?;
    } else {
        findings.good(
            "clock",
            "this machine's clock agrees with the service's".to_owned(),
        )?;
    }
    Ok(true)
}
