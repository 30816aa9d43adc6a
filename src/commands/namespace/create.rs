//! `swr namespace create`.

use clap::Args;
use serde::Serialize;

use crate::api::namespaces::create_call;
use crate::commands::dry_run::{DryRun, Planned, show};
use crate::commands::raw_arg::{Problems, Raw};
use crate::context::Context;
use crate::error::Error;
use crate::exit::Exit;
use crate::names::Namespace;
use crate::output::{Page, Report, good, plain, strong};
use crate::sync::{Failure, Reason, namespace};

#[derive(Debug, Args)]
#[command(
    after_help = "Names are unique within a region, across all accounts.\n\n\
    Example, in a target region:\n  \
    swr namespace create team --region cn-east-3"
)]
pub struct Create {
    /// The new namespace
    #[arg(value_name = "NAME")]
    name: Raw<Namespace>,
    /// Show the exact request and send nothing
    #[arg(long, value_name = "FORM", value_enum, num_args = 0..=1, require_equals = true,
          default_missing_value = "http")]
    dry_run: Option<DryRun>,
}

/// What was created.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::commands) struct Created {
    /// `created`.
    status: &'static str,
    /// The namespace.
    namespace: String,
    /// The region that it is in, where it is known.
    region: Option<String>,
    /// The endpoint that was asked.
    endpoint: String,
    /// The status of the answer.
    http_status: u16,
    /// The service's id of the request.
    request_id: Option<String>,
}

impl Report for Created {
    fn human(&self, page: &mut Page) {
        let region = match &self.region {
            Some(region) => format!(" ({region})"),
            None => String::new(),
        };
        page.line(&[
            good(self.status),
            plain(": "),
            strong(&self.namespace),
            plain(region),
        ]);
    }
}

impl Create {
    /// Creates the namespace.
    ///
    /// # Errors
    /// A wrong name, settings; kind `exists` when it is taken, and whatever else the service
    /// refuses.
    pub fn run(self, context: &Context) -> Result<Exit, Error> {
        let mut problems = Problems::beside(context);
        let Some(name) = problems.take("NAME", self.name) else {
            return Err(problems.into());
        };
        if let Some(form) = self.dry_run {
            let planned = Planned {
                call: create_call(&name),
                endpoint: context.endpoint()?,
                region: None,
            };
            return show(context, &[planned], form);
        }
        let service = context.service()?;
        let answer =
            namespace::create(&service, &name).map_err(|failure| advise(failure, &name))?;
        context.output().report(&Created {
            status: "created",
            namespace: name.to_string(),
            region: context.region().map(|region| region.to_string()),
            endpoint: service.endpoint().to_string(),
            http_status: answer.status,
            request_id: answer.request_id().map(str::to_owned),
        })?;
        Ok(Exit::Done)
    }
}

fn advise(failure: Failure, name: &Namespace) -> Error {
    let Failure { error, reason } = failure;
    match reason {
        Reason::NamespaceExists => error.hint(format!(
            "'swr namespace show {name}' shows what you may do in it"
        )),
        Reason::NamespaceTaken => error.hint(
            "choose another name: namespaces are unique within a region, across all accounts",
        ),
        _ => error,
    }
}
