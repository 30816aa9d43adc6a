//! `swr tag show`.

use clap::Args;

use super::shown::Shown;
use crate::commands::raw_arg::{Problems, Raw};
use crate::context::Context;
use crate::error::Error;
use crate::exit::Exit;
use crate::names::{Namespace, Repository, Tag};

#[derive(Debug, Args)]
pub struct Show {
    /// The namespace
    #[arg(short, long, value_name = "NAME", add = crate::commands::complete::namespaces())]
    namespace: Raw<Namespace>,
    /// The repository, as people write it: web/api
    #[arg(short, long, value_name = "NAME", add = crate::commands::complete::repositories())]
    repo: Raw<Repository>,
    /// The tag
    #[arg(value_name = "TAG", add = crate::commands::complete::tags())]
    tag: Raw<Tag>,
}

impl Show {
    /// Shows the tag.
    ///
    /// # Errors
    /// Problems names, settings, and whatever the service refuses; status 404 when it is not there.
    pub fn run(self, context: &Context) -> Result<Exit, Error> {
        let mut problems = Problems::beside(context);
        let namespace = problems.take("--namespace", self.namespace);
        let repository = problems.take("--repo", self.repo);
        let tag = problems.take("TAG", self.tag);
        let (Some(namespace), Some(repository), Some(tag)) = (namespace, repository, tag) else {
            return Err(problems.into());
        };
        let info = context
            .service()?
            .require_tag(&namespace, &repository, &tag)?;
        context
            .output()
            .report(&Shown::of(info, &namespace, &repository))?;
        Ok(Exit::Done)
    }
}
