//! The exit codes of the process, each with its meaning.
//!
//! `error` and `commands` choose one, `main` passes it to the system; `swr help exit-codes` and
//! `docs/exit-codes.md` are made from [`Exit::ALL`]. Nothing else knows a number.

use std::process::ExitCode;

/// How a run of `swr` ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Exit {
    /// All that was asked for is done; a closed pipe counts as done.
    Done,
    /// Something on this machine is wrong: settings, credentials, a file, the output.
    Local,
    /// An option or a value of the command line is wrong; nothing was sent.
    Usage,
    /// The service answered 3xx.
    Redirected,
    /// The service answered 4xx.
    Refused,
    /// The service answered 5xx, or what is not an answer of its documented shape.
    Failed,
    /// No HTTP answer: name resolution, connection, TLS, a cut.
    Unreachable,
    /// A request, or a wait, took longer than its limit.
    OutOfTime,
    /// Nothing failed, but the state is not the wished one.
    Different,
    /// The service took the work, and a copy ended failed, timed out or cancelled.
    Incomplete,
    /// SIGINT.
    Interrupted,
    /// SIGTERM.
    Terminated,
    /// The code of the command that `swr emulator exec` ran, passed on.
    Passed(u8),
}

/// A row of the table of exit codes, worded for users.
#[derive(Debug, Clone, Copy)]
pub struct Meaning {
    /// The number that the system sees.
    pub code: u8,
    /// The code's name in the documentation.
    pub name: &'static str,
    /// When it is used.
    pub when: &'static str,
    /// Whether the same command may be tried again.
    pub again: &'static str,
}

impl Exit {
    /// Every exit, in the order of its code.
    pub const ALL: [Exit; 12] = [
        Exit::Done,
        Exit::Local,
        Exit::Usage,
        Exit::Redirected,
        Exit::Refused,
        Exit::Failed,
        Exit::Unreachable,
        Exit::OutOfTime,
        Exit::Different,
        Exit::Incomplete,
        Exit::Interrupted,
        Exit::Terminated,
    ];

    /// Returns what the exit means, in words for users.
    #[rustfmt::skip] // a table reads as a table
    pub fn meaning(self) -> Meaning {
        let (code, name, when, again) = match self {
            Exit::Done => (0, "done", "all that was asked for; also a closed pipe", ""),
            Exit::Local => (1, "local", "settings, credentials missing, a file, output not writable", "no"),
            Exit::Usage => (2, "usage", "an option or value is wrong; nothing was sent", "no"),
            Exit::Redirected => (3, "redirected", "the service answered 3xx", "no"),
            Exit::Refused => (4, "refused", "the service answered 4xx", "only 429 and busy"),
            Exit::Failed => (5, "failed", "the service answered 5xx, or with something that is not its documented answer", "yes, for 5xx"),
            Exit::Unreachable => (6, "unreachable", "no HTTP answer: DNS, connect, TLS, cut", "yes"),
            Exit::OutOfTime => (7, "out of time", "a request, or a wait", "yes"),
            Exit::Different => (8, "different", "nothing failed, but the state is not what was asked for: verify, drift, preflight, exists with other settings, nothing selected", "no: act"),
            Exit::Incomplete => (9, "incomplete", "the service took the work, and a copy ended failed, timeout or cancel, or never showed (unseen)", "swr sync run --failed; for unseen, swr sync run TAG"),
            Exit::Interrupted => (130, "interrupted", "SIGINT (Ctrl-C)", ""),
            Exit::Terminated => (143, "terminated", "SIGTERM", ""),
            Exit::Passed(code) => (code, "passed on", "the code of the command that 'swr emulator exec' ran", ""),
        };
        Meaning { code, name, when, again }
    }

    /// Returns the number that the system sees.
    pub fn code(self) -> u8 {
        self.meaning().code
    }

    /// Returns the exit for the class of an HTTP status: 3xx, 4xx, 5xx; anything else is success.
    pub fn of_status(status: u16) -> Exit {
        match status {
            300..=399 => Exit::Redirected,
            400..=499 => Exit::Refused,
            500..=599 => Exit::Failed,
            _ => Exit::Done,
        }
    }

    /// Returns the worse of two ends, by severity and not by number: an 8 must not hide a 503.
    #[must_use]
    pub fn worse(self, other: Exit) -> Exit {
        if other.severity() > self.severity() {
            other
        } else {
            self
        }
    }

    fn severity(self) -> u8 {
        match self {
            Exit::Done | Exit::Passed(_) => 0,
            Exit::Different => 1,
            Exit::Incomplete => 2,
            Exit::Redirected => 3,
            Exit::Refused => 4,
            Exit::Failed => 5,
            Exit::OutOfTime => 6,
            Exit::Unreachable => 7,
            Exit::Local => 8,
            Exit::Usage => 9,
            Exit::Interrupted => 10,
            Exit::Terminated => 11,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::Exit;

    #[test]
    fn the_worst_of_several_follows_the_contract() {
        let order = [130, 1, 6, 7, 5, 4, 3, 9, 8, 0];
        for pair in order.windows(2) {
            let of = |code| {
                Exit::ALL
                    .into_iter()
                    .find(|exit| exit.code() == code)
                    .unwrap()
            };
            assert_eq!(of(pair[1]).worse(of(pair[0])).code(), pair[0]);
            assert_eq!(of(pair[0]).worse(of(pair[1])).code(), pair[0]);
        }
    }
}
