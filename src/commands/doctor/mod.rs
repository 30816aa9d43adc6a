//! `swr doctor`: checks the setup and says what to do. Sends nothing that changes anything; where
//! docker asks swr for a registry's password, one is issued, as docker would have it.

mod finding;
mod network;
mod registry;
mod target;

#[cfg(test)]
pub(super) use self::finding::Finding;

use clap::Args;

use self::finding::Findings;
use self::network::Way;
use super::raw_arg::{Problems, Raw};
use crate::api::Service;
use crate::context::Context;
use crate::error::Error;
use crate::exit::Exit;
use crate::names::{Namespace, RegionId};

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    swr doctor\n  \
    swr doctor --to-region cn-east-3 --to-namespace team -o json")]
pub struct Doctor {
    /// Also check this target region
    #[arg(long, value_name = "ID", add = crate::commands::complete::regions())]
    to_region: Option<Raw<RegionId>>,
    /// Check this namespace in the target region
    #[arg(long, value_name = "NAME", requires = "to_region", add = crate::commands::complete::target_namespaces())]
    to_namespace: Option<Raw<Namespace>>,
}

impl Doctor {
    /// Checks everything and reports each finding; the exit is that of the worst.
    ///
    /// # Errors
    /// Invalid values, a signal, standard output that cannot be written.
    pub fn run(self, context: &Context) -> Result<Exit, Error> {
        let mut problems = Problems::default();
        let region = problems.take_optional("--to-region", self.to_region);
        let namespace = problems.take_optional("--to-namespace", self.to_namespace);
        problems.end()?;
        let mut findings = Findings::new(context);
        settings(context, &mut findings)?;
        let way = network::look(context, &mut findings)?;
        let source = match way {
            Way::Unset => {
                findings.skip("credential", "not checked: see the errors above")?;
                None
            }
            Way::Open | Way::Closed => credential(context, &mut findings)?,
        };
        if let Some(source) = source {
            let is_taken = way == Way::Open && permission(&source, &mut findings)?;
            end(&source, &mut findings)?;
            if is_taken {
                account(context, &source, &mut findings)?;
                if let Ok(Some(own)) = context.settings().region() {
                    registry::look(context, &own.value, &mut findings)?;
                }
            }
            if let Some(region) = region.as_ref().filter(|_| is_taken) {
                target::offered(&source, region, &mut findings)?;
            }
        }
        if let Some(region) = region.as_ref().filter(|_| way != Way::Unset) {
            target::look(context, region, namespace.as_ref(), &mut findings)?;
        }
        findings.end()
    }
}

fn settings(context: &Context, findings: &mut Findings<'_>) -> Result<(), Error> {
    match context.settings().config_file() {
        Some(file) if file.value.exists() => {
            findings.good(
                "config.file",
                format!("the config file is {}", file.value.display()),
            )?;
        }
        Some(file) => {
            let text = format!("no config file at {} (optional)", file.value.display());
            findings.good("config.file", text)?;
        }
        None => findings.good(
            "config.file",
            "no home directory for a config file (optional)".to_owned(),
        )?,
    }
    for warning in context.settings().warnings() {
        findings.warn("config.warning", warning.clone(), "see 'swr config show'")?;
    }
    let wrong: Vec<_> = context
        .settings()
        .show()
        .into_iter()
        .filter(|shown| shown.error.is_some())
        .collect();
    let is_right = wrong.is_empty();
    // Those two are checks of their own.
    let wrong = wrong
        .iter()
        .filter(|shown| !["region", "endpoint"].contains(&shown.setting.as_str()));
    for shown in wrong {
        let text = format!(
            "{} is invalid ({}): {}",
            shown.setting,
            shown.origin.as_deref().unwrap_or("default"),
            shown.error.as_deref().unwrap_or_default()
        );
        findings.bad(
            "settings",
            text,
            "correct it there; 'swr config show' shows all",
            Exit::Local,
        )?;
    }
    if is_right {
        findings.good("settings", "no setting is invalid".to_owned())?;
    }
    Ok(())
}

fn credential(context: &Context, findings: &mut Findings<'_>) -> Result<Option<Service>, Error> {
    let service = match context.service() {
        Ok(service) => service,
        Err(error) => {
            findings.error("credential", &error)?;
            return Ok(None);
        }
    };
    findings.good(
        "credential",
        format!("the credential is the {}", service.credential().describe()),
    )?;
    Ok(Some(service))
}

/// The end of a credential from the network is known only after the first request.
fn end(source: &Service, findings: &mut Findings<'_>) -> Result<(), Error> {
    let Some(end) = source.credential().ends() else {
        return Ok(());
    };
    let id = "credential.end";
    if end.duration_since(jiff::Timestamp::now()).is_negative() {
        let text = format!("the credential expired at {end}");
        return findings.bad(id, text, &source.credential().remedy(), Exit::Local);
    }
    findings.good(id, format!("the credential is valid until {end}"))
}

fn permission(source: &Service, findings: &mut Findings<'_>) -> Result<bool, Error> {
    match source.namespaces() {
        Ok(namespaces) => {
            let text = format!(
                "the credential is accepted; it sees {}",
                count(namespaces.len())
            );
            findings.good("permission", text)?;
            Ok(true)
        }
        Err(error) => {
            findings.error("permission", &error)?;
            Ok(false)
        }
    }
}

/// Returns a number of namespaces in words.
fn count(namespaces: usize) -> String {
    match namespaces {
        1 => "1 namespace".to_owned(),
        many => format!("{many} namespaces"),
    }
}

fn account(context: &Context, source: &Service, findings: &mut Findings<'_>) -> Result<(), Error> {
    match source.has_agency() {
        Ok(true) => findings.good("agency", "the service's agency exists".to_owned())?,
        Ok(false) => findings.bad(
            "agency",
            "the service's agency does not exist, which synchronization needs".to_owned(),
            "open SWR in the console once, or: swr api POST /v2/manage/agency",
            Exit::Different,
        )?,
        Err(error) => findings.unknown("agency", &error)?,
    }
    let project = context.settings().project_id().ok().flatten();
    let Some(project) = project else {
        return findings.skip(
            "feature",
            "no project id is set, so the features were not checked",
        );
    };
    match source.feature_gates(&project.value) {
        Ok(gates) if gates.enable_image_sync == Some(false) => findings.bad(
            "feature",
            "synchronization is disabled for this project".to_owned(),
            "ask the vendor to enable it, or choose another region",
            Exit::Different,
        ),
        Ok(_) => findings.good("feature", "synchronization is enabled".to_owned()),
        Err(error) => findings.unknown("feature", &error),
    }
}
