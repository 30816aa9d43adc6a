//! One test program: it links once. Each file is a noun, or a kind of trouble.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::format_collect,
    clippy::needless_pass_by_value,
    clippy::needless_raw_string_hashes,
    clippy::print_stderr,
    clippy::single_match_else,
    clippy::zombie_processes,
    missing_docs,
    unreachable_pub,
    reason = "a test that cannot go on has failed; the lints' exemption does not reach helpers"
)]

mod auth;
mod broken;
mod chinese;
mod ci_parts;
mod completions;
mod create;
mod credentials;
mod docs;
mod doctor;
mod documents;
mod emulator;
mod faults;
mod fields;
mod files;
mod fleet;
mod interop;
mod layout;
mod lines;
mod lists;
mod live;
mod network;
mod output;
mod paging;
mod references;
mod reports;
mod responses;
mod rules;
mod settings;
mod signals;
mod spelling;
mod support;
mod sync;
mod threads;
mod tls;
