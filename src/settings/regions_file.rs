//! The SDK's file of endpoints, `~/.huaweicloud/regions.yaml`.
//!
//! `region` asks for a region's endpoint. Shape: `SWR:` with a list of `{id, endpoint}` or
//! `{id, endpoints: […]}` (`reference/swr-api.md` section 1); of several the first counts.

use std::path::Path;

use yaml_rust2::{Yaml, YamlLoader};

use super::environment::Environment;
use super::layer::{Entry, Value};
use super::paths;
use crate::error::{Error, Kind};
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
    let text = match std::fs::read_to_string(&file.value) {
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

fn find(text: &str, path: &Path, region: &RegionId) -> Result<Option<Entry>, Error> {
    let origin = Origin::File(path.to_owned(), None);
    let wrong = |rule: String| {
        let what = format!("the file of endpoints cannot be understood: {rule}");
        Error::new(Kind::Config, what).origin(origin.clone())
    };
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
        None => return Ok(None),
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
        ] {
            assert!(found(text).is_err(), "{text}");
        }
    }
}
