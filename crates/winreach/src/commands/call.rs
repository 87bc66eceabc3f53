//! `winreach call`.

use std::io::{self, BufRead, IsTerminal, Write};

use winreach_cim::WbemStatus;
use winreach_wmi::{Argument, Arguments, Options, Output, PreparedCall};

use crate::arguments::Call;
use crate::failure::Failure;
use crate::output::{self, Columns};
use crate::session;
use crate::target::Target;

/// What begins the names of methods that change nothing.
const HARMLESS: [&str; 6] = ["Get", "Enum", "Check", "Is", "Query", "Verify"];

/// Calls the method and prints what came out of it.
pub(crate) async fn run(arguments: Call) -> Result<(), Failure> {
    let Words { target, path, method, given } = words(&arguments.words)?;
    let (target, path) = Target::with_object(target, path)?;
    let services = session::connect(target, &arguments.connection).await?;
    let call = services.prepare_call(&path, method, given, &Options::default()).await?;
    let outcome = if arguments.what_if {
        let shown = escaped(&call.to_string());
        io::stdout().write_all(shown.as_bytes()).or_else(output::stopped)
    } else if arguments.yes || is_agreed(&call)? {
        let output = call.send().await?;
        print(&output, &arguments).and_then(|()| judge(&call, &output))
    } else {
        Err(Failure::new("not called"))
    };
    services.close().await;
    outcome
}

/// What the command line says.
#[derive(PartialEq, Debug)]
struct Words<'a> {
    target: Option<&'a str>,
    path: &'a str,
    method: &'a str,
    given: Arguments,
}

/// Tells target, path, method and arguments apart: the method alone is a bare name, and what follows it
/// are names with an equals sign.
fn words(words: &[String]) -> Result<Words<'_>, Failure> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let (target, path, method, rest) = match words.as_slice() {
        [target, path, method, rest @ ..] if is_name(method) => {
            (Some(*target), *path, *method, rest)
        }
        [path, method, rest @ ..] if is_name(method) => (None, *path, *method, rest),
        _ => {
            return Err(Failure::usage(
                "a path, a method and arguments as NAME=VALUE were expected: \
                 winreach call [TARGET] PATH METHOD [NAME=VALUE]...",
            ));
        }
    };
    let mut pairs: Vec<(&str, Vec<Argument>)> = Vec::new();
    for word in rest {
        let pair = word.split_once('=').filter(|(name, _)| is_name(name));
        let (name, value) = pair
            .ok_or_else(|| Failure::usage(format!("{word:?} is no argument; write NAME=VALUE")))?;
        let value = Argument::Text(value.to_owned());
        match pairs.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(name)) {
            Some((_, values)) => values.push(value),
            None => pairs.push((name, vec![value])),
        }
    }
    let given = pairs.into_iter().fold(Arguments::new(), |given, (name, mut values)| {
        let only = if values.len() == 1 { values.pop() } else { None };
        given.with_argument(name, only.unwrap_or(Argument::List(values)))
    });
    Ok(Words { target, path, method, given })
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_alphanumeric() || c == '_')
}

/// Whether the call may be sent: because it changes nothing, nobody is there to be asked, or who is
/// there says so.
fn is_agreed(call: &PreparedCall) -> Result<bool, Failure> {
    let method = call.method().name.as_str();
    let terminal = io::stdin().is_terminal() && io::stderr().is_terminal();
    if !terminal || HARMLESS.iter().any(|harmless| method.starts_with(harmless)) {
        return Ok(true);
    }
    let mut err = io::stderr();
    write!(err, "{}call it? [y/N] ", escaped(&call.to_string()))?;
    err.flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

/// A request names what came from another computer, which gets no say over the terminal.
fn escaped(text: &str) -> String {
    text.replace(|c: char| c.is_control() && !matches!(c, '\n' | '\t'), "\u{FFFD}")
}

fn print(output: &Output, arguments: &Call) -> Result<(), Failure> {
    let Some(instance) = output.instance() else { return Ok(()) };
    let mut writer = output::writer(arguments.output.format, Columns::All, io::stdout());
    writer.row(instance).and_then(|()| writer.finish()).or_else(output::stopped)
}

/// A method tells by its return value whether it did what it was asked to.
fn judge(call: &PreparedCall, output: &Output) -> Result<(), Failure> {
    match output.return_code() {
        None | Some(0) => Ok(()),
        Some(code) => {
            let method = &call.method().name;
            // Some providers return the statuses of WMI.
            let status = u32::try_from(code).ok().and_then(|code| WbemStatus(code).name());
            let meaning = call.meaning(code).or_else(|| status.map(str::to_owned));
            let meaning = meaning.map(|meaning| format!(", {}", escaped(&meaning)));
            let failure = format!("{method} returned {code}{}", meaning.unwrap_or_default());
            Err(Failure::new(failure))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(line: &str) -> Option<(Option<String>, String, String, Vec<String>)> {
        let line: Vec<String> = line.split(' ').map(str::to_owned).collect();
        let found = words(&line).ok()?;
        Some((
            found.target.map(str::to_owned),
            found.path.to_owned(),
            found.method.to_owned(),
            found.given.names().map(str::to_owned).collect(),
        ))
    }

    #[test]
    fn the_target_may_be_left_out() {
        let expect = |target: Option<&str>, path: &str, method: &str, names: &[&str]| {
            let names = names.iter().map(|name| (*name).to_owned()).collect();
            Some((target.map(str::to_owned), path.to_owned(), method.to_owned(), names))
        };
        assert_eq!(split("C M"), expect(None, "C", "M", &[]));
        assert_eq!(split("C M a=1 b=x=y"), expect(None, "C", "M", &["a", "b"]));
        assert_eq!(split("host C M"), expect(Some("host"), "C", "M", &[]));
        assert_eq!(split("host C.K=1 M a=1 A=2"), expect(Some("host"), "C.K=1", "M", &["a"]));
        assert_eq!(split("C.K=1 M a="), expect(None, "C.K=1", "M", &["a"]));
        for wrong in ["C", "C M=1", "C M 1=2", "host C M x", "C M a=1 x"] {
            assert_eq!(split(wrong), None, "{wrong}");
        }
    }
}
