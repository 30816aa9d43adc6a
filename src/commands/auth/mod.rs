//! `swr auth`: logging in and out, and which credential is used.

mod login;
mod logout;
mod no_echo;
mod secrets;
mod status;
mod token;

#[cfg(test)]
pub(super) use self::{
    login::LoggedIn, logout::LoggedOut, status::CredentialInUse, token::TokenReport,
};

pub(super) use self::{login::LogIn, logout::LogOut};

use clap::Subcommand;

use crate::context::Context;
use crate::error::Error;
use crate::exit::Exit;

/// The verbs of `swr auth`.
#[derive(Debug, Subcommand)]
#[command(defer = true)]
pub enum Auth {
    /// Log in with a password, access keys or a token
    Login(login::LogIn),
    /// Forget a login
    Logout(logout::LogOut),
    /// Show which credential is used, and why
    Status(status::Status),
    /// Print the token that is used
    Token(token::Token),
}

impl Auth {
    /// Runs the verb.
    ///
    /// # Errors
    /// Whatever ended it.
    pub fn run(self, context: &Context) -> Result<Exit, Error> {
        match self {
            Auth::Login(verb) => verb.run(context),
            Auth::Logout(verb) => verb.run(context),
            Auth::Status(verb) => verb.run(context),
            Auth::Token(verb) => verb.run(context),
        }
    }
}
