//! A small image with fixed bytes, for seeds and for `swr emulator push`: one layer with one file,
//! and a configuration with a label, which makes each image another one.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::digest::Digest;

const MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
const CONFIG: &str = "application/vnd.docker.container.image.v1+json";
const LAYER: &str = "application/vnd.docker.image.rootfs.diff.tar.gzip";
const CREATED: &str = "2026-01-01T00:00:00Z";

/// A manifest, as far as the registry reads it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::emulator) struct Manifest {
    pub(in crate::emulator) media_type: String,
    /// Its own bytes.
    pub(in crate::emulator) size: u64,
    /// The bytes of its configuration and layers; of an index, those of all its images.
    pub(in crate::emulator) image_size: u64,
    pub(in crate::emulator) artifact_type: Option<String>,
    pub(in crate::emulator) subject: Option<Digest>,
    pub(in crate::emulator) blobs: Vec<Digest>,
    /// The manifests of an index.
    pub(in crate::emulator) children: Vec<Digest>,
    pub(in crate::emulator) annotations: Map<String, Value>,
}

/// An image: its manifest, and the bytes of all its parts.
pub(in crate::emulator) struct Image {
    pub(in crate::emulator) digest: Digest,
    pub(in crate::emulator) manifest: Manifest,
    /// Manifest, configuration and layer.
    pub(in crate::emulator) parts: [(Digest, Vec<u8>); 3],
}

impl Image {
    /// Returns the image with this label.
    pub(in crate::emulator) fn of(label: &str) -> Image {
        let tar = tar();
        let layer = gzip(&tar);
        let config = json!({
            "architecture": "amd64",
            "os": "linux",
            "created": CREATED,
            "config": {"Cmd": ["/hello.txt"], "Labels": {"swr.emulator.image": label}},
            "rootfs": {"type": "layers", "diff_ids": [Digest::of(&tar)]},
            "history": [{"created": CREATED, "created_by": "swr emulator"}],
        });
        let config = config.to_string().into_bytes();
        let (config_digest, layer_digest) = (Digest::of(&config), Digest::of(&layer));
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": {"mediaType": CONFIG, "size": config.len(), "digest": config_digest},
            "layers": [{"mediaType": LAYER, "size": layer.len(), "digest": layer_digest}],
        });
        let bytes = manifest.to_string().into_bytes();
        Image {
            digest: Digest::of(&bytes),
            manifest: Manifest {
                media_type: MANIFEST.to_owned(),
                size: bytes.len() as u64,
                image_size: (config.len() + layer.len()) as u64,
                artifact_type: Some(CONFIG.to_owned()),
                subject: None,
                blobs: vec![config_digest.clone(), layer_digest.clone()],
                children: Vec::new(),
                annotations: Map::new(),
            },
            parts: [
                (Digest::of(&bytes), bytes),
                (config_digest, config),
                (layer_digest, layer),
            ],
        }
    }
}

/// Returns a tar archive of one file, `hello.txt`.
fn tar() -> Vec<u8> {
    const TEXT: &[u8] = b"Hello from the emulator of swr.\n";
    let mut header = Vec::with_capacity(512);
    let mut field = |text: &str, width: usize| {
        let end = header.len() + width;
        header.extend_from_slice(text.as_bytes());
        header.resize(end, 0);
    };
    field("hello.txt", 100);
    field("0000644", 8);
    field("0000000", 8);
    field("0000000", 8);
    field(&format!("{:011o}", TEXT.len()), 12);
    field("00000000000", 12);
    // The checksum counts as blanks while it is computed.
    field("        ", 8);
    field("0", 1);
    field("", 100);
    field("ustar", 6);
    field("00", 2);
    header.resize(512, 0);
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header.splice(148..156, format!("{sum:06o}\0 ").into_bytes());
    header.extend_from_slice(TEXT);
    // The file is padded to a block; two blocks of zeros end the archive.
    header.resize(512 * 4, 0);
    header
}

/// Wraps bytes in gzip without compressing them, so that no version of a library changes them.
fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    let length = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
    out.push(1);
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(&(!length).to_le_bytes());
    out.extend_from_slice(bytes);
    out.extend_from_slice(&crc32(bytes).to_le_bytes());
    out.extend_from_slice(&u32::from(length).to_le_bytes());
    out
}

fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg());
    !bytes.iter().fold(!0_u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| step(crc))
    })
}

#[cfg(test)]
mod tests {
    use super::{Image, crc32, tar};

    #[test]
    fn an_image_has_fixed_bytes_and_another_label_makes_another_image() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!(tar().len(), 2048);
        let image = Image::of("demo/web/api:v1.0.0");
        assert_eq!(image.digest, Image::of("demo/web/api:v1.0.0").digest);
        assert_ne!(image.digest, Image::of("demo/web/api:v1.1.0").digest);
        for (digest, bytes) in &image.parts {
            assert!(digest.names(bytes));
        }
    }
}
