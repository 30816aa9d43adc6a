//! What a command is passed: settings, output, signals, and the service, made when asked for.
//!
//! `lib` makes one for a run. Connects the rooms that must not know each other: credentials to the
//! API, the API's traffic to the output.

mod host;
mod trace;

use std::sync::{Arc, Mutex, OnceLock};

use rustls::RootCertStore;

use crate::api::{Authorize, Limits, PreviewCredential, ProxyOf, Service, Transport, Trust};
use crate::credentials::{self, Credentials};
use crate::endpoint::Endpoint;
use crate::error::{Error, Field};
use crate::exit::Exit;
use crate::interrupt::{CleanupGuard, Interrupt};
use crate::lock::lock;
use crate::names::RegionId;
use crate::output::{Manner, Output};
use crate::settings::{Certificates, Environment, Key, Options, Route, Settings, Value};
use crate::sync::task::Named;

/// What a command is passed.
#[derive(Debug)]
pub struct Context {
    options: Options,
    settings: Settings,
    wrong_options: Vec<Field>,
    output: Arc<Output>,
    interrupt: Interrupt,
    /// A signal that ends the process leaves whole documents behind.
    cleanup: Option<CleanupGuard>,
    transport: OnceLock<Arc<Transport>>,
    credentials: Credentials,
    /// The services made so far, by target region; `None` is the source.
    services: Mutex<Vec<(Option<RegionId>, Service)>>,
}

impl Context {
    /// Loads the settings and takes the streams. A value that is wrong stops only the commands
    /// that need it; a broken config file stops only those that read one.
    ///
    /// # Errors
    /// A config file that cannot be read or understood; a wrong output format.
    pub fn load(
        options: &Options,
        environment: &Environment,
        reads_config: bool,
        interrupt: Interrupt,
    ) -> Result<Context, Error> {
        let settings = if reads_config {
            Settings::load(options, environment)?
        } else {
            Settings::load_without_file(options, environment)
        };
        let manner = Manner {
            format: settings.output()?.value,
            color: settings.color()?.value,
            quiet: options.quiet,
            verbosity: options.verbose,
            annotates: environment.is_github_job(),
            dumb: environment.raw("TERM").is_some_and(|term| term == "dumb"),
        };
        let output = Output::of_process(manner).filtered(options.jq.as_deref())?;
        let output = Arc::new(output);
        let ended = Arc::clone(&output);
        let cleanup = interrupt.on_exit(move || ended.abandon());
        for warning in settings.warnings() {
            output.warn(warning);
        }
        let mut context = Context::of(options.clone(), settings, output, interrupt);
        context.cleanup = Some(cleanup);
        Ok(context)
    }

    fn of(
        options: Options,
        settings: Settings,
        output: Arc<Output>,
        interrupt: Interrupt,
    ) -> Context {
        Context {
            wrong_options: Settings::wrong_options(&options),
            options,
            settings,
            output,
            interrupt,
            cleanup: None,
            transport: OnceLock::new(),
            credentials: Credentials::default(),
            services: Mutex::new(Vec::new()),
        }
    }

    /// Returns the context of another profile of the config file, with this run's output and
    /// signals. Endpoint, region and token of the command line and of the environment are this
    /// run's own, and do not count for it.
    ///
    /// # Errors
    /// Kind `config` when there is no such profile.
    pub fn with_profile(&self, profile: &str) -> Result<Context, Error> {
        let mut options = self.options.clone();
        options.set(Key::Profile, Value::Text(profile.to_owned()));
        for key in [Key::Region, Key::Endpoint, Key::ProjectId] {
            options.unset(key);
        }
        let environment = self.settings.environment().without(&[
            "SWR_ENDPOINT",
            "SWR_REGION",
            "SWR_TOKEN",
            "SWR_TOKEN_FILE",
            "SWR_PROJECT_ID",
            "SWR_PROJECT_NAME",
        ]);
        // No option named it: the caller says where it is.
        let settings = Settings::load(&options, &environment).map_err(|error| {
            let unplaced = Error::new(error.kind(), error.message()).exit(Exit::Local);
            match error.advice() {
                Some(hint) => unplaced.hint(hint),
                None => unplaced,
            }
        })?;
        let (output, interrupt) = (Arc::clone(&self.output), self.interrupt.clone());
        Ok(Context::of(options, settings, output, interrupt))
    }

    /// Returns the output.
    pub fn output(&self) -> &Output {
        &self.output
    }

    /// Returns the output for a thread that may live longer than the command.
    pub fn shared_output(&self) -> Arc<Output> {
        Arc::clone(&self.output)
    }

    /// Returns the settings.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Returns every wrong value among the global options, for a command to add to its own.
    pub fn wrong_options(&self) -> &[Field] {
        &self.wrong_options
    }

