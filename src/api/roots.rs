//! Which certificates are trusted: the system's, the user's CA file besides, and bundled ones when
//! the system has none (distroless images).
//!
//! One bundle file is read, never the directory of links beside it: that directory costs more than
//! the rest of a request.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

use crate::error::{Error, Kind};
use crate::origin::Origin;

/// Whom to trust, as the settings say.
#[derive(Debug, Clone, Default)]
pub struct Trust {
    /// A CA file that is added to the roots.
    pub ca_file: Option<(PathBuf, Origin)>,
    /// `SSL_CERT_FILE`: replaces the system's roots.
    pub cert_file: Option<PathBuf>,
    /// `SSL_CERT_DIR`: replaces the system's roots.
    pub cert_dir: Option<PathBuf>,
}

/// Where the roots in force came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roots {
    /// In words: a file, a directory, the platform, or the bundled ones.
    pub from: String,
    /// How many certificates are trusted.
    pub count: usize,
    /// Whether the bundled roots had to help out.
    pub bundled: bool,
}

/// Builds the TLS settings: the system's roots, and those of the user's CA file besides.
///
/// # Errors
/// Kind `config` with the file when the CA file cannot be read or holds no certificate.
pub(super) fn tls(trust: &Trust) -> Result<(ClientConfig, Roots), Error> {
    let mut store = RootCertStore::empty();
    let mut from = system(&mut store, trust);
    let bundled = store.is_empty();
    if bundled {
        store.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        from = format!("bundled with swr, for {from} hold no certificate");
    }
    if let Some((path, origin)) = &trust.ca_file {
        add_file(&mut store, path, origin)?;
        from.push_str(&format!(", and {}", path.display()));
    }
    let roots = Roots {
        from,
        count: store.len(),
        bundled,
    };
    Ok((config(store)?, roots))
}

/// Returns TLS settings that trust nobody, for plain http: nothing is read.
pub(super) fn none() -> Result<ClientConfig, Error> {
    config(RootCertStore::empty())
}

fn config(store: RootCertStore) -> Result<ClientConfig, Error> {
    // The one line that names the provider; with reqwest's own default, building a client panics.
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    Ok(ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::new(Kind::Network, "TLS cannot be set up").cause(error))?
        .with_root_certificates(store)
        .with_no_client_auth())
}

/// Adds the system's roots, and says in words where they were looked for.
fn system(store: &mut RootCertStore, trust: &Trust) -> String {
    if trust.cert_file.is_some() || trust.cert_dir.is_some() {
        let loaded = rustls_native_certs::load_certs_from_paths(
            trust.cert_file.as_deref(),
            trust.cert_dir.as_deref(),
        );
        store.add_parsable_certificates(loaded.certs);
        return "SSL_CERT_FILE and SSL_CERT_DIR".to_owned();
    }
    if !cfg!(target_os = "linux") {
        store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        return "the platform's roots".to_owned();
    }
    let probed = openssl_probe::probe();
    let directory = probed.cert_dir.first().map(PathBuf::as_path);
    for (file, directory) in [(probed.cert_file.as_deref(), None), (None, directory)] {
        let Some(path) = file.or(directory) else {
            continue;
        };
        let loaded = rustls_native_certs::load_certs_from_paths(file, directory);
        store.add_parsable_certificates(loaded.certs);
        if !store.is_empty() {
            return path.display().to_string();
        }
    }
    "the system's directories".to_owned()
}

fn add_file(store: &mut RootCertStore, path: &Path, origin: &Origin) -> Result<(), Error> {
    let wrong = |what: String| {
        Error::new(Kind::Config, what)
            .origin(origin.clone())
            .hint("give a file with CA certificates in PEM form")
    };
    let text = std::fs::read(path).map_err(|error| {
        wrong(format!("the CA file '{}' cannot be read", path.display())).cause(error)
    })?;
    let mut added = 0;
    for certificate in CertificateDer::pem_slice_iter(&text) {
        let certificate = certificate.map_err(|error| {
            wrong(format!("the CA file '{}' is broken", path.display())).cause(error)
        })?;
        store.add(certificate).map_err(|error| {
            wrong(format!(
                "the CA file '{}' holds no usable certificate",
                path.display()
            ))
            .cause(error)
        })?;
        added += 1;
    }
    if added == 0 {
        return Err(wrong(format!(
            "the CA file '{}' holds no certificate",
            path.display()
        )));
    }
    Ok(())
}
