//! The SDK's file of endpoints, `~/.huaweicloud/regions.yaml`.
//!
//! `region` asks for a region's endpoint. Shape: `SWR:` with a list of `{id, endpoint}` or
//! `{id, endpoints: […]}` (`reference/swr-api.md` section 1); of several the first counts.

use std::path::Path;

use yaml_rust2::scanner::{Scanner, Token, TokenType};
use yaml_rust2::{Yaml, YamlLoader};

use super::environment::Environment;
use super::layer::{Entry, Value};
use super::paths;
use crate::error::{Error, Kind};
use crate::files;
use crate::names::RegionId;
use crate::origin::Origin;

/// Returns the endpoint that the file gives for a region.
///
/// # Errors
/// Kind `config`: the file was named and is missing, cannot be read, or has another shape.
pub(super) fn endpoint(
    environment: &Environment,
    region: &RegionId,
) -> Result<Option<Entry>, Error> {
    let Some(file) = paths::sdk_regions(environment) else {
        return Ok(None);
    };
    let shown = file.value.display();
    let text = match files::read_text(&file.value, LARGEST) {
        Ok(text) => text,
        Err(_) if !file.is_named() && !file.value.exists() => return Ok(None),
        Err(error) => {
            let what = format!("the file of endpoints '{shown}' cannot be read");
            return Err(Error::new(Kind::Config, what)
                .cause(error)
                .origin(file.origin));
        }
    };
    find(&text, &file.value, region)
}

/// More than the endpoints of all services in all regions.
const LARGEST: u64 = 256 * 1024;

/// The documented shape has four levels; the parser needs stack for each.
const DEEPEST: usize = 16;

/// Services as the SDK calls them. A file of these alone says nothing of SWR and is right; in one
/// without any, a name is misspelled.
const OTHER_SERVICES: &[&str] = &[
    "AOM",
    "APIG",
    "AS",
    "BSS",
    "CBR",
    "CCE",
    "CCI",
    "CDN",
    "CES",
    "CSMS",
    "CTS",
    "DCS",
    "DDS",
    "DEW",
    "DLI",
    "DMS",
    "DNS",
    "ECS",
    "EIP",
    "ELB",
    "EPS",
    "EVS",
    "FUNCTIONGRAPH",
    "IAM",
    "IMS",
    "KAFKA",
    "KMS",
    "LTS",
    "MRS",
    "NAT",
    "OBS",
    "RDS",
    "RMS",
    "SFS",
    "SFSTURBO",
    "SMN",
    "STS",
    "TMS",
    "VPC",
    "WAF",
];

/// Refuses what would cost the parser more than the file is worth: depth, and aliases, whose nesting
/// grows without bound.
fn refuse_excess(text: &str) -> Result<(), &'static str> {
    let mut depth: usize = 0;
    for Token(_, token) in Scanner::new(text.chars()) {
        match token {
            TokenType::Anchor(_) | TokenType::Alias(_) => {
                return Err("anchors and aliases are not supported");
            }
            TokenType::BlockSequenceStart
            | TokenType::BlockMappingStart
            | TokenType::FlowSequenceStart
            | TokenType::FlowMappingStart => depth += 1,
            TokenType::BlockEnd | TokenType::FlowSequenceEnd | TokenType::FlowMappingEnd => {
                depth = depth.saturating_sub(1);
            }
            _ => {}
        }
        if depth > DEEPEST {
            return Err("it is nested too deeply");
        }
    }
    Ok(())
}

