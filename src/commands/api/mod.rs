//! `swr api`: any call of the service, authenticated.
//!
//! For calls that have no verb, and for names that the vendor's rules do not allow though the
//! service has them.

mod args;
mod request;
mod response;

use clap::Args;

use crate::api::AnyList;
use crate::commands::dry_run::{DryRun, Planned, show};
use crate::commands::raw_arg::{Problems, Raw};
use crate::context::Context;
use crate::error::{Error, Kind};
use crate::exit::Exit;
use args::{JsonField, Path, TextField, Verb};
use request::Request;

#[derive(Debug, Args)]
#[command(
    after_help = "Fields go into the query of GET and HEAD, and beside --input; else into a JSON body.\n\
    A '/' in a repository's name is written '$' in a path: quote it for the shell.\n\n\
    Examples:\n  \
    swr api GET /v2/manage/namespaces\n  \
    swr api GET /v2/manage/repos -f namespace=team --paginate -o jsonl\n  \
    swr api GET '/v2/manage/namespaces/team/repos/web$api/tags' --paginate\n  \
    swr api POST /v2/manage/namespaces/team/repos -f repository=web/api -F is_public:=false \\\n    \
        --dry-run"
)]
pub struct Api {
    /// GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS
    #[arg(value_name = "METHOD")]
    method: Raw<Verb>,
    /// Path from / on, with or without a query
    #[arg(value_name = "PATH")]
    path: Raw<Path>,
    /// A field with a text; may be given several times
    #[arg(short = 'f', long = "field", value_name = "KEY=TEXT")]
    texts: Vec<Raw<TextField>>,
    /// A field with a JSON value; may be given several times
    #[arg(short = 'F', long = "json-field", value_name = "KEY:=JSON")]
    values: Vec<Raw<JsonField>>,
    /// Send the JSON in this file as the body (-: standard input)
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    input: Option<std::path::PathBuf>,
    /// Print the status line and the headers first
    #[arg(short = 'i', long, conflicts_with_all = ["paginate", "dry_run"])]
    include: bool,
    /// Get every page of a list, and print one array
    #[arg(long)]
    paginate: bool,
    /// Show the exact request and send nothing
    #[arg(long, value_name = "FORM", value_enum, num_args = 0..=1, require_equals = true,
          default_missing_value = "http")]
    dry_run: Option<DryRun>,
}

impl Api {
    /// Sends the call and prints its answer.
    ///
    /// # Errors
    /// Invalid values, settings, and a response that is not a success.
    pub fn run(self, context: &Context) -> Result<Exit, Error> {
        let (include, paginate, dry_run) = (self.include, self.paginate, self.dry_run);
        let request = self.validate(context)?;
        if paginate {
            if !request.can_paginate() {
                return Err(Error::new(
                    Kind::Usage,
                    "--paginate is for GET without a body: other calls give no list",
                ));
            }
            let list = AnyList::new(request.path, request.query);
            return match dry_run {
                Some(form) => {
                    let endpoint = context.endpoint()?;
                    let planned = Planned {
                        call: list.first_call(),
                        endpoint,
                        region: None,
                    };
                    show(context, &[planned], form)
                }
                None => response::all_pages(context, list),
            };
        }
        let call = request.call();
        match dry_run {
            Some(form) => {
                let endpoint = context.endpoint()?;
                let planned = Planned {
                    call,
                    endpoint,
                    region: None,
                };
                show(context, &[planned], form)
            }
            None => response::one(context, &call, include),
        }
    }

    /// Judges all values; nothing is sent before.
    fn validate(self, context: &Context) -> Result<Request, Error> {
        let mut problems = Problems::beside(context);
        let method = problems.take("METHOD", self.method);
        let path = problems.take("PATH", self.path);
        let texts: Vec<_> = self
            .texts
            .into_iter()
            .filter_map(|field| problems.take("--field", field))
            .collect();
        let values: Vec<_> = self
            .values
            .into_iter()
            .filter_map(|field| problems.take("--json-field", field))
            .collect();
        let (Some(method), Some(path)) = (method, path) else {
            return Err(problems.into());
        };
        let input = match &self.input {
            Some(file) => request::read(file, &mut problems)?,
            None => None,
        };
        let request = Request::of(method, path, texts, values, input, &mut problems);
        problems.end()?;
        Ok(request)
    }
}
