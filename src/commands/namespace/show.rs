//! `swr namespace show`.

use clap::Args;

use super::report::NamespaceReport;
use crate::commands::raw_arg::{Problems, Raw};
use crate::context::Context;
use crate::error::Error;
use crate::exit::Exit;
use crate::names::Namespace;

#[derive(Debug, Args)]
pub struct Show {
    /// The namespace
    #[arg(value_name = "NAME", add = crate::commands::complete::namespaces())]
    name: Raw<Namespace>,
}

impl Show {
    /// Shows the namespace.
    ///
    /// # Errors
    /// A wrong name, settings, and whatever the service refuses; status 404 when it is not there.
    pub fn run(self, context: &Context) -> Result<Exit, Error> {
        let mut problems = Problems::beside(context);
        let Some(name) = problems.take("NAME", self.name) else {
            return Err(problems.into());
        };
        let info = context.service()?.require_namespace(&name)?;
        context
            .output()
            .report(&NamespaceReport::of(info, context.region()))?;
        Ok(Exit::Done)
    }
}
