//! What the doctor found: a stable id, a sentence, a remedy.

use serde::Serialize;

use crate::context::Context;
use crate::error::{Error, Kind};
use crate::exit::Exit;
use crate::output::{Items, Page, Report, bad, dim, good, plain, uneasy};

/// A finding.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::commands) struct Finding {
    /// What was looked at: a word that stays.
    id: &'static str,
    /// `ok`, `warning`, `error`, or `skipped`.
    status: &'static str,
    /// What was found.
    message: String,
    /// What to do.
    remedy: Option<String>,
    /// The exit code that it leads to.
    exit_code: u8,
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
        if let Some(remedy) = &self.remedy {
            page.line(&[plain(" ".repeat(27)), plain(format!("→ {remedy}"))]);
        }
    }
}

/// The findings, told as they come.
pub(super) struct Findings<'a> {
    items: Items<'a>,
    exit: Exit,
}

impl<'a> Findings<'a> {
    pub(super) fn new(context: &'a Context) -> Findings<'a> {
        Findings {
            items: context.output().items(),
            exit: Exit::Done,
        }
    }

    pub(super) fn good(&mut self, id: &'static str, message: String) -> Result<(), Error> {
        self.tell(id, "ok", message, None, Exit::Done)
    }

    pub(super) fn warn(
        &mut self,
        id: &'static str,
        message: String,
        remedy: &str,
    ) -> Result<(), Error> {
        self.tell(id, "warning", message, Some(remedy.to_owned()), Exit::Done)
    }

    pub(super) fn skip(&mut self, id: &'static str, message: &str) -> Result<(), Error> {
        self.tell(id, "skipped", message.to_owned(), None, Exit::Done)
    }

    pub(super) fn bad(
        &mut self,
        id: &'static str,
        message: String,
        remedy: &str,
        exit: Exit,
    ) -> Result<(), Error> {
        self.tell(id, "error", message, Some(remedy.to_owned()), exit)
    }

    /// Tells an error as a finding; a signal ends the run instead.
    pub(super) fn error(&mut self, id: &'static str, error: &Error) -> Result<(), Error> {
        if error.kind() == Kind::Interrupted {
            return Err(error.summary());
        }
        let remedy = error.advice().map(str::to_owned);
        self.tell(id, "error", error.message(), remedy, error.exit_code())
    }

    /// Tells that something that only helps could not be looked at.
    pub(super) fn unknown(&mut self, id: &'static str, error: &Error) -> Result<(), Error> {
        if error.kind() == Kind::Interrupted {
            return Err(error.summary());
        }
        let message = format!("it could not be looked at: {}", error.message());
        self.tell(
            id,
            "warning",
            message,
            error.advice().map(str::to_owned),
            Exit::Done,
        )
    }

    fn tell(
        &mut self,
        id: &'static str,
        status: &'static str,
        message: String,
        remedy: Option<String>,
        exit: Exit,
    ) -> Result<(), Error> {
        self.exit = self.exit.worse(exit);
        let finding = Finding {
            id,
            status,
            message,
            remedy,
            exit_code: exit.code(),
        };
        self.items.item(status, &finding)
    }

    pub(super) fn end(self) -> Result<Exit, Error> {
        self.items.finish()?;
        Ok(self.exit)
    }
}
