//! Runs the built binary with a cleared environment and a home of its own.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use assert_cmd::cargo::cargo_bin;
use tempfile::TempDir;

/// A user: a home, variables, and nothing else.
#[derive(Debug)]
pub struct Home {
    directory: TempDir,
    variables: Vec<(String, String)>,
    hidden: Vec<(String, String)>,
    input: Option<String>,
}

/// The result of a run, which has to be looked at.
#[must_use]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Home {
    /// A user who has set nothing.
    pub fn new() -> Home {
        let directory = TempDir::new().unwrap();
        let path = directory
            .path()
            .canonicalize()
            .unwrap()
            .display()
            .to_string();
        Home {
            directory,
            variables: Vec::new(),
            hidden: vec![(path, "[HOME]".to_owned())],
            input: None,
        }
    }

    /// Sets a variable.
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Home {
        self.variables.retain(|(other, _)| other != name);
        self.variables.push((name.to_owned(), value.into()));
        self
    }

    /// Unsets a variable.
    pub fn without(mut self, name: &str) -> Home {
        self.variables.retain(|(other, _)| other != name);
        self
    }

    /// Gives the run something on standard input.
    pub fn typing(mut self, input: &str) -> Home {
        self.input = Some(input.to_owned());
        self
    }

    /// Shows `text` as `name` in what the run says.
    pub fn hiding(mut self, text: impl Into<String>, name: &str) -> Home {
        self.hidden.push((text.into(), name.to_owned()));
        self
    }

    /// The variables that were set.
    pub fn variables(&self) -> impl Iterator<Item = (&str, &str)> {
        self.variables
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    pub fn path(&self) -> PathBuf {
        self.directory.path().canonicalize().unwrap()
    }

    /// Writes a file below the home.
    pub fn file(self, path: &str, text: &str) -> Home {
        self.write(path, text);
        self
    }

    pub fn write(&self, path: &str, text: &str) {
        use std::os::unix::fs::PermissionsExt;
        let path = self.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    }

    /// Writes the config file.
    pub fn config(self, text: &str) -> Home {
        self.file(".config/swr/config.toml", text)
    }

    /// Prepares the binary as this user would start it.
    pub fn command<I: AsRef<std::ffi::OsStr>>(
        &self,
        words: impl IntoIterator<Item = I>,
    ) -> Command {
        let mut command = Command::new(cargo_bin!("swr"));
        command
            .args(words)
            .env_clear()
            .env("HOME", self.path())
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            // A panic would show itself in full.
            .env("RUST_BACKTRACE", "1")
            .current_dir(self.path())
            .envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs a command line; words are split at spaces.
    pub fn swr(&self, line: &str) -> Run {
        self.words(line.split_whitespace())
    }

    /// Runs a command line of these words.
    pub fn words<I: AsRef<std::ffi::OsStr>>(&self, words: impl IntoIterator<Item = I>) -> Run {
        let mut command = self.command(words);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command.stdin(if self.input.is_some() {
            Stdio::piped()
        } else {
            Stdio::null()
        });
        let mut child = command.spawn().unwrap();
        if let (Some(input), Some(mut stdin)) = (&self.input, child.stdin.take()) {
            use std::io::Write;
            let _ = stdin.write_all(input.as_bytes());
        }
        self.run_of(child.wait_with_output().unwrap())
    }

    /// The variables whose values nobody may ever see, whatever the test is about. Shorter ones
    /// are found in innocent text.
    fn secrets(&self) -> impl Iterator<Item = (&str, &str)> {
        let is_secret = |name: &str| {
            let words = ["TOKEN", "SECRET", "PASSWORD", "_SK"];
            let places = ["FILE", "URL", "URI", "ENDPOINT"];
            words.iter().any(|word| name.contains(word))
                && !places.iter().any(|place| name.contains(place))
        };
        self.variables
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .filter(move |(name, value)| is_secret(name) && value.len() > 6)
    }

    /// Turns an output into a run, with what differs from run to run hidden.
    pub fn run_of(&self, output: std::process::Output) -> Run {
        let text = |bytes: Vec<u8>| {
            let mut text = String::from_utf8(bytes).expect("output is UTF-8");
            for (hidden, name) in &self.hidden {
                text = text.replace(hidden, name);
            }
            text
        };
        let run = Run {
            code: output.status.code(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        };
        for (name, value) in self.secrets() {
            let asked_for = run.stdout.contains("\"token\": ") || run.stdout.trim_end() == value;
            assert!(
                !run.stderr.contains(value) && (asked_for || !run.stdout.contains(value)),
                "the secret of {name} is shown: {run}"
            );
        }
        assert!(!run.stderr.contains("panicked"), "a panic: {run}");
        assert!(
            !run.stderr.contains("stack backtrace"),
            "a backtrace: {run}"
        );
        run
    }
}

impl Run {
    /// Returns the JSON document on standard output.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self}"))
    }

    /// Returns the JSON document on standard output, held against its schema.
    #[track_caller]
    pub fn document(&self, schema: &str) -> serde_json::Value {
        let document = self.json();
        hold_against(schema, &document);
        document
    }

    /// Returns the counts of the document's summary that are not zero.
    #[track_caller]
    pub fn counts(&self, schema: &str) -> serde_json::Value {
        let mut summary = self.document(schema)["summary"].clone();
        if let Some(counts) = summary.as_object_mut() {
            counts.retain(|_, count| *count != 0);
        }
        summary
    }

    /// Returns the JSON error on standard error, held against its schema.
    #[track_caller]
    pub fn json_error(&self) -> serde_json::Value {
        let line = self.stderr.lines().last().unwrap_or_default();
        let value: serde_json::Value =
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {self}"));
        hold_against("error", &value);
        value["error"].clone()
    }

    /// Fails unless the run ended with this code; returns it for more.
    #[track_caller]
    pub fn exits(self, code: i32) -> Run {
        assert_eq!(self.code, Some(code), "{self}");
        self
    }
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = self
            .code
            .map_or("a signal".to_owned(), |code| code.to_string());
        writeln!(f, "exit: {code}")?;
        for (name, text) in [("stdout", &self.stdout), ("stderr", &self.stderr)] {
            if !text.is_empty() {
                write!(f, "--- {name}\n{text}")?;
                if !text.ends_with('\n') {
                    writeln!(f, "[no newline at the end]")?;
                }
            }
        }
        Ok(())
    }
}

