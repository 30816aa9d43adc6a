//! What the registry reads in a manifest: its parts, and whether SWR would accept it.
//!
//! Sources: the image specification 1.1; for what SWR refuses, public reports of its users:
//! `MANIFEST_INVALID` for an index with attestations, which buildx makes by default.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::emulator::storage::{Digest, Manifest};
use crate::emulator::switches::{Switch, Switches};

const DOCKER_IMAGE: &str = "application/vnd.docker.distribution.manifest.v2+json";
const DOCKER_LIST: &str = "application/vnd.docker.distribution.manifest.list.v2+json";
const OCI_IMAGE: &str = "application/vnd.oci.image.manifest.v1+json";
const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
/// How buildx marks an attestation in an index.
const REFERENCE_TYPE: &str = "vnd.docker.reference.type";

/// The text of the one refusal that SWR is known to give.
const UNPARSABLE: &str = "Invalid image, fail to parse 'manifest.json'";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    schema_version: u64,
    media_type: Option<String>,
    artifact_type: Option<String>,
    config: Option<Descriptor>,
    layers: Option<Vec<Descriptor>>,
    manifests: Option<Vec<Descriptor>>,
    subject: Option<Descriptor>,
    annotations: Option<Map<String, Value>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    media_type: String,
    digest: String,
    size: u64,
    #[serde(default)]
    urls: Vec<String>,
    annotations: Option<Map<String, Value>>,
}

impl Descriptor {
    /// Returns `true` if the content lives elsewhere and is never pushed.
    fn is_foreign(&self) -> bool {
        !self.urls.is_empty()
            || self.media_type.contains(".foreign.")
            || self.media_type.contains(".nondistributable.")
    }

    fn is_attestation(&self) -> bool {
        let annotations = self.annotations.as_ref();
        annotations.is_some_and(|all| {
            all.get(REFERENCE_TYPE).and_then(Value::as_str) == Some("attestation-manifest")
        })
    }
}

/// Reads a manifest of a media type.
///
/// # Errors
/// What is wrong, as text of a `MANIFEST_INVALID`.
pub(super) fn read(bytes: &[u8], media_type: &str, switches: Switches) -> Result<Manifest, String> {
    let document: Document =
        serde_json::from_slice(bytes).map_err(|error| format!("manifest invalid: {error}"))?;
    if document.schema_version != 2 {
        return Err("manifest invalid: schemaVersion is not 2".to_owned());
    }
    let media_type = match (media_type, &document.media_type) {
        ("" | "application/json", Some(own)) => own.as_str(),
        (_, Some(own)) if own != media_type => {
            return Err(format!(
                "manifest invalid: mediaType '{own}' is not the Content-Type '{media_type}'"
            ));
        }
        _ => media_type,
    };
    let is_index = match media_type {
        DOCKER_IMAGE | OCI_IMAGE => false,
        DOCKER_LIST | OCI_INDEX => true,
        _ => return Err(format!("manifest invalid: media type '{media_type}'")),
    };
    check_policy(&document, media_type, switches)?;
    let mut manifest = Manifest {
        media_type: media_type.to_owned(),
        size: bytes.len() as u64,
        image_size: 0,
        artifact_type: document.artifact_type,
        subject: None,
        blobs: Vec::new(),
        children: Vec::new(),
        annotations: document.annotations.unwrap_or_default(),
    };
    let digest = |descriptor: &Descriptor| {
        Digest::parse(&descriptor.digest)
            .ok_or_else(|| format!("manifest invalid: digest '{}'", descriptor.digest))
    };
    if let Some(subject) = &document.subject {
        manifest.subject = Some(digest(subject)?);
    }
    if is_index {
        let children = document
            .manifests
            .ok_or("manifest invalid: manifests is missing")?;
        manifest.children = children.iter().map(digest).collect::<Result<_, _>>()?;
        return Ok(manifest);
    }
    let config = document
        .config
        .ok_or("manifest invalid: config is missing")?;
    if manifest.artifact_type.is_none() {
        // Section "Listing Referrers": the artifact type falls back to the config's media type.
        manifest.artifact_type = Some(config.media_type.clone());
    }
    let layers = document
        .layers
        .ok_or("manifest invalid: layers is missing")?;
    for part in std::iter::once(&config).chain(&layers) {
        manifest.image_size += part.size;
        let digest = digest(part)?;
        if !part.is_foreign() {
            manifest.blobs.push(digest);
        }
    }
    Ok(manifest)
}

fn check_policy(document: &Document, media_type: &str, switches: Switches) -> Result<(), String> {
    let refused = match switches.choice(Switch::Oci) {
        0 => {
            let children = document.manifests.as_deref().unwrap_or_default();
            children.iter().any(Descriptor::is_attestation)
        }
        1 => matches!(media_type, OCI_IMAGE | OCI_INDEX),
        _ => false,
    };
    if refused {
        return Err(UNPARSABLE.to_owned());
    }
    Ok(())
}
