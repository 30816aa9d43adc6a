//! `swr config show`.

use clap::Args;

use crate::context::Context;
use crate::error::Error;
use crate::exit::Exit;
use crate::output::{bad, dim, plain, strong};

#[derive(Debug, Args)]
pub struct Show {}

impl Show {
    /// Shows every setting. An invalid one is shown as such and stops nothing.
    ///
    /// # Errors
    /// Standard output that cannot be written.
    pub fn run(self, context: &Context) -> Result<Exit, Error> {
        let mut listing = context
            .output()
            .listing(&["SETTING", "VALUE", "FROM", "OVERRIDES"]);
        for shown in context.settings().show() {
            listing.item(&shown, || {
                let overridden: Vec<String> = shown
                    .overridden
                    .iter()
                    .map(|overridden| format!("{} ({})", overridden.value, overridden.origin))
                    .collect();
                let last = match &shown.error {
                    Some(error) => bad(format!("invalid: {error}")),
                    None => dim(overridden.join(", ")),
                };
                vec![
                    strong(&shown.setting),
                    plain(shown.value.clone().unwrap_or_else(|| "-".to_owned())),
                    dim(shown.origin.clone().unwrap_or_default()),
                    last,
                ]
            })?;
        }
        listing.finish("no settings")?;
        Ok(Exit::Done)
    }
}
