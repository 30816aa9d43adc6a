//! `swr auth login`.

use clap::Args;
use jiff::Timestamp;
use serde::Serialize;

use super::secrets::{Secrets, ask, can_ask};
use crate::commands::raw_arg::{Problems, Raw};
use crate::context::Context;
use crate::credentials::{
    Chain, Keys, Login, Password, Scope, Store, TokenLogin, credential_text, log_in,
    project_of_login,
};
use crate::error::{Error, Kind};
use crate::exit::Exit;
use crate::names::{Parse, RegionId};
use crate::origin::Origin;
use crate::output::{Page, Report, good, plain, strong};
use crate::secret::Secret;
use crate::settings::paths;

#[derive(Debug, Args)]
#[command(
    after_help = "On a terminal, missing values are prompted for. The password is not stored: a login \
    with one\nends with its token, after 24 hours.\n\n\
    Examples:\n  \
    swr auth login --account ACCOUNT --user NAME --region cn-north-4\n  \
    pass swr | swr auth login --account ACCOUNT --user NAME --password-stdin\n  \
    swr auth login --access-key ID\n  \
    swr auth login --token-stdin < token.txt"
)]
pub struct LogIn {
    /// Log in as this IAM user
    #[arg(long, value_name = "NAME", conflicts_with_all = ["access_key", "token_stdin"])]
    user: Option<String>,
    /// Account of the user
    #[arg(long, value_name = "NAME", conflicts_with_all = ["access_key", "token_stdin"])]
    account: Option<String>,
    /// Id of the user who has a virtual MFA device; its code is asked for
    #[arg(long, value_name = "ID", conflicts_with_all = ["access_key", "token_stdin"])]
    mfa_user: Option<String>,
    /// Read the password from line 1 of standard input, the MFA code from line 2
    #[arg(long, requires_all = ["user", "account"], conflicts_with_all = ["access_key", "token_stdin"])]
    password_stdin: bool,
    /// Keep this access key; nothing is sent
    #[arg(long, value_name = "ID", conflicts_with = "token_stdin")]
    access_key: Option<String>,
    /// Read the secret key from standard input
    #[arg(long, requires = "access_key", conflicts_with_all = ["password_stdin", "token_stdin"])]
    secret_key_stdin: bool,
    /// Keep the token that is read from standard input; nothing is sent
    #[arg(long)]
    token_stdin: bool,
    /// With a password: log in to this region, too; may be given several times
    #[arg(long, value_name = "ID", conflicts_with_all = ["access_key", "token_stdin"],
          add = crate::commands::complete::regions())]
    to_region: Vec<Raw<RegionId>>,
}

const WAYS: &str = "How do you log in to Huawei Cloud?
  1  user and password   an IAM user; lasts 24 hours, for one region
  2  access keys         AK and SK; for every region, until they are deleted
  3  token               one that you have; for one region
";

const ACCOUNT_AND_USER: &str = "\
The account is the name of the account that owns the images (also called domain or tenant).
The user is an IAM user in it; a HUAWEI ID or a phone number is neither.
";

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::commands) struct LoggedIn {
    /// `logged_in`.
    status: &'static str,
    /// What is kept: `token`, for a region, or `keys`, for all of them.
    kind: &'static str,
    /// The region of the token.
    region: Option<String>,
    /// The project of the token, where it is known.
    project_id: Option<String>,
    /// The account.
    account: Option<String>,
    /// The user.
    user: Option<String>,
    /// When the login ends, where that is known.
    expires_at: Option<String>,
    /// The file that keeps it.
    file: String,
    /// The logins to other regions.
    to_regions: Vec<OtherRegion>,
}

/// A login to another region than the source's.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct OtherRegion {
    /// The region of the token.
    region: String,
    /// The project of the token, where it is known.
    project_id: Option<String>,
    /// When the login ends, where that is known.
    expires_at: Option<String>,
}

impl LogIn {
    /// Keeps keys or a token, or gets a token for a password.
    ///
    /// # Errors
    /// Invalid values, no one to ask; kind `auth` when IAM refuses, `io` when nothing can be kept.
    pub fn run(mut self, context: &Context) -> Result<Exit, Error> {
        let mut problems = Problems::beside(context);
        for (option, text) in [
            ("--user", &self.user),
            ("--account", &self.account),
            ("--mfa-user", &self.mfa_user),
            ("--access-key", &self.access_key),
        ] {
            refuse_unlikely(&mut problems, option, text.as_deref());
        }
        let others = problems.take_all("--to-region", self.to_region.clone());
        problems.end()?;
        let region = if self.names_no_way() && can_ask(context) {
            Some(self.lead(context)?)
        } else {
            None
        };
        let done = match (&self.access_key, self.token_stdin) {
            (Some(access_key), _) => self.keep_keys(context, access_key)?,
            (None, true) => keep_token(context, region.clone())?,
            (None, false) => self.log_in(context, region.clone(), others)?,
        };
        context.output().report(&done)?;
        let is_used = tell_what_counts(context);
        match region {
            Some(region) if is_used => check(context, &region)?,
            _ => {}
        }
        Ok(Exit::Done)
    }

