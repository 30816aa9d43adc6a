//! Arguments and streams in, exit code out; nothing else.

use std::process::ExitCode;

fn main() -> ExitCode {
    swr::run(&std::env::args_os().collect::<Vec<_>>())
}
