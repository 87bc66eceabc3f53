//! Where passwords come from.

use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::os::fd::AsFd;

use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use crate::arguments::PasswordSource;
use crate::failure::Failure;

/// The environment variable that may hold the password.
const VARIABLE: &str = "WINREACH_PASSWORD";

/// Longer lines are not passwords, in bytes; the limit of Windows lies far below.
const MAX_LENGTH: usize = 4096;

/// The password for `who`: from standard input, a file, the environment or the terminal, in this
/// order.
pub(crate) fn obtain(source: &PasswordSource, who: &str) -> Result<SecretString, Failure> {
    if source.password_stdin {
        let name = "standard input";
        // Without the buffer of the standard library, which would keep what went through it.
        let input = io::stdin().as_fd().try_clone_to_owned().map(File::from);
        return first_line(input.map_err(|error| cannot_read(name, &error))?, name);
    }
    if let Some(path) = &source.password_file {
        let name = path.display().to_string();
        let file = File::open(path).map_err(|error| cannot_read(&name, &error))?;
        return first_line(file, &name);
    }
    if let Ok(password) = std::env::var(VARIABLE).map(Zeroizing::new) {
        return Ok(password.as_str().into());
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
        .map(Zeroizing::new)
        .map_err(|error| Failure::usage(format!("cannot ask for the password: {error}")))?;
    // In its exact length: to shorten the buffer would leave a copy behind.
    Ok(password.as_str().into())
}

fn cannot_read(name: &str, error: &io::Error) -> Failure {
    Failure::usage(format!("cannot read a password from {name}: {error}"))
}

/// The first line, without its end. An empty line is an empty password; no line at all is an error.
///
/// Not a byte is read beyond the line, and no buffer grows: nothing of it stays behind.
fn first_line(mut input: impl Read, name: &str) -> Result<SecretString, Failure> {
    let mut line = Zeroizing::new(Vec::with_capacity(MAX_LENGTH));
    let mut byte = Zeroizing::new([0]);
    loop {
        match input.read(byte.as_mut_slice()) {
            Ok(0) if line.is_empty() => {
                return Err(Failure::usage(format!("no password in {name}")));
            }
            Ok(0) => break,
            Ok(_) if *byte == *b"\n" => break,
            Ok(_) if line.len() == MAX_LENGTH => {
                let problem = format!("the first line of {name} is too long for a password");
                return Err(Failure::usage(problem));
            }
            Ok(_) => line.extend_from_slice(byte.as_slice()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(cannot_read(name, &error)),
        }
    }
    match std::str::from_utf8(&line) {
        Ok(line) => Ok(line.trim_end_matches('\r').into()),
        Err(_) => Err(Failure::usage(format!("the password in {name} is not UTF-8"))),
    }
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
        assert_eq!(read("no end").as_deref(), Some("no end"));
        assert_eq!(read("öpen sésame\n").as_deref(), Some("öpen sésame"));
    }

    #[test]
    fn not_a_byte_is_read_beyond_the_line() {
        let mut input: &[u8] = b"secret\nthe rest";
        first_line(&mut input, "a test").unwrap();
        assert_eq!(input, b"the rest");
    }

    #[test]
    fn what_is_no_password_is_an_error_that_does_not_repeat_it() {
        let longest = "x".repeat(MAX_LENGTH);
        assert_eq!(read(&longest).as_deref(), Some(longest.as_str()));
        for wrong in [format!("{longest}x").into_bytes(), b"sesame\xff\n".to_vec()] {
            let failure = first_line(wrong.as_slice(), "a test").unwrap_err().to_string();
            assert!(failure.contains("a test") && !failure.contains("sesame"), "{failure}");
        }
    }

    #[test]
    fn an_empty_line_is_an_empty_password_and_nothing_is_an_error() {
        assert_eq!(read("\n").as_deref(), Some(""));
        assert_eq!(read(""), None);
    }
}
