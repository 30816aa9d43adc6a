//! The one error of the program: what was wrong, where the value came from, what to do next.
//!
//! Built in the room that knows (a grammar knows the position, settings know the origin), shown by
//! `output`, turned into an exit code here and nowhere else. There is no `From<io::Error>`: a
//! caller that passes an error on names its kind.

use std::borrow::Cow;

use crate::exit::Exit;
use crate::origin::Origin;

/// The class of an error, as `kind` in JSON errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The command line cannot be understood.
    Usage,
    /// A value breaks a rule.
    Validation,
    /// The settings are wrong or incomplete.
    Config,
    /// A credential is missing, dead or refused.
    Auth,
    /// No HTTP answer came.
    Network,
    /// A time limit ran out.
    Timeout,
    /// The service answered with an error, or with what cannot be understood.
    Http,
    /// What should be made is there already.
    Exists,
    /// Something that a task needs is missing.
    Unmet,
    /// A copy ended badly.
    Incomplete,
    /// A file or a stream of this machine failed.
    Io,
    /// A signal ended the work.
    Interrupted,
    /// A defect of this program.
    Internal,
}

impl Kind {
    /// Returns the kind's name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Usage => "usage",
            Kind::Validation => "validation",
            Kind::Config => "config",
            Kind::Auth => "auth",
            Kind::Network => "network",
            Kind::Timeout => "timeout",
            Kind::Http => "http",
            Kind::Exists => "exists",
            Kind::Unmet => "unmet",
            Kind::Incomplete => "incomplete",
            Kind::Io => "io",
            Kind::Interrupted => "interrupted",
            Kind::Internal => "internal",
        }
    }
}

/// One wrong value among several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// The option that brought it, `--namespace`, or the key in a file, `sync[0].to[1]`.
    pub field: Cow<'static, str>,
    /// The value as typed.
    pub value: String,
    /// What is wrong with it, as a whole sentence without the prefix `error:`.
    pub message: String,
    /// What helps.
    pub hint: Option<String>,
    /// The file that it is in, with its line (from 1) where that is known.
    pub file: Option<(String, Option<usize>)>,
}

/// Something that the error carries for programs to read, beside its text.
#[derive(Debug, Clone, Default)]
pub struct Details {
    /// Whether the same call may succeed later.
    pub retryable: bool,
    /// Whether the service may have done what was asked, though no answer came.
    pub unsure: bool,
    /// The HTTP status of the answer.
    pub http_status: Option<u16>,
    /// The service's own code.
    pub code: Option<String>,
    /// The service's id of the request.
    pub request_id: Option<String>,
    /// Method and path of the request.
    pub request: Option<(String, String)>,
    /// Wrong values, when there are several.
    pub fields: Vec<Field>,
    /// The option whose value is wrong, when there is one.
    pub field: Option<&'static str>,
    /// Tags that the service named as failed (manual synchronization).
    pub failed_tags: Vec<String>,
    /// How what is there differs from what was asked, as JSON.
    pub difference: Option<serde_json::Value>,
}

/// What went wrong. Cheap to move: the contents are boxed.
#[derive(Debug)]
pub struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    kind: Kind,
    exit: Option<Exit>,
    what: String,
    origin: Option<Origin>,
    hint: Option<String>,
    details: Details,
    cause: Option<anyhow::Error>,
    silent: bool,
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.what)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.cause.as_ref().map(AsRef::as_ref)
    }
}

impl Error {
    /// Makes an error of a kind; `what` is lower case, without a full stop, values in quotes.
    pub fn new(kind: Kind, what: impl Into<String>) -> Error {
        Error(Box::new(Inner {
            kind,
            exit: None,
            what: what.into(),
            origin: None,
            hint: None,
            details: Details::default(),
            cause: None,
            silent: false,
        }))
    }

    /// Returns the error of a thread that the system refuses to start.
    pub fn no_thread(cause: impl Into<anyhow::Error>) -> Error {
        Error::new(Kind::Io, "the system refuses to start a thread")
            .cause(cause)
            .hint("raise the limit on processes or memory (ulimit -u, ulimit -v)")
    }

    /// Makes the error of a reader that closed its end: nothing is said, and the exit is 0.
    pub fn closed_pipe() -> Error {
        let mut error = Error::new(Kind::Io, "closed pipe").exit(Exit::Done);
        error.0.silent = true;
        error
    }

    /// Makes the error of several wrong values of the command line.
    pub fn wrong_values(mut fields: Vec<Field>) -> Error {
        let what = fields
            .iter()
            .map(|field| field.message.as_str())
            .collect::<Vec<_>>()
            .join("\n");
        let mut error = Error::new(Kind::Validation, what).exit(Exit::Usage);
        if let [only] = fields.as_slice() {
            error.0.hint.clone_from(&only.hint);
            if let Cow::Borrowed(option) = only.field {
                error.0.details.field = Some(option);
            }
            fields.clear();
        }
        error.0.details.fields = fields;
        error
    }