    /// Returns the signals of this run.
    pub fn interrupt(&self) -> &Interrupt {
        &self.interrupt
    }

    /// Returns the source region, where it is known.
    pub fn region(&self) -> Option<RegionId> {
        self.settings
            .region()
            .ok()
            .flatten()
            .map(|setting| setting.value)
    }

    /// Returns the profile and the source region where the command line names them: a command that
    /// does without leads elsewhere.
    pub fn named(&self) -> Named {
        let profile = self.settings.profile();
        let region = self.settings.region().ok().flatten();
        Named {
            profile: profile
                .filter(|setting| setting.origin.is_option())
                .map(|setting| setting.value.clone()),
            region: region
                .filter(|setting| setting.origin.is_option())
                .map(|setting| setting.value),
        }
    }

    /// Returns the endpoint of the source region.
    ///
    /// # Errors
    /// Kind `config` when none is set and none can be derived.
    pub fn endpoint(&self) -> Result<Endpoint, Error> {
        Ok(self.settings.endpoint()?.value)
    }

    /// Returns the endpoint of a target region.
    ///
    /// # Errors
    /// Kind `config` when the one that is set is wrong.
    pub fn endpoint_of(&self, region: &RegionId) -> Result<Endpoint, Error> {
        Ok(self.settings.endpoint_of(region)?.value)
    }

    /// Returns what sends requests; one for the run.
    ///
    /// # Errors
    /// Invalid limits, proxies or certificates: all of it is found before the first request.
    pub fn transport(&self) -> Result<&Arc<Transport>, Error> {
        if let Some(transport) = self.transport.get() {
            return Ok(transport);
        }
        let limits = Limits {
            timeout: self.settings.timeout()?.value,
            connect_timeout: self.settings.connect_timeout()?.value,
            retries: self.settings.retries()?.value,
        };
        let trust = Trust {
            named: self.roots(self.settings.named_certificates()?),
            added: self.roots(self.settings.added_certificates()?),
        };
        let proxies = self.settings.proxies()?;
        let proxy: ProxyOf = Arc::new(move |url| match proxies.route(url) {
            Route::Through(proxy) => Some(proxy.url().clone()),
            Route::Direct | Route::Excepted(_) => None,
        });
        let trace = Box::new(trace::TraceOutput::new(Arc::clone(&self.output)));
        let sandboxed = self.settings.environment().raw("SWR_EMULATOR").is_some();
        let transport = Transport::new(limits, trust, proxy, trace, self.interrupt.clone())
            .loopback_only(sandboxed);
        Ok(self.transport.get_or_init(|| Arc::new(transport)))
    }

    fn roots(&self, read: Option<Certificates>) -> Option<(RootCertStore, String)> {
        let certificates = read?;
        for warning in &certificates.warnings {
            self.output.warn(warning);
        }
        Some((certificates.roots, certificates.from))
    }

    /// Returns the service in the source region.
    ///
    /// # Errors
    /// Missing or wrong settings and credentials; nothing is sent.
    pub fn service(&self) -> Result<Service, Error> {
        self.service_at(None)
    }

    /// Returns the service in a target region, with the credential that counts there.
    ///
    /// # Errors
    /// Missing or wrong settings and credentials, with how to set them up; nothing is sent.
    pub fn service_of(&self, region: &RegionId) -> Result<Service, Error> {
        self.service_at(Some(region))
    }

    fn service_at(&self, region: Option<&RegionId>) -> Result<Service, Error> {
        let mut services = lock(&self.services);
        if let Some((_, service)) = services.iter().find(|(other, _)| other.as_ref() == region) {
            return Ok(service.clone());
        }
        let endpoint = match region {
            Some(region) => self.endpoint_of(region)?,
            None => self.endpoint()?,
        };
        let transport = Arc::clone(self.transport()?);
        let credential: Arc<dyn Authorize> =
            self.credentials
                .find(&self.settings, region, &transport, &|warning| {
                    self.output.warn(warning);
                })?;
        let service = Service::new(transport, endpoint, credential);
        services.push((region.cloned(), service.clone()));
        Ok(service)
    }

    /// Returns the credentials of this run, for the commands that are about them.
    pub fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// Says which kind of credential is set, without reading, running or sending anything.
    pub fn shown_credential(&self) -> PreviewCredential {
        credentials::shown(&self.settings)
    }
}

/// Returns the manner of a run whose settings are not loaded: what option and variable say.
pub fn manner_at_hand(options: &Options, environment: &Environment) -> Manner {
    let color = Settings::load_without_file(options, environment).color();
    Manner {
        format: Settings::format_at_hand(options, environment),
        color: color.map(|setting| setting.value).unwrap_or_default(),
        quiet: options.quiet,
        annotates: environment.is_github_job(),
        ..Manner::default()
    }
}
