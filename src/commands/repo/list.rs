//! `swr repo list`.

use clap::Args;

use super::shown::Shown;
use crate::commands::raw_arg::{Problems, Raw};
use crate::commands::table;
use crate::context::Context;
use crate::error::Error;
use crate::exit::Exit;
use crate::names::Namespace;

#[derive(Debug, Args)]
pub struct List {
    /// Only the repositories of this namespace
    #[arg(short, long, value_name = "NAME", add = crate::commands::complete::namespaces())]
    namespace: Option<Raw<Namespace>>,
}

impl List {
    /// Lists the repositories, as the pages come.
    ///
    /// # Errors
    /// A wrong name, settings, and whatever the service refuses.
    pub fn run(self, context: &Context) -> Result<Exit, Error> {
        let mut problems = Problems::beside(context);
        let namespace = problems.take_optional("--namespace", self.namespace);
        problems.end()?;
        let found = context.service()?.repositories(namespace.as_ref());
        let nothing = match &namespace {
            Some(namespace) => format!(
                "no repository in '{namespace}'; 'swr namespace list' shows your namespaces"
            ),
            None => "there is no repository that you can see".to_owned(),
        };
        table::write(
            context.output(),
            found.map(|info| Ok(Shown::of(info?, namespace.as_ref()))),
            &nothing,
        )?;
        Ok(Exit::Done)
    }
}
