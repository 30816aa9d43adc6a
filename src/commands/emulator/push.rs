//! `swr emulator push`.

use std::collections::BTreeMap;
use std::time::Duration;

use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::api::{Call, Limits, Method, Repeat};
use crate::commands::raw_arg::{Problems, Raw};
use crate::context::Context;
use crate::endpoint::Endpoint;
use crate::error::{Error, Kind};
use crate::exit::Exit;
use crate::names::{Namespace, Repository, Tag};
use crate::output::{Page, Report, dim, good, plain, strong};

#[derive(Debug, Args)]
pub(super) struct Push {
    /// Namespace
    #[arg(short, long, value_name = "NAME", add = crate::commands::complete::namespaces())]
    namespace: Raw<Namespace>,
    /// Repository; created when it is missing
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
    /// Invalid values; no emulator that is known, or that answers.
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
        let mut body = json!({"namespace": namespace, "repository": repository, "tags": tags});
        if let Some(digest) = self.digest {
            body["digest"] = digest.into();
        }
        // A second push would be another image.
        let call = Call::new(Method::POST, "/emulator/push", Repeat::Never).json(&body);
        let answer = context
            .transport()?
            .send_with(&endpoint, &call, None, LIMITS)
            .map_err(|error| match error.kind() {
                Kind::Network => Error::new(
                    Kind::Network,
                    format!("no emulator answers at '{endpoint}'"),
                )
                .cause(anyhow::anyhow!("{}", error.message()))
                .hint(
                    "start one with 'swr emulator start', or work in 'swr emulator exec \
                             -- bash'",
                ),
                _ => error,
            })?;
        if !answer.is_success() {
            return Err(answer
                .refusal()
                .hint("the namespace must exist in the emulator: 'swr namespace create'"));
        }
        let Digests { digests } = serde_json::from_slice(&answer.body).map_err(|error| {
            Error::new(Kind::Http, format!("'{endpoint}' is not an emulator")).cause(error)
        })?;
        context.output().report(&Pushed {
            namespace: namespace.to_string(),
            repository: repository.to_string(),
            digests,
        })?;
        Ok(Exit::Done)
    }
}

/// An emulator answers at once, or not at all.
const LIMITS: Limits = Limits {
    timeout: Duration::from_secs(30),
    connect_timeout: Duration::from_secs(5),
    retries: 0,
};

#[derive(Deserialize)]
struct Digests {
    digests: BTreeMap<String, String>,
}

/// Returns the address of the emulator in --region, or of its first region.
fn endpoint(context: &Context) -> Result<Endpoint, Error> {
    let environment = context.settings().environment();
    let Some(first) = environment.text("SWR_EMULATOR")? else {
        return Err(Error::new(
            Kind::Config,
            "no emulator is known: SWR_EMULATOR is not set",
        )
        .hint("work in 'swr emulator exec -- bash', or export what 'swr emulator start' prints"));
    };
    let own = context
        .region()
        .map(|region| format!("SWR_ENDPOINT_{}", region.in_variable()));
    let own = own.map_or(Ok(None), |own| environment.text(&own))?;
    let address = own.unwrap_or(first);
    Endpoint::parse(address).map_err(|rule| {
        Error::new(
            Kind::Config,
            format!("invalid address of the emulator '{address}' (SWR_EMULATOR): {rule}"),
        )
    })
}
