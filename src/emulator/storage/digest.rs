//! Digests, the names of content: `sha256:` or `sha512:` and lower-case hexadecimal digits.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256, Sha512};

/// A digest that was checked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub(in crate::emulator) struct Digest(String);

impl Digest {
    /// Parses a digest; `None` where it is not one of the two registered algorithms.
    pub(in crate::emulator) fn parse(text: &str) -> Option<Digest> {
        let (algorithm, hex) = text.split_once(':')?;
        let length = match algorithm {
            "sha256" => 64,
            "sha512" => 128,
            _ => return None,
        };
        let digits = hex
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        (hex.len() == length && digits).then(|| Digest(text.to_owned()))
    }

    /// Returns the canonical digest of some bytes.
    pub(in crate::emulator) fn of(bytes: &[u8]) -> Digest {
        Digest::from_sha256(Sha256::new_with_prefix(bytes))
    }

    /// Returns the digest of what was hashed.
    pub(super) fn from_sha256(hash: Sha256) -> Digest {
        Digest(format!("sha256:{}", hex::encode(hash.finalize())))
    }

    /// Returns the digest of what was hashed.
    pub(super) fn from_sha512(hash: Sha512) -> Digest {
        Digest(format!("sha512:{}", hex::encode(hash.finalize())))
    }

    /// Returns `true` if these bytes are what the digest names.
    pub(in crate::emulator) fn names(&self, bytes: &[u8]) -> bool {
        if self.is_sha512() {
            *self == Digest::from_sha512(Sha512::new_with_prefix(bytes))
        } else {
            *self == Digest::of(bytes)
        }
    }

    pub(super) fn is_sha512(&self) -> bool {
        self.0.starts_with("sha512:")
    }

    /// Returns the digest as it is written.
    pub(in crate::emulator) fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns a name for a file.
    pub(super) fn file_name(&self) -> String {
        self.0.replace(':', "-")
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Digest;

    #[test]
    fn only_whole_digests_of_known_algorithms_are_parsed() {
        let whole = format!("sha256:{}", "0a".repeat(32));
        assert_eq!(Digest::parse(&whole).unwrap().as_str(), whole);
        assert!(Digest::parse(&format!("sha512:{}", "0a".repeat(64))).is_some());
        for text in [
            "",
            "sha256:",
            "sha256:aa",
            &whole.to_uppercase(),
            &whole[..70],
            &format!("{whole}0"),
            &format!("md5:{}", "0a".repeat(16)),
            "../../etc/passwd",
        ] {
            assert_eq!(Digest::parse(text), None, "{text}");
        }
    }

    #[test]
    fn bytes_are_named_by_both_algorithms() {
        let of = |text: &str| Digest::parse(text).unwrap();
        assert!(
            of("sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
                .names(b"abc")
        );
        let long = "sha512:ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a\
                    2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f";
        assert!(of(long).names(b"abc"));
        assert!(!of(long).names(b"abd"));
    }
}
