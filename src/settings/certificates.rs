//! The CA certificates that the user names, read once: `--ca-file`, `SSL_CERT_FILE`,
//! `SSL_CERT_DIR`.
//!
//! `context` passes them to the client, which trusts the system's only where neither variable is
//! set. A name that yields no certificate is an error, never a reason to trust others.

use std::path::{Path, PathBuf};

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use super::load::Settings;
use crate::error::{Error, Kind};
use crate::origin::Origin;

/// The byte order mark of UTF-8, which editors put before a text.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// Certificates to trust.
#[derive(Debug, Clone)]
pub struct Certificates {
    /// The certificates.
    pub roots: RootCertStore,
    /// Where they came from, for people.
    pub from: String,
    /// What was left out, for people.
    pub warnings: Vec<String>,
}

impl Settings {
    /// Reads the certificates of `--ca-file`, to trust in addition; `None` where none is set.
    ///
    /// # Errors
    /// Kind `config` where it cannot be read or holds no usable certificate.
    pub fn added_certificates(&self) -> Result<Option<Certificates>, Error> {
        let Some(file) = self.ca_file()? else {
            return Ok(None);
        };
        let mut read = Certificates::of(&file.value);
        read.file(&file.value);
        read.or_error(&file.origin, "the CA file").map(Some)
    }

    /// Reads the certificates that `SSL_CERT_FILE` and `SSL_CERT_DIR` name, to trust instead of the
    /// system's; `None` where neither is set.
    ///
    /// # Errors
    /// Kind `config` where one of them yields no usable certificate.
    pub fn named_certificates(&self) -> Result<Option<Certificates>, Error> {
        let environment = self.environment();
        let mut named: Option<Certificates> = None;
        for (name, is_file) in [("SSL_CERT_FILE", true), ("SSL_CERT_DIR", false)] {
            let paths = if is_file {
                environment.path(name).into_iter().collect()
            } else {
                environment.paths(name)
            };
            let Some(first) = paths.first() else { continue };
            let mut read = Certificates::of(first);
            for path in &paths {
                if is_file {
                    read.file(path);
                } else {
                    read.directory(path);
                }
            }
            let origin = Origin::Variable(name.to_owned());
            read.from = format!("{name} ({})", list(&paths));
            let read =
                read.or_error(&origin, if is_file { "the file" } else { "the directory" })?;
            match &mut named {
                None => named = Some(read),
                Some(named) => {
                    named.roots.extend(read.roots.roots);
                    named.from.push_str(&format!(" and {}", read.from));
                    named.warnings.extend(read.warnings);
                }
            }
        }
        Ok(named)
    }
}

fn list(paths: &[PathBuf]) -> String {
    let shown: Vec<String> = paths
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    shown.join(", ")
}

impl Certificates {
    fn of(path: &Path) -> Certificates {
        Certificates {
            roots: RootCertStore::empty(),
            from: path.display().to_string(),
            warnings: Vec::new(),
        }
    }

    /// Adds the certificates of a PEM file; one that is unusable does not spoil the others.
    fn file(&mut self, path: &Path) {
        let shown = path.display();
        let bytes = match std::fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) => {
                self.warnings
                    .push(format!("'{shown}' cannot be read: {error}"));
                return;
            }
        };
        let text = bytes.strip_prefix(MARK).unwrap_or(&bytes);
        let mut unusable = 0;
        for certificate in CertificateDer::pem_slice_iter(text) {
            let added = certificate.is_ok_and(|certificate| self.roots.add(certificate).is_ok());
            unusable += u32::from(!added);
        }
        match unusable {
            0 => {}
            1 => self
                .warnings
                .push(format!("1 certificate of '{shown}' is unusable")),
            many => self
                .warnings
                .push(format!("{many} certificates of '{shown}' are unusable")),
        }
    }

    fn directory(&mut self, path: &Path) {
        let loaded = rustls_native_certs::load_certs_from_paths(None, Some(path));
        let (added, _) = self.roots.add_parsable_certificates(loaded.certs);
        if added == 0 {
            self.warnings
                .push(format!("'{}' holds no certificate", path.display()));
        }
    }

    /// Fails where nothing was found; the warnings then say why.
    fn or_error(self, origin: &Origin, noun: &str) -> Result<Certificates, Error> {
        if !self.roots.is_empty() {
            return Ok(self);
        }
        let mut what = format!("{noun} of {} yields no certificate: {}", origin, self.from);
        if let Origin::Variable(_) = origin {
            what = format!("{} yields no certificate", self.from);
        }
        for warning in &self.warnings {
            what.push_str(&format!("; {warning}"));
        }
        Err(Error::new(Kind::Config, what)
            .origin(origin.clone())
            .hint("name a file with CA certificates in PEM form, or leave it out"))
    }
}