fn find(text: &str, path: &Path, region: &RegionId) -> Result<Option<Entry>, Error> {
    let origin = Origin::File(path.to_owned(), None);
    let wrong = |rule: String| {
        let what = format!("the file of endpoints cannot be understood: {rule}");
        Error::new(Kind::Config, what).origin(origin.clone())
    };
    refuse_excess(text).map_err(|rule| wrong(rule.to_owned()))?;
    let documents = YamlLoader::load_from_str(text).map_err(|error| {
        let line = error.marker().line();
        let what = format!("the file of endpoints is not valid YAML: {}", error.info());
        Error::new(Kind::Config, what).origin(Origin::File(path.to_owned(), Some(line)))
    })?;
    let services = match documents.first() {
        None | Some(Yaml::Null) => return Ok(None),
        Some(Yaml::Hash(services)) => services,
        Some(_) => return Err(wrong("it must map services to lists".to_owned())),
    };
    let swr = services.iter().find(|(name, _)| {
        name.as_str()
            .is_some_and(|name| name.eq_ignore_ascii_case("swr"))
    });
    let entries = match swr {
        None if services.iter().any(|(name, _)| is_known(name)) => return Ok(None),
        None => return Err(wrong("it has no service 'SWR'".to_owned())),
        Some((_, Yaml::Array(entries))) => entries,
        Some(_) => return Err(wrong("'SWR' must be a list".to_owned())),
    };
    let own = entries
        .iter()
        .find(|entry| entry["id"].as_str() == Some(region.as_str()));
    let Some(entry) = own else { return Ok(None) };
    let address = entry["endpoint"]
        .as_str()
        .or_else(|| entry["endpoints"][0].as_str())
        .ok_or_else(|| wrong(format!("'{region}' has no 'endpoint'")))?;
    Ok(Some(Entry {
        value: Value::Text(address.to_owned()),
        origin,
    }))
}

fn is_known(service: &Yaml) -> bool {
    service.as_str().is_some_and(|name| {
        OTHER_SERVICES
            .iter()
            .any(|other| other.eq_ignore_ascii_case(name))
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::find;
    use crate::names::{Parse, RegionId};

    fn found(text: &str) -> Result<Option<String>, String> {
        let region = RegionId::parse("cn-east-3").unwrap();
        find(text, Path::new("r.yaml"), &region)
            .map(|given| given.map(|given| given.value.shown()))
            .map_err(|error| error.message())
    }

    #[test]
    fn the_documented_shapes_are_read() {
        let one = "ECS:\n- id: cn-east-3\n  endpoint: https://no.example\nSWR:\n  - id: cn-north-4\n    endpoint: https://b.example\n  - id: 'cn-east-3'\n    endpoint: https://a.example\n";
        let several =
            "swr:\n- {id: cn-east-3, endpoints: [https://a.example, https://b.example]}\n";
        for text in [one, several] {
            assert_eq!(found(text), Ok(Some("https://a.example".to_owned())));
        }
    }

    #[test]
    fn a_file_without_the_region_says_nothing() {
        for text in [
            "",
            "# nothing\n",
            "ECS: []\n",
            "SWR:\n- id: cn-north-4\n  endpoint: x\n",
        ] {
            assert_eq!(found(text), Ok(None), "{text}");
        }
    }

    #[test]
    fn another_shape_is_an_error() {
        for text in [
            "- a\n",
            "SWR: 3\n",
            "SWR:\n- id: cn-east-3\n",
            "SWR: [\n",
            "a: b: c\n",
            "SWRR:\n- id: cn-east-3\n  endpoint: https://a.example\n",
            "regions: []\n",
            "{}",
            "SWR: &a\n- id: cn-east-3\n  endpoint: https://a.example\n",
            "SWR:\n- *a\n",
        ] {
            assert!(found(text).is_err(), "{text}");
        }
    }

    #[test]
    fn depth_and_aliases_are_refused_before_they_cost_anything() {
        for text in [
            "- ".repeat(5_000),
            "? ".repeat(20_000),
            "[".repeat(20_000),
            "{a: ".repeat(20_000),
            "SWR: ".repeat(5_000),
            "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n".to_owned(),
        ] {
            assert!(found(&text).is_err(), "{}", &text[..20]);
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in "(SWR:\n)?[a-c0-9:,&*?!|>'\"\\[\\]{}# \n-]{0,40}") {
            let _ = found(&text);
        }
    }
}
