//! The program of the user's that prints a token: run once a run, without a shell.
//!
//! Nothing that it prints is shown, for on either stream it may be the token. It has a process
//! group of its own, so that all it started ends with it when it takes too long or a signal ends
//! `swr`.

use std::io::Read;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::Builder;
use std::time::{Duration, Instant};

use super::keys::{LARGEST, credential_text};
use crate::duration;
use crate::error::{Error, Kind};
use crate::files::without_mark;
use crate::interrupt::{Interrupt, Signal};
use crate::lock::lock;
use crate::origin::Origin;
use crate::secret::Secret;

/// How often it is looked whether a signal came.
const PACE: Duration = Duration::from_millis(20);

/// How long the output may stay open after the program has ended: one that it left behind may hold
/// it for ever, and the token was printed.
const GRACE: Duration = Duration::from_millis(200);

/// How long the program may take to end when it is asked to.
const PATIENCE: Duration = Duration::from_millis(500);

/// Runs the program and takes what it prints as the token.
///
/// # Errors
/// Kind `auth`: it cannot be started, fails, or prints no token; kind `timeout` when it takes
/// longer than `limit`; kind `interrupted` on a signal.
pub(super) fn run(
    words: &[String],
    origin: &Origin,
    limit: Duration,
    interrupt: &Interrupt,
) -> Result<Secret, Error> {
    let program = words.first().map(String::as_str).unwrap_or_default();
    let failed = |what: String| {
        Error::new(Kind::Auth, format!("token_command '{program}' {what}")).origin(origin.clone())
    };
    let not_run = |error: std::io::Error| {
        failed("cannot be run".to_owned())
            .cause(error)
            .hint("name a program on the PATH, or a path; it is not run in a shell")
    };
    let mut command = Command::new(program);
    command
        .args(words.get(1..).unwrap_or_default())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let child = command.spawn().map_err(not_run)?;
    let group = Arc::new(Group::of(&child));
    let cleanup = Arc::clone(&group);
    let _cleanup = interrupt.on_exit(move || cleanup.end(Signal::Terminate));
    let events = watch(child, &group).map_err(|error| {
        group.send(Signal::Terminate, true);
        Error::no_thread(error)
    })?;
    let (status, output) = match wait(&events, limit, interrupt) {
        Outcome::Ended(status, output) => (status, output),
        Outcome::TimedOut => {
            group.end(Signal::Terminate);
            let limit = duration::text(limit);
            return Err(failed(format!("took longer than {limit}"))
                .of_kind(Kind::Timeout)
                .hint("run it yourself, or give it more time with --timeout"));
        }
        Outcome::Interrupted(signal) => {
            group.end(signal);
            return Err(signal.error());
        }
    };
    let hint = "run it yourself; its output is not shown here, because it may be the token";
    if output.len() as u64 > LARGEST {
        return Err(failed("printed more than 1 MiB".to_owned()).hint(hint));
    }
    if !status.success() {
        return Err(failed(format!("failed: {status}")).hint(hint));
    }
    let text = String::from_utf8(output).map_err(|_| failed("printed no text".to_owned()))?;
    let printed = Origin::Command(Box::new(origin.clone()));
    credential_text("token", &without_mark(text), &printed)
        .map(Secret::new)
        .map_err(|error| error.hint(hint))
}

/// What the threads beside the wait see.
enum Event {
    Printed(Vec<u8>),
    Closed,
    Ended(std::io::Result<ExitStatus>),
}

/// Reads the output and waits for the end, each on a thread of its own.
fn watch(mut child: Child, group: &Arc<Group>) -> std::io::Result<Receiver<Event>> {
    let (sender, events) = channel();
    if let Some(output) = child.stdout.take() {
        let sender = sender.clone();
        Builder::new().spawn(move || read(output, &sender))?;
    }
    let group = Arc::clone(group);
    Builder::new().spawn(move || {
        let status = child.wait();
        *lock(&group.has_ended) = true;
        group.ended.notify_all();
        let _ = sender.send(Event::Ended(status));
    })?;
    Ok(events)
}

/// A broken pipe ends the output like its end does; the exit status says the rest.
fn read(mut output: impl Read, sender: &Sender<Event>) {
    let mut piece = [0; 4096];
    let mut left = LARGEST + 1;
    while let Ok(read @ 1..) = output.read(&mut piece) {
        left = left.saturating_sub(read as u64);
        if sender.send(Event::Printed(piece[..read].to_vec())).is_err() || left == 0 {
            break;
        }
    }
    let _ = sender.send(Event::Closed);
}

