//! `swr auth token`.

use clap::Args;
use serde::Serialize;

use crate::context::Context;
use crate::error::Error;
use crate::exit::Exit;
use crate::output::Format;

#[derive(Debug, Args)]
#[command(after_help = "Example, for another client:\n  \
    curl -H \"X-Auth-Token: $(swr auth token)\" \\\n    \
        https://swr-api.cn-north-4.myhuaweicloud.com/v2/manage/namespaces")]
pub struct Token {}

/// The token, in the open because it was asked for.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::commands) struct TokenReport<'a> {
    /// The token.
    token: &'a str,
    /// The region that it is for, where it is known.
    region: Option<String>,
    /// When it ends, where that is known.
    expires_at: Option<String>,
}

impl Token {
    /// Prints the token and nothing else.
    ///
    /// # Errors
    /// Kind `auth` when there is no credential, when it is keys, or has ended; whatever the service
    /// says that has to be asked for a token.
    pub fn run(self, context: &Context) -> Result<Exit, Error> {
        let found = super::status::in_use(context)?;
        let (token, end) = context.credentials().token(&found, context.transport()?)?;
        if context.output().manner().format == Format::Human {
            context.output().reveal(&token)?;
        } else {
            context.output().reveal_within(&TokenReport {
                token: token.expose(),
                region: found.region.map(|region| region.to_string()),
                expires_at: end.map(|end| end.to_string()),
            })?;
        }
        Ok(Exit::Done)
    }
}