    fn names_no_way(&self) -> bool {
        self.user.is_none()
            && self.account.is_none()
            && self.mfa_user.is_none()
            && self.access_key.is_none()
            && !self.token_stdin
    }

    /// Asks which way to log in, and for the region where none is set; returns the region.
    fn lead(&mut self, context: &Context) -> Result<RegionId, Error> {
        let output = context.output();
        output.help(WAYS);
        match ask(context, "1, 2 or 3:", "choice")?.as_str() {
            "1" => output.help(ACCOUNT_AND_USER),
            "2" => {
                output.help("The console makes them: My Credentials, Access Keys.\n");
                let access_key = ask(context, "Access key:", "access key")?;
                let mut problems = Problems::default();
                refuse_unlikely(&mut problems, "--access-key", Some(&access_key));
                problems.end()?;
                self.access_key = Some(access_key);
            }
            "3" => self.token_stdin = true,
            _ => {
                let what = "the choice must be 1, 2 or 3";
                return Err(Error::new(Kind::Usage, what));
            }
        }
        if let Some(region) = context.settings().region()? {
            return Ok(region.value);
        }
        let region = ask(context, "Region (like cn-north-4):", "region")?;
        RegionId::parse(&region).map_err(|error| {
            let region = crate::output::harmless(&region);
            Error::new(
                Kind::Usage,
                format!("invalid region '{region}': {}", error.rule),
            )
        })
    }

    fn keep_keys(&self, context: &Context, access_key: &str) -> Result<LoggedIn, Error> {
        let mut secrets = Secrets::of(context, "--secret-key-stdin", self.secret_key_stdin)?;
        let store = store(context)?;
        let secret_key = one_word(&mut secrets, "Secret key:", "secret key")?;
        let keys = Keys {
            access_key: access_key.to_owned(),
            secret_key,
            security_token: None,
        };
        keep(context, &store, Login::Keys(keys))?;
        Ok(LoggedIn::of(&store, None, Vec::new()))
    }

    fn log_in(
        self,
        context: &Context,
        region: Option<RegionId>,
        others: Vec<RegionId>,
    ) -> Result<LoggedIn, Error> {
        let mut secrets = Secrets::of(context, "--password-stdin", self.password_stdin)?;
        let settings = context.settings();
        let region = match region {
            Some(region) => region,
            None => settings.require_region()?.value,
        };
        let mut wanted = vec![region.clone()];
        wanted.extend(others.into_iter().filter(|other| *other != region));
        let mut logins = Vec::with_capacity(wanted.len());
        for region in wanted {
            let project = project_of_login(settings, &region)?;
            let scope = project.map_or_else(|| Scope::Name(region.to_string()), Scope::Id);
            let iam = settings.iam_endpoint(&region)?.value;
            logins.push((region, scope, iam));
        }
        let store = store(context)?;
        let account = match self.account {
            Some(account) => account,
            None => ask(context, "Account:", "account")?,
        };
        let user = match self.user {
            Some(user) => user,
            None => ask(context, "User:", "user")?,
        };
        let password = Password {
            account,
            user,
            password: secrets.read("Password:", "password")?,
            mfa: match self.mfa_user {
                Some(id) => Some((id, secrets.read("MFA code:", "MFA code")?)),
                None => None,
            },
        };
        secrets.end()?;
        let mut kept = Vec::with_capacity(logins.len());
        for (region, scope, iam) in logins {
            let login = log_in(context.transport()?, &iam, &password, &region, &scope)
                .map_err(|error| error.about(region.as_str()))?;
            keep(context, &store, Login::Token(login.clone()))?;
            kept.push(login);
        }
        let own = kept.remove(0);
        Ok(LoggedIn::of(&store, Some(&own), kept))
    }
}

/// Keeps a token that the user has; how long it is valid is not known.
fn keep_token(context: &Context, region: Option<RegionId>) -> Result<LoggedIn, Error> {
    let mut secrets = Secrets::of(context, "--token-stdin", true)?;
    let region = match region {
        Some(region) => region,
        None => context.settings().require_region()?.value,
    };
    let project_id = project_of_login(context.settings(), &region)?;
    let store = store(context)?;
    let login = TokenLogin {
        region,
        token: one_word(&mut secrets, "Token:", "token")?,
        project_id,
        account: None,
        user: None,
        expires_at: None,
    };
    keep(context, &store, Login::Token(login.clone()))?;
    Ok(LoggedIn::of(&store, Some(&login), Vec::new()))
}

