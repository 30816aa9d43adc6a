//! `swr help`: a command's help, or a topic made from the tables that the code uses.

#[cfg(test)]
mod chinese;
mod tables;
mod topics;

use clap::Args;

use crate::context::Context;
use crate::error::{Error, Kind};
use crate::exit::Exit;

#[derive(Debug, Args)]
pub struct Help {
    /// A command, or a topic: exit-codes, environment, config, json
    #[arg(value_name = "COMMAND|TOPIC", add = super::complete::help_words())]
    words: Vec<String>,
}

impl Help {
    /// Shows the help.
    ///
    /// # Errors
    /// Kind `usage` for a word that is neither command nor topic.
    pub fn run(self, context: &Context) -> Result<Exit, Error> {
        let output = context.output();
        if let [word] = self.words.as_slice()
            && let Some(topic) = topics::TOPICS.iter().find(|topic| topic.name == word)
        {
            output.page(topic.write)?;
            return Ok(Exit::Done);
        }
        match self.words.as_slice() {
            [] => output.write(&super::Arguments::tree().render_help().to_string())?,
            [word, ..] => return Err(unknown(word)),
        }
        Ok(Exit::Done)
    }
}

/// Returns `true` if a word is a topic, and not a command.
pub(super) fn is_topic(word: &str) -> bool {
    topics().any(|topic| topic == word)
}

/// Returns the names of the topics.
pub(super) fn topics() -> impl Iterator<Item = &'static str> {
    topics::TOPICS.iter().map(|topic| topic.name)
}

fn unknown(word: &str) -> Error {
    let topics: Vec<&str> = topics().collect();
    Error::new(
        Kind::Usage,
        format!("there is no command and no topic '{word}'"),
    )
    .hint(format!(
        "'swr --help' lists the commands; topics: {}",
        topics.join(", ")
    ))
}
