//! `swr repo show`.

use clap::Args;

use super::report::RepositoryReport;
use crate::commands::images::OneImage;
use crate::commands::raw_arg::Problems;
use crate::context::Context;
use crate::error::Error;
use crate::exit::Exit;
use crate::sync::Source;

#[derive(Debug, Args)]
pub struct Show {
    #[command(flatten)]
    image: OneImage,
}

impl Show {
    /// Shows the repository.
    ///
    /// # Errors
    /// Problems names, settings, and whatever the service refuses; status 404 when it is not there.
    pub fn run(self, context: &Context) -> Result<Exit, Error> {
        let mut problems = Problems::beside(context);
        let Some(source) = self.image.validate(context, &mut problems) else {
            return Err(problems.into());
        };
        problems.end()?;
        let Source {
            namespace,
            repository,
        } = source;
        let info = context
            .service()?
            .require_repository(&namespace, &repository)?;
        context.output().report(&RepositoryReport::of(
            info,
            Some(&namespace),
            context.region(),
        ))?;
        Ok(Exit::Done)
    }
}
