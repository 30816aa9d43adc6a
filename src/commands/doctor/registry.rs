//! The registry of a region: whom docker and podman ask for its password, and whether it is accepted.

use super::finding::Findings;
use crate::api::{RegistryPassword, try_registry_login};
use crate::commands::registry::{DockerConfig, Life, LoginSource, on_path, password_of};
use crate::context::Context;
use crate::error::{Error, Kind};
use crate::exit::Exit;
use crate::names::RegionId;
use crate::settings::RegistryHost;

/// A registry that a tool logs in to.
struct Login<'a> {
    context: &'a Context,
    region: &'a RegionId,
    registry: RegistryHost,
    tool: &'static str,
    file: String,
}

/// Checks what docker and podman do to log in to a region's registry. Nobody has to use them.
pub(super) fn look(
    context: &Context,
    region: &RegionId,
    findings: &mut Findings<'_>,
) -> Result<(), Error> {
    let settings = context.settings();
    let registry = match settings.registry_of(region) {
        Ok(registry) => registry.value,
        Err(error) => return findings.error("registry", &error),
    };
    let podmans = settings.environment().path("REGISTRY_AUTH_FILE");
    for (tool, file) in [("docker", None), ("podman", podmans)] {
        if tool == "podman" && file.is_none() {
            continue; // It reads docker's.
        }
        let config = match DockerConfig::read(settings, file) {
            Ok(config) => config,
            Err(error) => {
                findings.error("registry", &error)?;
                continue;
            }
        };
        let login = Login {
            context,
            region,
            registry: registry.clone(),
            tool,
            file: config.path().display().to_string(),
        };
        match config.login_to(registry.as_str()) {
            Some(LoginSource::Helper(name)) => login.by_helper(&name, findings)?,
            Some(LoginSource::Written(written)) => login.written(&written, findings)?,
            None => findings.skip(
                "registry",
                &format!(
                    "{tool} has no login to {registry}; 'swr registry setup' makes it ask swr"
                ),
            )?,
        }
    }
    Ok(())
}

impl Login<'_> {
    fn by_helper(&self, name: &str, findings: &mut Findings<'_>) -> Result<(), Error> {
        let Login {
            registry,
            tool,
            file,
            ..
        } = self;
        let program = format!("docker-credential-{name}");
        let asks = format!("{tool} asks {program} for {registry} ({file})");
        let settings = self.context.settings();
        if on_path(settings, &program).is_none() {
            return findings.bad(
                "registry",
                format!("{asks}, which is not on the PATH"),
                "'swr registry setup' makes the link beside swr; its directory has to be on the PATH",
                Exit::Local,
            );
        }
        let Some(profile) = name.strip_prefix("swr") else {
            return findings.good("registry", asks);
        };
        if on_path(settings, tool).is_some_and(|path| path.starts_with("/snap")) {
            return findings.bad(
                "registry",
                format!("{asks}, but {tool} is a snap, which sees no program outside of it"),
                "install docker from the distribution or from docker.com, or: swr registry login",
                Exit::Local,
            );
        }
        findings.good("registry", asks)?;
        let password = match profile.strip_prefix('-') {
            None => password_of(self.context, self.region, Life::Any),
            Some(profile) => self
                .context
                .with_profile(profile)
                .and_then(|context| password_of(&context, self.region, Life::Any)),
        };
        match password {
            Ok((password, _)) => {
                let remedy = "check that the key is enabled; 'swr registry logout' drops a password \
                              that is kept";
                self.accepted(&password, "the login that swr makes", remedy, findings)
            }
            Err(error) => findings.error("registry.login", &error),
        }
    }

    fn written(&self, login: &RegistryPassword, findings: &mut Findings<'_>) -> Result<(), Error> {
        let Login {
            registry,
            tool,
            file,
            ..
        } = self;
        let text = format!("{tool} has a login to {registry} written down ({file})");
        findings.good("registry", text)?;
        let remedy =
            "'swr registry setup' makes docker ask swr; 'swr registry login' writes a new one";
        self.accepted(login, &format!("the login in {file}"), remedy, findings)
    }

    fn accepted(
        &self,
        login: &RegistryPassword,
        what: &str,
        remedy: &str,
        findings: &mut Findings<'_>,
    ) -> Result<(), Error> {
        let (id, registry) = ("registry.login", &self.registry);
        let endpoint = registry.endpoint();
        let endpoint = endpoint.map_err(|text| Error::new(Kind::Config, text));
        let answer = endpoint
            .and_then(|endpoint| try_registry_login(self.context.transport()?, &endpoint, login));
        match answer {
            Ok(answer) if answer.is_success() => {
                findings.good(id, format!("{registry} accepts {what}"))
            }
            Ok(answer) if matches!(answer.status, 401 | 403) => {
                let text = format!("{registry} refuses {what} ({})", answer.status_line());
                findings.bad(id, text, remedy, Exit::Refused)
            }
            Ok(answer) => {
                let subject = format!("{registry} does not say whether it accepts {what}");
                let hint = "check the setting 'registry'";
                findings.error(id, &answer.refusal_by(&subject, hint))
            }
            Err(error) => findings.error(id, &error),
        }
    }
}
