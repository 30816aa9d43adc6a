//! Panics turned into errors: a defect ends the run with one error, and hangs nothing.
//!
//! `lib` installs the hook and catches what the command panics with; `parallel` catches what the
//! work on one item panics with. A raw panic is never printed, because it names the paths of the
//! machine that built the program.

use std::any::Any;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook};

use crate::error::{Error, Kind};

/// The longest message that is shown, in characters: some panics quote all of their input.
const LONGEST: usize = 300;

thread_local! {
    /// Whether a caller of this thread's work turns a panic into an error.
    static CAUGHT: Cell<bool> = const { Cell::new(false) };
}

/// Runs `work`; a panic in it becomes an error.
///
/// What `work` shares with others is behind locks that ignore poisoning, and a panicking run fails
/// as a whole, so state that was left halfway is not relied on.
///
/// # Errors
/// Kind `internal` when `work` panicked.
pub fn catch<T>(work: impl FnOnce() -> T) -> Result<T, Error> {
    let outer = CAUGHT.replace(true);
    let result = catch_unwind(AssertUnwindSafe(work));
    CAUGHT.set(outer);
    result.map_err(|payload| defect(payload.as_ref()))
}

/// Silences the default output of panics; one that is not caught is passed to `report`.
pub fn on_uncaught(report: impl Fn(Error) + Send + Sync + 'static) {
    set_hook(Box::new(move |info| {
        if !CAUGHT.get() {
            report(defect(info.payload()));
        }
    }));
}

fn defect(payload: &(dyn Any + Send)) -> Error {
    let message = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message");
    let message: String = message.chars().take(LONGEST).collect();
    Error::new(Kind::Internal, format!("internal error: {message}"))
        .hint("this is a bug in swr; please report it with the command that led to it")
}

#[cfg(test)]
mod tests {
    use super::catch;

    #[test]
    fn a_panic_becomes_an_error_with_its_message() {
        let error = catch(|| [1, 2][std::hint::black_box(2)]).unwrap_err();
        assert!(
            error
                .what()
                .starts_with("internal error: index out of bounds")
        );
        assert_eq!(error.exit_code().code(), 1);
        let formatted = catch(|| assert_eq!(1, 2, "by {}", 3)).unwrap_err();
        assert!(formatted.what().contains("by 3"), "{}", formatted.what());
        assert_eq!(catch(|| 7).unwrap(), 7);
    }
}