/// Reads a secret that goes into a header.
fn one_word(secrets: &mut Secrets<'_>, question: &str, noun: &str) -> Result<Secret, Error> {
    let text = secrets.read(question, noun)?;
    secrets.end()?;
    let word = credential_text(noun, text.expose(), &Origin::Stdin)
        .map_err(|error| error.of_kind(Kind::Usage))?;
    Ok(Secret::new(word))
}

fn refuse_unlikely(problems: &mut Problems, option: &'static str, text: Option<&str>) {
    let Some(text) = text else { return };
    let error = if text.trim().is_empty() {
        "it is empty"
    } else if text.chars().any(char::is_control) {
        "it contains a control character"
    } else if option == "--access-key" && !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        "it must be letters and digits"
    } else {
        return;
    };
    let shown = crate::output::harmless(text);
    problems.note(
        option,
        text,
        format!("invalid value '{shown}' ({option}): {error}"),
    );
}

/// Returns the store, which can be written.
fn store(context: &Context) -> Result<Store, Error> {
    let store = Store::new(paths::logins_file(context.settings().environment())?);
    store.prepare()?;
    Ok(store)
}

fn keep(context: &Context, store: &Store, login: Login) -> Result<(), Error> {
    // A process that ends in the middle would leave half a file with a secret in it behind.
    let _graceful = context.interrupt().graceful();
    let profile = context.settings().profile();
    store.add(profile.map(|profile| profile.value.as_str()), vec![login])
}

/// Sends one request with the new login, so that a wrong one is known now.
fn check(context: &Context, region: &RegionId) -> Result<(), Error> {
    let checked = context
        .service_of(region)
        .and_then(|service| service.namespaces());
    checked.map_err(|error| error.about("the first request with the new login failed"))?;
    context
        .output()
        .note(&format!("checked: SWR in {region} accepts the login"));
    if context.settings().region()?.is_none() {
        context.output().hint(&format!(
            "set the region for other commands: export SWR_REGION={region}, or 'swr config init'"
        ));
    }
    Ok(())
}

/// Warns where the new login is not used because something stronger is set; returns `true` if it
/// is used.
fn tell_what_counts(context: &Context) -> bool {
    let Ok(found) = Chain::new(context.settings(), Timestamp::now()).find() else {
        return true;
    };
    let is_used = matches!(found.origin, Origin::Login(_));
    if !is_used {
        context.output().warn(&format!(
            "{} takes precedence over the login: unset it to use the login",
            found.origin
        ));
    }
    is_used
}

impl LoggedIn {
    fn of(store: &Store, token: Option<&TokenLogin>, others: Vec<TokenLogin>) -> LoggedIn {
        let end = |login: &TokenLogin| login.expires_at.map(|end| end.to_string());
        LoggedIn {
            status: "logged_in",
            kind: if token.is_some() { "token" } else { "keys" },
            region: token.map(|login| login.region.to_string()),
            project_id: token.and_then(|login| login.project_id.clone()),
            account: token.and_then(|login| login.account.clone()),
            user: token.and_then(|login| login.user.clone()),
            expires_at: token.and_then(end),
            file: store.path().display().to_string(),
            to_regions: others
                .into_iter()
                .map(|login| OtherRegion {
                    expires_at: end(&login),
                    region: login.region.to_string(),
                    project_id: login.project_id,
                })
                .collect(),
        }
    }
}

impl Report for LoggedIn {
    fn human(&self, page: &mut Page) {
        let who = match (&self.user, &self.account) {
            (Some(user), Some(account)) => format!("{user} of {account}"),
            _ => format!(
                "with {}",
                if self.kind == "keys" {
                    "keys"
                } else {
                    "a token"
                }
            ),
        };
        let place = self.region.as_deref().unwrap_or("every region");
        let mut rows = vec![(place, &self.expires_at)];
        rows.extend(
            self.to_regions
                .iter()
                .map(|other| (other.region.as_str(), &other.expires_at)),
        );
        for (place, end) in rows {
            let end = match end {
                Some(end) => format!(", until {end}"),
                None => String::new(),
            };
            page.line(&[
                good("logged in"),
                plain(": "),
                strong(&who),
                plain(format!(", {place}{end}")),
            ]);
        }
        page.plain(format!("kept in {}", self.file));
    }
}
