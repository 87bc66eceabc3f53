//! Why a command failed, in words for the terminal.

use std::fmt;
use std::io;

use winreach_logon::LogonError;
use winreach_wmi_server::accounts::{AccountFileError, AccountNameError, PrincipalNameError};

/// Ends the command with a message and an exit status other than 0.
#[derive(Debug)]
pub(crate) struct Failure {
    message: String,
    advice: Option<String>,
    status: u8,
}

impl Failure {
    /// The work could not be done.
    pub(crate) fn new(message: impl fmt::Display) -> Self {
        Self { message: message.to_string(), advice: None, status: 1 }
    }

    /// The command was given wrongly; the status is that of a mistake on the command line.
    pub(crate) fn usage(message: impl fmt::Display) -> Self {
        Self { status: 2, ..Self::new(message) }
    }

    /// The same, with what to try.
    pub(crate) fn advise(self, advice: impl fmt::Display) -> Self {
        Self { advice: Some(advice.to_string()), ..self }
    }

    /// The exit status of the process.
    pub(crate) fn exit_status(&self) -> u8 {
        self.status
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.advice {
            Some(advice) => write!(f, "\n  {advice}"),
            None => Ok(()),
        }
    }
}

impl From<winreach_wmi::Error> for Failure {
    fn from(error: winreach_wmi::Error) -> Self {
        match error.advice() {
            Some(advice) => {
                Self::new(&error).advise(format!("{}; {}", advice.cause, advice.remedy))
            }
            None => Self::new(error),
        }
    }
}

impl From<LogonError> for Failure {
    /// What was said about the account cannot be; nothing was asked yet.
    fn from(error: LogonError) -> Self {
        let failure = Self::usage(&error);
        match error.remedy() {
            Some(remedy) => failure.advise(remedy),
            None => failure,
        }
    }
}

impl From<AccountFileError> for Failure {
    fn from(error: AccountFileError) -> Self {
        Self::new(error)
    }
}

impl From<AccountNameError> for Failure {
    fn from(error: AccountNameError) -> Self {
        Self::usage(error)
    }
}

impl From<PrincipalNameError> for Failure {
    fn from(error: PrincipalNameError) -> Self {
        Self::usage(error)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::new(error)
    }
}
