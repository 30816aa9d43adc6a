//! `swr emulator push`.

use std::collections::BTreeMap;

use clap::Args;
use serde::Serialize;

use crate::commands::raw_arg::{Problems, Raw};
use crate::context::Context;
use crate::emulator::push;
use crate::error::{Error, Kind};
use crate::exit::Exit;
use crate::names::{Namespace, Repository, Tag};
use crate::output::{Page, Report, dim, good, plain, strong};

#[derive(Debug, Args)]
pub(super) struct Push {
    /// Namespace
    #[arg(short, long, value_name = "NAME", add = crate::commands::complete::namespaces())]
    namespace: Raw<Namespace>,
    /// Repository; it is made when it is missing
    #[arg(short, long, value_name = "NAME", add = crate::commands::complete::repositories())]
    repo: Raw<Repository>,
    /// Tags
    #[arg(value_name = "TAG", required = true)]
    tags: Vec<Raw<Tag>>,
    /// Digest of the image (default: a new one for each push)
    #[arg(long, value_name = "DIGEST")]
    digest: Option<String>,
}

/// What was pushed.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::commands) struct Pushed {
    /// The namespace.
    namespace: String,
    /// The repository.
    repository: String,
    /// Each tag's digest.
    digests: BTreeMap<String, String>,
}

impl Report for Pushed {
    fn human(&self, page: &mut Page) {
        for (tag, digest) in &self.digests {
            page.line(&[
                good("pushed"),
                plain(": "),
                strong(format!("{}/{}:{tag}", self.namespace, self.repository)),
                dim(format!(" {digest}")),
            ]);
        }
    }
}

impl Push {
    /// Pushes to the emulator of --region, or to the first region's.
    ///
    /// # Errors
    /// Problems values; no emulator that is known, or that answers.
    pub(super) fn run(self, context: &Context) -> Result<Exit, Error> {
        let mut problems = Problems::beside(context);
        let namespace = problems.take("--namespace", self.namespace);
        let repository = problems.take("--repo", self.repo);
        let tags = problems.take_all("TAG", self.tags);
        let (Some(namespace), Some(repository)) = (namespace, repository) else {
            return Err(problems.into());
        };
        problems.end()?;
        let endpoint = endpoint(context)?;
        let pushed = push(
            &endpoint,
            &namespace,
            &repository,
            &tags,
            self.digest.as_deref(),
        )?;
        context.output().report(&Pushed {
            namespace: namespace.to_string(),
            repository: repository.to_string(),
            digests: pushed.into_iter().collect(),
        })?;
        Ok(Exit::Done)
    }
}

fn endpoint(context: &Context) -> Result<String, Error> {
    let environment = context.settings().environment();
    let Some(first) = environment.text("SWR_EMULATOR")? else {
        return Err(Error::new(
            Kind::Config,
            "no emulator is known: SWR_EMULATOR is not set",
        )
        .hint("work in 'swr emulator exec -- bash', or export what 'swr emulator start' prints"));
    };
    match context.region() {
        Some(region) => {
            let own = format!("SWR_ENDPOINT_{}", region.in_variable());
            Ok(environment.text(&own)?.unwrap_or(first).to_owned())
        }
        None => Ok(first.to_owned()),
    }
}
