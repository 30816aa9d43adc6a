//! `swr tag show`.

use clap::Args;

use super::report::TagReport;
use crate::commands::images::Images;
use crate::commands::raw_arg::Problems;
use crate::context::Context;
use crate::error::Error;
use crate::exit::Exit;

#[derive(Debug, Args)]
pub struct Show {
    #[command(flatten)]
    images: Images,
}

impl Show {
    /// Shows the tag.
    ///
    /// # Errors
    /// Problems names, settings, and whatever the service refuses; status 404 when it is not there.
    pub fn run(self, context: &Context) -> Result<Exit, Error> {
        let mut problems = Problems::beside(context);
        let Some((source, named)) = self.images.one_tag(context, &mut problems) else {
            return Err(problems.into());
        };
        problems.end()?;
        let info =
            context
                .service()?
                .require_tag(&source.namespace, &source.repository, &named.tag)?;
        context
            .output()
            .report(&TagReport::of(info, &source, context.region()))?;
        Ok(Exit::Done)
    }
}
