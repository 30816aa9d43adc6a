//! The program of the user's that prints a token: run once a run, without a shell.
//!
//! Nothing that it prints is shown, for on either stream it may be the token.

use std::io::Read;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use super::keys::credential_text;
use crate::error::{Error, Kind};
use crate::origin::Origin;
use crate::secret::Secret;

/// More than any token, less than what a runaway program prints.
const LARGEST: u64 = 1024 * 1024;

/// How often it is asked whether a program that closed its output has ended.
const PACE: Duration = Duration::from_millis(20);

/// Runs the program and takes what it prints as the token.
///
/// # Errors
/// Kind `auth`: it cannot be started, fails, or prints no token; kind `timeout` when it takes
/// longer than `limit`.
pub(super) fn run(words: &[String], origin: &Origin, limit: Duration) -> Result<Secret, Error> {
    let program = words.first().map(String::as_str).unwrap_or_default();
    let failed = |what: String| {
        Error::new(Kind::Auth, format!("token_command '{program}' {what}")).origin(origin.clone())
    };
    let end = Instant::now() + limit;
    let mut child = Command::new(program)
        .args(words.get(1..).unwrap_or_default())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| {
            failed("cannot be run".to_owned())
                .cause(error)
                .hint("name a program on the PATH, or a path; there is no shell around it")
        })?;
    let output = read_aside(&mut child);
    let outcome = wait(&mut child, &output, end);
    let Some((status, bytes)) = outcome else {
        // It may have ended meanwhile; then there is nothing to kill.
        let _ = child.kill();
        let _ = child.wait();
        return Err(failed(format!("took longer than {limit:?}"))
            .of_kind(Kind::Timeout)
            .hint("run it by hand, or give it more time with --timeout"));
    };
    let hint = "run it by hand; its output is not shown here, for it may be the token";
    if !status.success() {
        return Err(failed(format!("failed: {status}")).hint(hint));
    }
    let text = String::from_utf8(bytes).map_err(|_| failed("printed no text".to_owned()))?;
    let printed = Origin::Command(Box::new(origin.clone()));
    credential_text("token", &text, &printed)
        .map(Secret::new)
        .map_err(|error| error.hint(hint))
}

/// Reads the output on a thread of its own, so that a silent program can be timed out.
fn read_aside(child: &mut Child) -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    if let Some(output) = child.stdout.take() {
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            // A broken pipe ends the output like its end does; the exit status tells the rest.
            let _ = output.take(LARGEST).read_to_end(&mut bytes);
            let _ = sender.send(bytes);
        });
    }
    receiver
}

/// Waits for output and exit; `None` when the time is up.
fn wait(
    child: &mut Child,
    output: &Receiver<Vec<u8>>,
    end: Instant,
) -> Option<(ExitStatus, Vec<u8>)> {
    let left = || end.saturating_duration_since(Instant::now());
    let bytes = output.recv_timeout(left()).ok()?;
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some((status, bytes)),
            _ if left().is_zero() => return None,
            _ => pause(PACE.min(left())),
        }
    }
}

/// Waits without a signal: nobody sends, and the sender lives as long as the wait.
fn pause(length: Duration) {
    let (_open, never) = channel::<()>();
    let _ = never.recv_timeout(length);
}

#[cfg(all(test, unix))]
mod tests {
    use std::path::PathBuf;
    use std::time::Duration;

    use super::run;
    use crate::error::{Error, Kind};
    use crate::origin::Origin;
    use crate::secret::Secret;

    fn run_script(script: &str, limit: Duration) -> Result<Secret, Error> {
        let words = ["sh", "-c", script].map(str::to_owned);
        let origin = Origin::File(PathBuf::from("c.toml"), Some(2));
        run(&words, &origin, limit)
    }

    const LONG: Duration = Duration::from_secs(60);

    #[test]
    fn what_it_prints_is_the_token() {
        let token = run_script("echo noise >&2; echo ' MIIabc '", LONG).unwrap();
        assert_eq!(token.expose(), "MIIabc");
    }

    #[test]
    fn its_words_are_passed_as_they_are() {
        let words = ["printf", "%s%s", "a$HOME;", "*"].map(str::to_owned);
        let token = run(&words, &Origin::Default, LONG).unwrap();
        assert_eq!(token.expose(), "a$HOME;*");
    }

    #[test]
    fn a_failure_is_told_by_its_status_and_never_by_its_output() {
        for (script, told) in [
            (
                "echo MIIsecret; exit 3",
                "token_command 'sh' failed: exit status: 3",
            ),
            ("true", "the token is empty"),
            (
                "echo MIIsecret; echo MIIsecret",
                "the token contains a line break",
            ),
            (
                "printf 'MIIsecret\\377'",
                "token_command 'sh' printed no text",
            ),
        ] {
            let error = run_script(script, LONG).unwrap_err();
            assert_eq!(error.message(), told);
            assert_eq!(error.kind(), Kind::Auth);
        }
        let missing = run(&["/missing/program".to_owned()], &Origin::Default, LONG);
        let message = missing.unwrap_err().message();
        assert!(
            message.starts_with("token_command '/missing/program' cannot be run: "),
            "{message}"
        );
    }

    #[test]
    fn one_that_hangs_is_stopped() {
        let brief = Duration::from_millis(50);
        for script in ["exec sleep 600", "exec >&-; exec sleep 600"] {
            let error = run_script(script, brief).unwrap_err();
            assert_eq!(error.message(), "token_command 'sh' took longer than 50ms");
            assert_eq!(error.kind(), Kind::Timeout);
        }
    }
}