/// Fails unless the document is as its schema in docs/schemas says, with no key beyond it.
#[track_caller]
fn hold_against(schema: &str, document: &serde_json::Value) {
    let path = format!("{}/docs/schemas/{schema}.json", env!("CARGO_MANIFEST_DIR"));
    let mut text: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(&path).expect("there is such a schema"))
            .unwrap();
    close(&mut text);
    let mut compiler = boon::Compiler::new();
    compiler.add_resource(&path, text).unwrap();
    let mut schemas = boon::Schemas::new();
    let index = compiler.compile(&path, &mut schemas).unwrap();
    if let Err(error) = schemas.validate(document, index) {
        panic!("{schema}: {error:#}\n{document:#}");
    }
}

/// Lets no object hold a key that its schema does not name: readers may get more keys later, this
/// version may not print undocumented ones.
fn close(schema: &mut serde_json::Value) {
    match schema {
        serde_json::Value::Object(object) => {
            object.values_mut().for_each(close);
            if object.contains_key("properties") && !object.contains_key("additionalProperties") {
                object.insert("additionalProperties".to_owned(), false.into());
            }
        }
        serde_json::Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}

/// Returns a PATH that finds the built binary first.
pub fn shell_path() -> String {
    let binary = PathBuf::from(cargo_bin!("swr"));
    let path = std::env::var("PATH").unwrap_or_default();
    format!("{}:{path}", binary.parent().unwrap().display())
}

/// Returns the mode of a file.
pub fn mode_of(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}
