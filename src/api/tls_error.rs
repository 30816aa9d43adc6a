//! What went wrong in TLS, in words that a person can act on.

use std::error::Error as StdError;

use rustls::{CertificateError, Error as TlsError, InvalidMessage};

/// Returns what a TLS error means for a host, and what to do about it; `None` for other errors.
pub(super) fn explain(
    error: &(dyn StdError + 'static),
    host: &str,
) -> Option<(String, &'static str)> {
    let (what, hint) = match find(error)? {
        TlsError::InvalidCertificate(error) => {
            let (what, hint) = certificate(error);
            return Some((format!("the certificate of '{host}' {what}"), hint));
        }
        TlsError::InvalidMessage(InvalidMessage::InvalidContentType) => (
            "it does not use TLS on this port",
            "check scheme and port of the endpoint: only https is used, except to this machine",
        ),
        TlsError::PeerIncompatible(_) => (
            "it offers no TLS version or cipher that is accepted",
            "the endpoint has to offer TLS 1.2 or 1.3",
        ),
        TlsError::AlertReceived(_) => (
            "it ended the TLS handshake",
            "check the endpoint; it may expect another host name or a client certificate",
        ),
        TlsError::NoCertificatesPresented => (
            "it presents no certificate",
            "the endpoint's operator has to configure a certificate",
        ),
        _ => (
            "the TLS handshake failed",
            "check the endpoint, and that nothing in between changes the traffic",
        ),
    };
    Some((format!("no secure connection to '{host}': {what}"), hint))
}

fn certificate(error: &CertificateError) -> (&'static str, &'static str) {
    match error {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => (
            "has expired",
            "check this machine's clock; if it is right, the endpoint's operator has to renew the \
             certificate",
        ),
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            ("is not valid yet", "check this machine's clock")
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => (
            "is for another name",
            "check the host name of the endpoint; a proxy or portal may answer in its place",
        ),
        CertificateError::UnknownIssuer => (
            "is not trusted",
            "if a company's CA signed it, add that CA with --ca-file; TLS checks are never switched \
             off",
        ),
        CertificateError::Revoked => (
            "was revoked",
            "the endpoint's operator has to replace the certificate",
        ),
        // The library names this one only in the text of its inner error.
        CertificateError::Other(other) if other.to_string().contains("CaUsedAsEndEntity") => (
            "is a CA certificate, not that of a server",
            "the endpoint needs a certificate that the CA has issued for it",
        ),
        _ => (
            "is not valid",
            "the endpoint's operator has to replace the certificate",
        ),
    }
}

/// Returns the TLS error in a chain of causes. An I/O error does not list what it wraps as its
/// source.
fn find<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a TlsError> {
    let mut next: Option<&(dyn StdError + 'static)> = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<TlsError>() {
            return Some(found);
        }
        let inner = error
            .downcast_ref::<std::io::Error>()
            .and_then(std::io::Error::get_ref);
        if let Some(inner) = inner
            && let Some(found) = find(inner)
        {
            return Some(found);
        }
        next = error.source();
    }
    None
}