enum Outcome {
    Ended(ExitStatus, Vec<u8>),
    TimedOut,
    Interrupted(Signal),
}

fn wait(events: &Receiver<Event>, limit: Duration, interrupt: &Interrupt) -> Outcome {
    let end = Instant::now() + limit;
    let (mut output, mut status, mut is_closed) = (Vec::new(), None, false);
    let mut grace_ends = end;
    loop {
        if let Some(status) = status
            && (is_closed || Instant::now() >= grace_ends)
        {
            return Outcome::Ended(status, output);
        }
        if let Some(signal) = interrupt.raised() {
            return Outcome::Interrupted(signal);
        }
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Outcome::TimedOut;
        }
        match events.recv_timeout(PACE.min(left)) {
            Ok(Event::Printed(piece)) => output.extend(piece),
            Ok(Event::Closed) => is_closed = true,
            Ok(Event::Ended(Ok(ended))) => {
                status = Some(ended);
                grace_ends = end.min(Instant::now() + GRACE);
            }
            // Its end cannot be known then; the limit ends the wait.
            Ok(Event::Ended(Err(_))) | Err(_) => {}
        }
    }
}

/// The program, and all that it started.
#[derive(Debug)]
struct Group {
    #[cfg(unix)]
    leader: Option<rustix::process::Pid>,
    has_ended: Mutex<bool>,
    ended: Condvar,
}

impl Group {
    fn of(child: &Child) -> Group {
        #[cfg(not(unix))]
        let _ = child;
        Group {
            #[cfg(unix)]
            leader: rustix::process::Pid::from_child(child).into(),
            has_ended: Mutex::default(),
            ended: Condvar::new(),
        }
    }

    /// Passes a signal on, gives the program a moment to end, and ends what is left of it.
    fn end(&self, signal: Signal) {
        self.send(signal, false);
        let has_ended = lock(&self.has_ended);
        let waited = self
            .ended
            .wait_timeout_while(has_ended, PATIENCE, |has_ended| !*has_ended);
        drop(waited.unwrap_or_else(PoisonError::into_inner));
        self.send(signal, true);
    }

    #[cfg(unix)]
    fn send(&self, signal: Signal, by_force: bool) {
        use rustix::process::{Signal as Sent, kill_process_group};
        let sent = match signal {
            _ if by_force => Sent::KILL,
            Signal::Interrupt => Sent::INT,
            Signal::Terminate => Sent::TERM,
        };
        if let Some(leader) = self.leader {
            // It may have ended meanwhile; then there is nothing to end.
            let _ = kill_process_group(leader, sent);
        }
    }

    #[cfg(not(unix))]
    fn send(&self, _signal: Signal, _by_force: bool) {}
}

#[cfg(all(test, unix))]
mod tests {
    use std::path::PathBuf;
    use std::time::Duration;

    use super::run;
    use crate::error::{Error, Kind};
    use crate::interrupt::Interrupt;
    use crate::origin::Origin;
    use crate::secret::Secret;

    fn run_script(script: &str, limit: Duration) -> Result<Secret, Error> {
        let words = ["sh", "-c", script].map(str::to_owned);
        let origin = Origin::File(PathBuf::from("c.toml"), Some(2));
        run(&words, &origin, limit, &Interrupt::default())
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
        let token = run(&words, &Origin::Default, LONG, &Interrupt::default()).unwrap();
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
        let missing = run(
            &["/missing/program".to_owned()],
            &Origin::Default,
            LONG,
            &Interrupt::default(),
        );
        let message = missing.unwrap_err().message();
        assert!(
            message.starts_with("token_command '/missing/program' cannot be run: "),
            "{message}"
        );
    }

    #[test]
    fn what_it_leaves_behind_with_the_output_open_does_not_hold_the_token_up() {
        let token = run_script("sleep 600 & echo MIIabc", LONG).unwrap();
        assert_eq!(token.expose(), "MIIabc");
    }

    #[test]
    fn more_than_any_token_is_refused() {
        let script = "head -c 2000000 /dev/zero | tr '\\0' M";
        let error = run_script(script, LONG).unwrap_err();
        assert_eq!(
            error.message(),
            "token_command 'sh' printed more than 1 MiB"
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
