//! `swr tag show`.

use clap::Args;

use super::shown::Shown;
use crate::commands::given::{Given, Wrong};
use crate::context::Context;
use crate::error::Error;
use crate::exit::Exit;
use crate::names::{Namespace, Repository, Tag};

#[derive(Debug, Args)]
pub struct Show {
    /// The namespace
    #[arg(short, long, value_name = "NAME", add = crate::commands::complete::namespaces())]
    namespace: Given<Namespace>,
    /// The repository, as people write it: web/api
    #[arg(short, long, value_name = "NAME", add = crate::commands::complete::repositories())]
    repo: Given<Repository>,
    /// The tag
    #[arg(value_name = "TAG", add = crate::commands::complete::tags())]
    tag: Given<Tag>,
}

impl Show {
    /// Shows the tag.
    ///
    /// # Errors
    /// Wrong names, settings, and whatever the service refuses; status 404 when it is not there.
    pub fn run(self, context: &Context) -> Result<Exit, Error> {
        let mut wrong = Wrong::beside(context);
        let namespace = wrong.judge("--namespace", self.namespace);
        let repository = wrong.judge("--repo", self.repo);
        let tag = wrong.judge("TAG", self.tag);
        let (Some(namespace), Some(repository), Some(tag)) = (namespace, repository, tag) else {
            return Err(wrong.into());
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
