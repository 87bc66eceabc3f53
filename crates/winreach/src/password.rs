//! Where passwords come from.

use std::io::{BufRead, IsTerminal};

use secrecy::{ExposeSecret, SecretString};

use crate::arguments::PasswordSource;
use crate::failure::Failure;

/// The environment variable that may hold the password.
const VARIABLE: &str = "WINREACH_PASSWORD";

/// Longer lines are not passwords; NTLM's own limit lies far below.
const MAX_LENGTH: u64 = 4096;

/// The password for `who`: from standard input, a file, the environment or the terminal, in this
/// order.
pub(crate) fn obtain(source: &PasswordSource, who: &str) -> Result<SecretString, Failure> {
    if source.password_stdin {
        return first_line(std::io::stdin().lock(), "standard input");
    }
    if let Some(path) = &source.password_file {
        let name = path.display().to_string();
        let file = std::fs::File::open(path)
            .map_err(|error| Failure::usage(format!("cannot read {name}: {error}")))?;
        return first_line(std::io::BufReader::new(file), &name);
    }
    if let Ok(password) = std::env::var(VARIABLE) {
        return Ok(password.into());
    }
    prompt(&format!("Password for {who}: "))
}

/// A new password: like [`obtain`], but asked for twice on a terminal.
pub(crate) fn choose(source: &PasswordSource, who: &str) -> Result<SecretString, Failure> {
    let password = obtain(source, who)?;
    let typed = !source.password_stdin
        && source.password_file.is_none()
        && std::env::var_os(VARIABLE).is_none();
    if typed && prompt("Once more: ")?.expose_secret() != password.expose_secret() {
        return Err(Failure::usage("the two passwords differ"));
    }
    Ok(password)
}

fn prompt(text: &str) -> Result<SecretString, Failure> {
    if !std::io::stdin().is_terminal() {
        return Err(Failure::usage(format!(
            "no terminal to ask for a password on: use --password-stdin, --password-file or {VARIABLE}"
        )));
    }
    let password = rpassword::prompt_password(text)
        .map_err(|error| Failure::usage(format!("cannot ask for the password: {error}")))?;
    Ok(password.into())
}

/// The first line, without its end. An empty line is an empty password; no line at all is an error.
fn first_line(input: impl BufRead, name: &str) -> Result<SecretString, Failure> {
    let mut line = String::new();
    let read = input
        .take(MAX_LENGTH)
        .read_line(&mut line)
        .map_err(|error| Failure::usage(format!("cannot read a password from {name}: {error}")))?;
    if read == 0 {
        return Err(Failure::usage(format!("no password in {name}")));
    }
    let end = line.trim_end_matches(['\r', '\n']).len();
    line.truncate(end);
    Ok(line.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<String> {
        first_line(text.as_bytes(), "a test").ok().map(|p| p.expose_secret().to_owned())
    }

    #[test]
    fn a_password_is_one_line_without_its_end() {
        assert_eq!(read("secret\nmore").as_deref(), Some("secret"));
        assert_eq!(read("secret\r\n").as_deref(), Some("secret"));
        assert_eq!(read(" sp ace ").as_deref(), Some(" sp ace "));
    }

    #[test]
    fn an_empty_line_is_an_empty_password_and_nothing_is_an_error() {
        assert_eq!(read("\n").as_deref(), Some(""));
        assert_eq!(read(""), None);
    }
}
