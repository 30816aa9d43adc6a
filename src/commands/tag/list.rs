//! `swr tag list`.

use clap::Args;

use super::report::TagReport;
use crate::api::tags::TagInfo;
use crate::commands::images::OneImage;
use crate::commands::raw_arg::{Problems, Raw};
use crate::commands::table;
use crate::context::Context;
use crate::error::Error;
use crate::exit::Exit;
use crate::glob::Glob;

#[derive(Debug, Args)]
pub struct List {
    #[command(flatten)]
    image: OneImage,
    /// Only tags that match as a whole, like 'v1.*'; may be given several times
    #[arg(long = "match", value_name = "GLOB")]
    matches: Vec<Raw<Glob>>,
    /// At most this many tags
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    limit: Option<u32>,
}

impl List {
    /// Lists the tags, as the pages come.
    ///
    /// # Errors
    /// Problems values, settings, and whatever the service refuses.
    pub fn run(self, context: &Context) -> Result<Exit, Error> {
        let mut problems = Problems::beside(context);
        let source = self.image.validate(context, &mut problems);
        let patterns = problems.take_all("--match", self.matches);
        let Some(source) = source else {
            return Err(problems.into());
        };
        problems.end()?;
        let found = context
            .service()?
            .tags(&source.namespace, &source.repository);
        let most = self.limit.map_or(usize::MAX, |limit| limit as usize);
        let nothing = if patterns.is_empty() {
            "the repository has no tags"
        } else {
            "no tag matches"
        };
        table::write(
            context.output(),
            chosen(found, &patterns, most)
                .map(|info| Ok(TagReport::of(info?, &source, context.region()))),
            nothing,
        )?;
        Ok(Exit::Done)
    }
}

/// Leaves the tags that match one of the patterns, or all where there is none; errors stay.
fn chosen(
    found: impl Iterator<Item = Result<TagInfo, Error>>,
    patterns: &[Glob],
    most: usize,
) -> impl Iterator<Item = Result<TagInfo, Error>> {
    found
        .filter(move |info| match info {
            Ok(info) => patterns.is_empty() || patterns.iter().any(|p| p.matches(&info.tag)),
            Err(_) => true,
        })
        .take(most)
}

#[cfg(test)]
mod tests {
    use super::chosen;
    use crate::api::tags::TagInfo;
    use crate::glob::Glob;
    use crate::names::Parse;

    fn listed(patterns: &[&str], most: usize) -> Vec<String> {
        let tags = ["v1.0", "xv1.0", "latest", "v1.0/odd", "v2"].map(|tag| {
            let info: TagInfo = serde_json::from_value(serde_json::json!({"Tag": tag})).unwrap();
            Ok(info)
        });
        let patterns: Vec<_> = patterns
            .iter()
            .map(|text| Glob::parse(text).unwrap())
            .collect();
        chosen(tags.into_iter(), &patterns, most)
            .map(|info| info.unwrap().tag)
            .collect()
    }

    #[test]
    fn a_glob_matches_the_whole_tag_and_several_add_up() {
        assert_eq!(listed(&["v1.0"], 9), ["v1.0"]);
        assert_eq!(listed(&["v?", "lat*"], 9), ["latest", "v2"]);
    }

    #[test]
    fn without_a_glob_every_name_is_listed_up_to_the_limit() {
        assert_eq!(listed(&[], 4), ["v1.0", "xv1.0", "latest", "v1.0/odd"]);
    }
}
