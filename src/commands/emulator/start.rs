//! `swr emulator start`.

use std::collections::BTreeMap;
use std::time::Duration;

use clap::Args;
use serde::Serialize;

use super::run_directory::RunDirectory;
use super::settings::Settings;
use crate::commands::raw_arg::Problems;
use crate::context::Context;
use crate::emulator::Emulator;
use crate::error::{Error, Kind};
use crate::exit::Exit;
use crate::output::{Page, Report, dim, plain, strong};

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    swr emulator start --port 8600\n  \
    swr emulator start --fault 'POST sync_repo: 503 x2' --as duplicate=409")]
pub(super) struct Start {
    #[command(flatten)]
    settings: Settings,
    /// Port of the first region; the next ones follow (default: free ports)
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    port: Option<u16>,
}

/// What is served. The tokens are not secret: they open the emulator alone.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::commands) struct Serving {
    /// The regions; the first one is the source.
    regions: Vec<ServingRegion>,
    /// The variables to set.
    environment: BTreeMap<String, String>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ServingRegion {
    /// The region.
    region: String,
    /// Its endpoint.
    endpoint: String,
    /// A token that is valid there.
    token: String,
    /// The id of its project.
    project_id: String,
    /// The registry's host and port, as they precede an image's name.
    registry: String,
    /// Who logs in there.
    registry_user: String,
    /// The password.
    registry_password: String,
}

impl Report for Serving {
    fn human(&self, page: &mut Page) {
        let rows: Vec<_> = self
            .regions
            .iter()
            .map(|region| {
                vec![
                    strong(&region.region),
                    plain(&region.endpoint),
                    plain(&region.registry),
                    plain(&region.registry_user),
                ]
            })
            .collect();
        page.table(&["REGION", "ENDPOINT", "REGISTRY", "USER"], &rows);
        page.plain("");
        if let Some(first) = self.regions.first() {
            page.line(&[dim(format!(
                "# registry password: {}",
                first.registry_password
            ))]);
            page.line(&[dim(format!(
                "# try: skopeo copy --dest-tls-verify=false docker-archive:app.tar docker://{}/demo/web/api:v2",
                first.registry
            ))]);
        }
        page.line(&[dim("# paste into another shell:")]);
        for (name, value) in &self.environment {
            page.plain(format!("export {name}='{value}'"));
        }
    }
}

impl Start {
    /// Serves until a signal comes.
    ///
    /// # Errors
    /// Invalid values; a port that is taken; files that cannot be read or written.
    pub(super) fn run(self, context: &Context) -> Result<Exit, Error> {
        let mut problems = Problems::default();
        let mut options = self.settings.validate(&mut problems);
        problems.end()?;
        options.port = self.port;
        // The first signal ends the serving, and the state is saved.
        let _graceful = context.interrupt().graceful();
        let emulator = Emulator::start(options)?;
        let directory = RunDirectory::new()?;
        context
            .output()
            .report_openly(&serving(&emulator, &directory))?;
        context.output().note("Ctrl-C ends it");
        while let Ok(()) = context.interrupt().pause(Duration::from_secs(3600)) {}
        emulator.save()?;
        let signal = context.interrupt().raised();
        let unknown = || Error::new(Kind::Interrupted, "the emulator ended");
        signal
            .map(crate::interrupt::Signal::exit)
            .ok_or_else(unknown)
    }
}

fn serving(emulator: &Emulator, directory: &RunDirectory) -> Serving {
    let of = |served: &crate::emulator::Served| ServingRegion {
        region: served.region.to_string(),
        endpoint: served.endpoint.clone(),
        token: served.token.clone(),
        project_id: served.project_id.clone(),
        registry: served.address.to_string(),
        registry_user: served.registry_user.clone(),
        registry_password: emulator.registry_password(),
    };
    Serving {
        regions: emulator.regions().iter().map(of).collect(),
        environment: emulator
            .variables()
            .into_iter()
            .chain([directory.home()])
            .collect(),
    }
}
