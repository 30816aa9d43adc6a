//! A call of the service that was let in, and how its parts are read.

use serde_json::{Map, Value};

use super::account::Account;
use crate::emulator::refusal::{NAMESPACE_FORBIDDEN, NAMESPACE_MISSING, REPOSITORY_MISSING};
use crate::emulator::refusal::{PARAMETER_MISSING, Refused, WRONG_BODY};
use crate::emulator::reply::Reply;
use crate::emulator::switches::{Switch, Switches};
use crate::emulator::world::{Namespace, Place, Repository, Rules, World};

/// What a resource works with.
pub(in crate::emulator) struct Call<'a> {
    pub(in crate::emulator) world: &'a mut World,
    pub(in crate::emulator) rules: &'a Rules<'a>,
    pub(in crate::emulator) region: &'a str,
    /// The ids of the regions that are served.
    pub(in crate::emulator) regions: &'a [&'a str],
    pub(in crate::emulator) account: &'a Account,
    /// The query's pairs, decoded.
    pub(in crate::emulator) query: Vec<(String, String)>,
    pub(in crate::emulator) body: &'a [u8],
}

/// What a resource answers.
pub(in crate::emulator) type Outcome = Result<Reply, Refused>;

impl Call<'_> {
    /// Returns the switches.
    pub(super) fn switches(&self) -> Switches {
        self.rules.switches
    }

    /// Refuses what belongs to the v3 lists where they are not offered.
    pub(super) fn open_v3(&self) -> Result<(), Refused> {
        if self.switches().has(Switch::V3IsClosed) {
            Err(Refused::not_published())
        } else {
            Ok(())
        }
    }

    /// Returns a parameter of the query; an empty one counts as missing.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(known, value)| known == name && !value.is_empty())
            .map(|(_, value)| value.as_str())
    }

    /// Reads the body as a JSON object.
    pub(super) fn fields(&self) -> Result<Fields, Refused> {
        match serde_json::from_slice(self.body) {
            Ok(Value::Object(fields)) => Ok(Fields(fields)),
            _ => Err(WRONG_BODY.into()),
        }
    }

    /// Returns a namespace of the account, or the refusal of what is not there.
    pub(super) fn namespace(&self, name: &str) -> Result<&Namespace, Refused> {
        self.world
            .namespace(self.region, name)
            .ok_or_else(|| self.no_namespace(name))
    }

    /// Returns a repository with its place, or the refusal of what is not there.
    pub(super) fn repository(
        &self,
        namespace: &str,
        name: &str,
    ) -> Result<(Place, &Repository), Refused> {
        self.namespace(namespace)?;
        let place = Place::new(self.region, namespace, name);
        match self.world.repository(&place) {
            Some(repository) => Ok((place, repository)),
            None => Err(REPOSITORY_MISSING.into()),
        }
    }

    /// Another account's namespace looks like a missing one, or is forbidden (sections 3.3, 6.2).
    fn no_namespace(&self, name: &str) -> Refused {
        let foreign = self
            .world
            .regions
            .get(self.region)
            .is_some_and(|region| region.namespaces.contains_key(name));
        if foreign && self.switches().has(Switch::ForeignIs403) {
            NAMESPACE_FORBIDDEN.into()
        } else {
            NAMESPACE_MISSING.into()
        }
    }
}

/// The fields of a body. `null` counts as left out, as in Go; unknown fields are ignored.
pub(super) struct Fields(Map<String, Value>);

impl Fields {
    /// Returns a text, if it is there.
    pub(super) fn text(&self, name: &str) -> Result<Option<&str>, Refused> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(mistyped(name, "a string")),
        }
    }

    /// Returns a text that must be there and not be empty.
    pub(super) fn needed(&self, name: &str) -> Result<&str, Refused> {
        match self.text(name)? {
            Some(text) if !text.is_empty() => Ok(text),
            _ => Err(missing(name)),
        }
    }

    /// Returns a boolean, if it is there.
    pub(super) fn flag(&self, name: &str) -> Result<Option<bool>, Refused> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(_) => Err(mistyped(name, "a boolean")),
        }
    }

    /// Returns a list of texts that must be there and not be empty.
    pub(super) fn texts(&self, name: &str) -> Result<Vec<String>, Refused> {
        let values = match self.0.get(name) {
            None | Some(Value::Null) => return Err(missing(name)),
            Some(Value::Array(values)) => values,
            Some(_) => return Err(mistyped(name, "an array of strings")),
        };
        let texts: Option<Vec<String>> = values
            .iter()
            .map(|value| value.as_str().map(str::to_owned))
            .collect();
        match texts {
            None => Err(mistyped(name, "an array of strings")),
            Some(texts) if texts.is_empty() => Err(missing(name)),
            Some(texts) => Ok(texts),
        }
    }
}

/// Returns the refusal of a field or parameter that is not there.
pub(super) fn missing(name: &str) -> Refused {
    PARAMETER_MISSING.saying(format!("required parameter missing: {name}"))
}

fn mistyped(name: &str, wanted: &str) -> Refused {
    WRONG_BODY.saying(format!(
        "wrong type of request body: {name} must be {wanted}"
    ))
}
