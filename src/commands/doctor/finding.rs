//! What the doctor found: a stable id, a sentence, a remedy.

use serde::Serialize;

use crate::context::Context;
use crate::error::{Error, Kind};
use crate::exit::Exit;
use crate::output::{ErrorReport, Items, Page, Report, bad, dim, good, plain, uneasy};

/// A finding.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::commands) struct Finding {
    /// What was checked: a stable word.
    id: &'static str,
    /// `ok`, `warning`, `error`, or `skipped`.
    status: &'static str,
    /// What was found.
    message: String,
    /// What to do about it.
    hint: Option<String>,
    /// The same, under the key that it had first.
    remedy: Option<String>,
    /// The exit code that it causes.
    exit_code: u8,
    /// Why it does; never null when it is not 0.
    error: Option<ErrorReport>,
}

impl Report for Finding {
    fn human(&self, page: &mut Page) {
        let status = match self.status {
            "ok" => good("ok     "),
            "warning" => uneasy("warning"),
            "skipped" => dim("skipped"),
            _ => bad("error  "),
        };
        page.line(&[
            status,
            plain("  "),
            dim(format!("{:18}", self.id)),
            plain(&self.message),
        ]);
        if let Some(remedy) = &self.hint {
            page.line(&[plain(" ".repeat(27)), plain(format!("→ {remedy}"))]);
        }
    }
}

/// The findings, reported as they come.
pub(super) struct Findings<'a> {
    items: Items<'a>,
    exit: Exit,
}

impl<'a> Findings<'a> {
    pub(super) fn new(context: &'a Context) -> Findings<'a> {
        Findings {
            items: context
                .output()
                .items()
                .of_command("doctor", None)
                .summing(["ok", "warning", "error", "skipped"]),
            exit: Exit::Done,
        }
    }

    pub(super) fn good(&mut self, id: &'static str, message: String) -> Result<(), Error> {
        self.report(id, "ok", message, None, None)
    }

    pub(super) fn warn(
        &mut self,
        id: &'static str,
        message: String,
        remedy: &str,
    ) -> Result<(), Error> {
        self.report(id, "warning", message, Some(remedy), None)
    }

    pub(super) fn skip(&mut self, id: &'static str, message: &str) -> Result<(), Error> {
        self.report(id, "skipped", message.to_owned(), None, None)
    }

    pub(super) fn bad(
        &mut self,
        id: &'static str,
        message: String,
        remedy: &str,
        exit: Exit,
    ) -> Result<(), Error> {
        let error = Error::new(kind_of(exit), message.clone());
        let error = error.exit(exit).hint(remedy);
        self.report(id, "error", message, Some(remedy), Some(&error))
    }

    /// Reports an error as a finding; a signal ends the run instead.
    pub(super) fn error(&mut self, id: &'static str, error: &Error) -> Result<(), Error> {
        if error.kind() == Kind::Interrupted {
            return Err(error.summary());
        }
        self.report(id, "error", error.message(), error.advice(), Some(error))
    }

    /// Reports that an optional check could not be made.
    pub(super) fn unknown(&mut self, id: &'static str, error: &Error) -> Result<(), Error> {
        if error.kind() == Kind::Interrupted {
            return Err(error.summary());
        }
        let message = format!("not checked: {}", error.message());
        self.report(id, "warning", message, error.advice(), None)
    }

    fn report(
        &mut self,
        id: &'static str,
        status: &'static str,
        message: String,
        hint: Option<&str>,
        error: Option<&Error>,
    ) -> Result<(), Error> {
        let exit = error.map_or(Exit::Done, Error::exit_code);
        self.exit = self.exit.worse(exit);
        let finding = Finding {
            id,
            status,
            message,
            hint: hint.map(str::to_owned),
            remedy: hint.map(str::to_owned),
            exit_code: exit.code(),
            error: error.map(ErrorReport::of),
        };
        self.items.item(status, &finding)
    }

    pub(super) fn end(self) -> Result<Exit, Error> {
        self.items.finish_with(self.exit)?;
        Ok(self.exit)
    }
}

/// Returns the kind of an error that ends with this code.
fn kind_of(exit: Exit) -> Kind {
    match exit {
        Exit::Refused | Exit::Failed | Exit::Redirected => Kind::Http,
        Exit::Unreachable => Kind::Network,
        Exit::OutOfTime => Kind::Timeout,
        Exit::Different => Kind::Unmet,
        _ => Kind::Config,
    }
}
