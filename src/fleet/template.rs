//! The name of a target namespace, made from the source's name and the target region.

use crate::names::{Namespace, RegionId};

/// A template: text with `{namespace}` and `{region}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Template {
    text: String,
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Namespace,
    Region,
}

impl Template {
    /// The template that counts where none is written.
    pub(super) fn same_name() -> Template {
        Template {
            text: "{namespace}".to_owned(),
            pieces: vec![Piece::Namespace],
        }
    }

    /// Parses a template.
    ///
    /// # Errors
    /// Why it is none.
    pub(super) fn parse(text: &str) -> Result<Template, String> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some(start) = rest.find(['{', '}']) {
            let (before, after) = rest.split_at(start);
            if !before.is_empty() {
                pieces.push(Piece::Text(before.to_owned()));
            }
            let name = after
                .strip_prefix('{')
                .and_then(|after| after.split_once('}'))
                .filter(|(name, _)| !name.contains('{'));
            let Some((name, behind)) = name else {
                return Err("a brace stands alone; {namespace} and {region} are known".to_owned());
            };
            pieces.push(match name {
                "namespace" => Piece::Namespace,
                "region" => Piece::Region,
                _ => {
                    return Err(format!(
                        "'{{{name}}}' is unknown; {{namespace}} and {{region}} are known"
                    ));
                }
            });
            rest = behind;
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest.to_owned()));
        }
        Ok(Template {
            text: text.to_owned(),
            pieces,
        })
    }

    /// Returns the template as it was written.
    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the name for a source namespace and a target region.
    pub(super) fn render(&self, namespace: &Namespace, region: &RegionId) -> String {
        self.pieces
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) => text.as_str(),
                Piece::Namespace => namespace.as_str(),
                Piece::Region => region.as_str(),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Template;
    use crate::names::{Namespace, Parse, RegionId};

    #[test]
    fn a_template_is_filled_with_the_source_and_the_target_region() {
        let namespace = Namespace::parse("team").unwrap();
        let region = RegionId::parse("cn-east-3").unwrap();
        for (text, expected) in [
            ("{namespace}", "team"),
            ("{namespace}-{region}", "team-cn-east-3"),
            ("x{region}y{namespace}", "xcn-east-3yteam"),
            ("fixed", "fixed"),
            ("", ""),
        ] {
            let template = Template::parse(text).unwrap();
            assert_eq!(template.render(&namespace, &region), expected, "{text}");
        }
    }

    #[test]
    fn unknown_names_and_lone_braces_are_refused() {
        for (text, part) in [
            ("{x}", "'{x}' is unknown"),
            ("{}", "'{}' is unknown"),
            ("a{", "a brace stands alone"),
            ("a}", "a brace stands alone"),
            ("{{namespace}}", "a brace stands alone"),
            ("{namespace", "a brace stands alone"),
        ] {
            let error = Template::parse(text).unwrap_err();
            assert!(error.contains(part), "{text}: {error}");
        }
    }
}
