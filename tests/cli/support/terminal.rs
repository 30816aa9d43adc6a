//! A person at a keyboard: the built binary in a pseudo terminal, made by Python.

use std::collections::BTreeMap;
use std::process::Command;

use serde::Deserialize;
use serde_json::{Value, json};

use super::Home;

/// What came of it.
#[derive(Debug, Deserialize, PartialEq, Eq)]
pub struct Typed {
    pub code: i32,
    /// All that the terminal showed, what was typed and echoed included.
    pub screen: String,
    /// Whether it echoed, at each thing waited for.
    pub echo_at_prompt: Vec<bool>,
    /// Whether it echoes when all is over.
    pub echo_after: bool,
}

/// Runs a command line at a terminal that cannot move its cursor; a step is `["wait", text]`,
/// `["type", text]`, `["signal", number]`, `["stopped", ""]`, `["full", bytes]` (no one reads standard
/// output) or `["resize", columns]`. `None`, said by name, where there is no Python.
pub fn at_a_terminal(user: &Home, line: &str, steps: &Value) -> Option<Typed> {
    let words: Vec<&str> = line.split_whitespace().collect();
    in_a_window(user, &words, ("dumb", 80), steps)
}

/// Runs a command in a window of a kind (TERM) and a number of columns.
pub fn in_a_window(
    user: &Home,
    words: &[&str],
    (term, columns): (&str, u16),
    steps: &Value,
) -> Option<Typed> {
    in_a_window_of(user, &user.command(words), (term, columns), steps)
}

/// Runs another program in a window, with the variables of the command.
pub fn in_a_window_of(
    user: &Home,
    command: &Command,
    (term, columns): (&str, u16),
    steps: &Value,
) -> Option<Typed> {
    let text = |text: &std::ffi::OsStr| text.to_str().unwrap().to_owned();
    let argv: Vec<String> = std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(text)
        .collect();
    let mut env: BTreeMap<String, String> = command
        .get_envs()
        .filter_map(|(name, value)| Some((text(name), text(value?))))
        .collect();
    env.insert("TERM".to_owned(), term.to_owned());
    let order = json!({
        "argv": argv, "env": env, "cwd": user.path(), "columns": columns, "steps": steps,
    });
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cli/support/terminal.py");
    let output = Command::new("python3")
        .arg(script)
        .arg(order.to_string())
        .output();
    let Ok(output) = output else {
        eprintln!("there is no python3 to make a terminal: skipped");
        return None;
    };
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Some(serde_json::from_slice(&output.stdout).unwrap())
}
