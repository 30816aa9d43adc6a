//! What a bulk `--override` would replace: looked up before it is asked for.

use crate::context::Context;
use crate::error::Error;
use crate::sync::Link;
use crate::sync::compare::target_digests;
use crate::sync::digests::Relation;
use crate::sync::select::{Choice, select};

/// So many tags are named in the question.
const EXAMPLES: usize = 3;

/// The tags whose image in the target is another one.
#[derive(Debug, Default)]
struct Different {
    count: usize,
    /// Some of them, each with its repository and target.
    examples: Vec<String>,
    /// The targets that cannot be looked at, each with the reason.
    unseen: Vec<String>,
}

/// Returns the question to ask before tags are replaced; `None` where none would be.
///
/// # Errors
/// Missing or wrong settings of the source.
pub(super) fn question(
    context: &Context,
    links: &[(Link, Choice)],
) -> Result<Option<String>, Error> {
    let source = context.service()?;
    let mut different = Different::default();
    for (link, choice) in links {
        // What cannot be selected is not copied, and has its error in the run.
        let Ok(selected) = select(&source, link, choice) else {
            continue;
        };
        let there = context
            .service_of(&link.target.region)
            .and_then(|target| target_digests(&target, link, Some(&selected.tags)));
        match there {
            Ok(there) => {
                let compared = selected.tags.iter().map(|tag| tag.compare(&there));
                for one in compared.filter(|one| one.relation == Relation::Different) {
                    different.count += 1;
                    if different.examples.len() < EXAMPLES {
                        let Link {
                            namespace,
                            repository,
                            target,
                            ..
                        } = link;
                        let place = format!("{} ({})", target.namespace, target.region);
                        let tag = format!("{namespace}/{repository}:{} in {place}", one.tag);
                        different.examples.push(tag);
                    }
                }
            }
            Err(error) => {
                let target = &link.target;
                let why = format!(
                    "{} ({}): {}",
                    target.namespace,
                    target.region,
                    error.message()
                );
                if !different.unseen.contains(&why) {
                    different.unseen.push(why);
                }
            }
        }
    }
    Ok(different.question())
}

impl Different {
    fn question(&self) -> Option<String> {
        let mut parts = Vec::new();
        if self.count > 0 {
            let more = match self.count - self.examples.len() {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            let (tags, have) = match self.count {
                1 => ("tag", "has"),
                _ => ("tags", "have"),
            };
            parts.push(format!(
                "{} {tags} {have} another image in the target ({}{more}), which will be replaced",
                self.count,
                self.examples.join(", "),
            ));
        }
        if !self.unseen.is_empty() {
            parts.push(format!(
                "it cannot be seen how many images will be replaced in {}",
                self.unseen.join("; ")
            ));
        }
        (!parts.is_empty())
            .then(|| format!("{}; this cannot be undone. Continue?", parts.join("; ")))
    }
}

#[cfg(test)]
mod tests {
    use super::Different;

    #[test]
    fn the_question_counts_names_a_few_and_says_what_it_cannot_see() {
        let none = Different::default();
        assert_eq!(none.question(), None);
        let one = Different {
            count: 1,
            examples: vec!["team/a:v1 in team (cn-east-3)".to_owned()],
            unseen: Vec::new(),
        };
        assert_eq!(
            one.question().unwrap(),
            "1 tag has another image in the target (team/a:v1 in team (cn-east-3)), which will be \
             replaced; this cannot be undone. Continue?"
        );
        let many = Different {
            count: 12,
            examples: ["a:1", "a:2", "a:3"].map(str::to_owned).to_vec(),
            unseen: vec!["team (cn-south-1): no token".to_owned()],
        };
        assert_eq!(
            many.question().unwrap(),
            "12 tags have another image in the target (a:1, a:2, a:3 and 9 more), which will be \
             replaced; it cannot be seen how many images will be replaced in team (cn-south-1): no \
             token; this cannot be undone. Continue?"
        );
    }
}
