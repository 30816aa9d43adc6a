//! `swr auth logout`.

use clap::Args;
use serde::Serialize;

use crate::context::Context;
use crate::credentials::{Store, forget_registry_password, forget_registry_passwords};
use crate::error::Error;
use crate::exit::Exit;
use crate::output::{Page, Report, good, plain};
use crate::settings::paths;

#[derive(Debug, Args)]
#[command(after_help = "Nothing is sent: a token stays valid until it expires.")]
pub struct LogOut {
    /// Forget the logins of all profiles and regions
    #[arg(long)]
    all: bool,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::commands) struct LoggedOut {
    /// `logged_out`, or `not_logged_in` when there was no login.
    status: &'static str,
}

impl Report for LoggedOut {
    fn human(&self, page: &mut Page) {
        match self.status {
            "logged_out" => page.line(&[good("logged out")]),
            _ => page.line(&[plain("not logged in")]),
        }
    }
}

impl LogOut {
    /// Forgets the profile's login of the region, or all; none there is success.
    ///
    /// # Errors
    /// Kind `io` when the file of the logins cannot be written.
    pub fn run(self, context: &Context) -> Result<Exit, Error> {
        let settings = context.settings();
        // Without a home directory there is no login either.
        let Ok(file) = paths::logins_file(settings.environment()) else {
            return report(context, false);
        };
        let store = Store::new(file);
        if self.all {
            forget_registry_passwords(settings);
            let was_there = store.remove_all()?;
            return report(context, was_there);
        }
        let region = settings.region()?.map(|setting| setting.value);
        let profile = settings.profile().map(|setting| setting.value.as_str());
        if let Some(region) = &region {
            forget_registry_password(settings, region);
        }
        let was_there = store.remove(profile, region.as_ref())?;
        if !was_there && !store.read().is_empty() {
            context.output().hint(
                "there are logins of other regions or profiles: name one with --region and \
                 --profile, or forget them with --all",
            );
        }
        report(context, was_there)
    }
}

fn report(context: &Context, was_there: bool) -> Result<Exit, Error> {
    context.output().report(&LoggedOut {
        status: if was_there {
            "logged_out"
        } else {
            "not_logged_in"
        },
    })?;
    Ok(Exit::Done)
}
