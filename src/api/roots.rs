//! Which certificates are trusted: the system's, the user's CA file besides, and bundled ones when
//! the system has none (distroless images).
//!
//! One bundle file is read, never the directory of links beside it: that directory costs more than
//! the rest of a request.

use std::path::PathBuf;
use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore};

use crate::error::{Error, Kind};

/// Whom to trust, as the settings say; each with its source, for people.
#[derive(Debug, Clone, Default)]
pub struct Trust {
    /// The roots to trust instead of the system's.
    pub named: Option<(RootCertStore, String)>,
    /// The roots to trust in addition.
    pub added: Option<(RootCertStore, String)>,
}

/// Where the roots in effect came from.
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
/// Kind `network` when TLS cannot be set up.
pub(super) fn tls(trust: &Trust) -> Result<(ClientConfig, Roots), Error> {
    let mut store = RootCertStore::empty();
    let mut from = match &trust.named {
        Some((roots, from)) => {
            store.extend(roots.roots.iter().cloned());
            from.clone()
        }
        None => system(&mut store),
    };
    let bundled = store.is_empty();
    if bundled {
        store.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        from = format!("bundled with swr, because {from} hold no certificate");
    }
    if let Some((roots, added)) = &trust.added {
        store.extend(roots.roots.iter().cloned());
        from.push_str(&format!(", and {added}"));
    }
    let roots = Roots {
        from,
        count: store.len(),
        bundled,
    };
    Ok((config(store)?, roots))
}

/// Returns TLS settings that trust no one, for plain http: nothing is read.
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
fn system(store: &mut RootCertStore) -> String {
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
