//! What a proxy said when it refused to connect to the service.

use std::io::{Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;
use url::Url;

use super::answer::status_line;
use super::send_error::{Delivery, SendError};
use crate::error::{Error, Kind};

impl SendError {
    /// Explains the refusal of a proxy; `None` where the text is about something else.
    pub(super) fn of_proxy(text: &str, proxy: Option<&Url>, url: &Url) -> Option<SendError> {
        // The client does not say with which status the proxy refused, except for this one.
        let status = if text.contains("proxy authorization required") {
            Some(407)
        } else if text.contains("tunnel error: unsuccessful") {
            None
        } else {
            return None;
        };
        Some(refusal(status, proxy?, url))
    }

    /// Asks a proxy whether it connects to the service, before the first request through it: one
    /// refusal costs one try, and its status is known. `None` where it does, or cannot be asked.
    pub(super) fn of_refusing_proxy(proxy: &Url, url: &Url, limit: Duration) -> Option<SendError> {
        let status = connect_status(proxy, url, limit)?;
        (!(200..300).contains(&status)).then(|| refusal(Some(status), proxy, url))
    }
}

fn refusal(status: Option<u16>, proxy: &Url, url: &Url) -> SendError {
    let host = url.host_str().unwrap_or_default();
    let shown = format!(
        "{}:{}",
        proxy.host_str().unwrap_or_default(),
        proxy.port_or_known_default().unwrap_or_default()
    );
    let said = status.map_or("with no known status".to_owned(), status_line);
    // What it refuses, it will refuse again; only a failing proxy may recover.
    let is_final = !matches!(status, Some(500..) | None);
    let hint = match status {
        Some(407) => "check user and password of the proxy in HTTPS_PROXY or ALL_PROXY",
        Some(400..500) => "ask the proxy's operator to allow the host, or except it with NO_PROXY",
        _ => "try again, or check the proxy in HTTPS_PROXY or ALL_PROXY",
    };
    let error = Error::new(
        Kind::Network,
        format!("the proxy '{shown}' refused to connect to '{host}': {said}"),
    )
    .hint(hint)
    .retryable(!is_final);
    let delivery = if is_final {
        Delivery::Refused
    } else {
        Delivery::NotSent
    };
    SendError { error, delivery }
}

/// Returns the status with which a proxy answers a CONNECT; `None` where it does not speak plain HTTP
/// or does not answer, which the client then says in its own words.
fn connect_status(proxy: &Url, url: &Url, limit: Duration) -> Option<u16> {
    if proxy.scheme() != "http" {
        return None;
    }
    let host = proxy.host_str()?.trim_matches(['[', ']']);
    let port = proxy.port_or_known_default()?;
    let mut addresses = (host, port).to_socket_addrs().ok()?;
    let mut stream = addresses.find_map(|at| TcpStream::connect_timeout(&at, limit).ok())?;
    stream.set_read_timeout(Some(limit)).ok()?;
    stream.set_write_timeout(Some(limit)).ok()?;
    let target = format!("{}:{}", url.host_str()?, url.port_or_known_default()?);
    let mut request = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n");
    if !proxy.username().is_empty() {
        let decoded = |text| percent_decode_str(text).decode_utf8_lossy();
        let (user, password) = (proxy.username(), proxy.password().unwrap_or_default());
        let login = STANDARD.encode(format!("{}:{}", decoded(user), decoded(password)));
        request.push_str(&format!("Proxy-Authorization: Basic {login}\r\n"));
    }
    request.push_str("\r\n");
    stream.write_all(request.as_bytes()).ok()?;
    let mut head = [0; 12];
    stream.read_exact(&mut head).ok()?;
    // `HTTP/1.1 403`
    std::str::from_utf8(&head).ok()?.get(9..)?.parse().ok()
}