    /// Makes the error of files with faults; each is a field, also when there is only one.
    pub fn faulty_files(fields: Vec<Field>) -> Error {
        let messages: Vec<&str> = fields.iter().map(|field| field.message.as_str()).collect();
        Error::new(Kind::Config, messages.join("\n"))
            .exit(Exit::Local)
            .with(|details| details.fields = fields)
    }

    /// Says where the wrong value came from.
    #[must_use]
    pub fn origin(mut self, origin: Origin) -> Error {
        if let Origin::Option(name) = origin {
            self.0.details.field.get_or_insert(name);
        }
        self.0.origin = Some(origin);
        self
    }

    /// Adds what to do next: a sentence in the imperative, or a command. A hint that is there
    /// already is kept, because it knows the cause.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Error {
        let hint = hint.into();
        self.0.hint = Some(match self.0.hint.take() {
            Some(before) if before.contains(&hint) => before,
            Some(before) if hint.contains(&before) => hint,
            Some(before) => format!("{before}; {hint}"),
            None => hint,
        });
        self
    }

    /// Keeps the cause, which is shown behind the text.
    #[must_use]
    pub fn cause(mut self, cause: impl Into<anyhow::Error>) -> Error {
        self.0.cause = Some(cause.into());
        self
    }

    /// Sets the exit where the kind alone does not decide it.
    #[must_use]
    pub fn exit(mut self, exit: Exit) -> Error {
        self.0.exit = Some(exit);
        self
    }

    /// Notes the status of the answer; it decides the exit of the kinds that come from answers.
    #[must_use]
    pub fn status(mut self, status: u16) -> Error {
        self.0.details.http_status = Some(status);
        self
    }

    /// Says that the same call may succeed later.
    #[must_use]
    pub fn retryable(mut self, retryable: bool) -> Error {
        self.0.details.retryable = retryable;
        self
    }

    /// Changes the details that programs read.
    #[must_use]
    pub fn with(mut self, change: impl FnOnce(&mut Details)) -> Error {
        change(&mut self.0.details);
        self
    }

    /// Gives the error another kind, for a caller that knows better what it means.
    #[must_use]
    pub fn of_kind(mut self, kind: Kind) -> Error {
        self.0.kind = kind;
        self
    }

    /// Puts words before the text: `cn-east-3: …`.
    #[must_use]
    pub fn about(mut self, subject: &str) -> Error {
        self.0.what = format!("{subject}: {}", self.0.what);
        self
    }

    /// Returns an error that says the same, for a summary beside the error itself.
    #[must_use]
    pub fn summary(&self) -> Error {
        let inner = &self.0;
        Error(Box::new(Inner {
            kind: inner.kind,
            exit: inner.exit,
            what: self.message(),
            origin: inner.origin.clone(),
            hint: inner.hint.clone(),
            details: inner.details.clone(),
            cause: None,
            silent: inner.silent,
        }))
    }

    /// Returns the kind.
    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    /// Returns the text, without cause and origin.
    pub fn what(&self) -> &str {
        &self.0.what
    }

    /// Returns the text with its causes, joined by colons.
    pub fn message(&self) -> String {
        let mut message = self.0.what.clone();
        if let Some(cause) = &self.0.cause {
            for cause in cause.chain() {
                message.push_str(": ");
                message.push_str(&cause.to_string());
            }
        }
        message
    }

    /// Returns where the value came from.
    pub fn place(&self) -> Option<&Origin> {
        self.0.origin.as_ref()
    }

    /// Returns the advice.
    pub fn advice(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }

    /// Returns what programs read.
    pub fn details(&self) -> &Details {
        &self.0.details
    }

    /// Returns `true` if nothing is to be said: the reader has gone.
    pub fn is_silent(&self) -> bool {
        self.0.silent
    }

    /// Returns the exit: what was set, else what kind, origin and status say.
    pub fn exit_code(&self) -> Exit {
        if let Some(exit) = self.0.exit {
            return exit;
        }
        let from_option = self.0.origin.as_ref().map(Origin::is_option);
        let by_status = self.0.details.http_status.map(Exit::of_status);
        match self.0.kind {
            Kind::Validation if from_option == Some(false) => Exit::Local,
            Kind::Usage | Kind::Validation => Exit::Usage,
            Kind::Config if from_option == Some(true) => Exit::Usage,
            Kind::Config | Kind::Io | Kind::Internal => Exit::Local,
            Kind::Auth => by_status.unwrap_or(Exit::Local),
            Kind::Network => Exit::Unreachable,
            Kind::Timeout => Exit::OutOfTime,
            // A 2xx that cannot be understood is the service's fault.
            Kind::Http => match by_status {
                Some(Exit::Done) | None => Exit::Failed,
                Some(exit) => exit,
            },
            // What is there is not what was asked for.
            Kind::Exists if self.0.details.difference.is_some() => Exit::Different,
            Kind::Exists => Exit::Refused,
            Kind::Unmet => Exit::Different,
            Kind::Incomplete => Exit::Incomplete,
            Kind::Interrupted => Exit::Interrupted,
        }
    }
}
