//! The digest of a manifest.

use std::sync::Arc;

use super::grammar::ParseError;
use super::{Parse, name};

/// The digest of a manifest, or of an index of several: `sha256:` and 64 hexadecimal digits. Any other
/// text is not a digest, so it is never equal to one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(Arc<str>);

name!(Digest);

impl Parse for Digest {
    const NOUN: &'static str = "digest";

    fn parse(text: &str) -> Result<Digest, ParseError> {
        let digits = text.strip_prefix("sha256:").unwrap_or_default();
        if digits.len() == 64 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            Ok(Digest(text.to_ascii_lowercase().into()))
        } else {
            Err(ParseError::new(
                "must be 'sha256:' and 64 hexadecimal digits",
            ))
        }
    }
}

impl Digest {
    /// Takes a digest that the service gave; other text is not known.
    pub fn listed(text: &str) -> Option<Digest> {
        Digest::parse(text).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::Digest;

    #[test]
    fn a_digest_is_sha256_and_64_digits() {
        let whole = format!("sha256:{}", "0a".repeat(32));
        assert_eq!(Digest::listed(&whole).unwrap().to_string(), whole);
        let capitals = format!("sha256:{}", "0A".repeat(32));
        assert_eq!(Digest::listed(&capitals), Digest::listed(&whole));
        let long = format!("{whole}0");
        let short = &whole[..whole.len() - 1];
        let odd = format!("sha256:{}", "0g".repeat(32));
        for text in [
            "",
            "sha256:",
            "sha256:1",
            &long,
            short,
            &odd,
            &whole[7..],
            " ",
            "null",
        ] {
            assert_eq!(Digest::listed(text), None, "{text}");
        }
    }
}
