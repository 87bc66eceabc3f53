//! `winreach get`, and what it shares with `describe`.

use std::io::{self, Write};

use winreach_cim::{Class, Object, mof};

use crate::arguments::{Connection, Get};
use crate::failure::Failure;
use crate::output::{self, Columns};
use crate::session;
use crate::target::Target;

/// Prints an instance like a row, and a class as MOF.
pub(crate) async fn run(arguments: Get) -> Result<(), Failure> {
    match object(arguments.words()?, &arguments.connection).await? {
        Object::Class(class) => print_mof(&class),
        Object::Instance(instance) => {
            let format = arguments.output.format;
            let mut writer = output::writer(format, Columns::All, io::stdout());
            writer.row(&instance).and_then(|()| writer.finish()).or_else(output::stopped)
        }
    }
}

/// Gets what a target and a path name together.
pub(super) async fn object(
    (target, path): (Option<&str>, &str),
    connection: &Connection,
) -> Result<Object, Failure> {
    let (target, path) = Target::with_object(target, path)?;
    let services = session::connect(target, connection).await?;
    let object = services.get(&path).await?;
    services.close().await;
    Ok(object)
}

pub(super) fn print_mof(class: &Class) -> Result<(), Failure> {
    io::stdout().write_all(terminal_mof(class).as_bytes()).or_else(output::stopped)
}

/// MOF escapes what is in quotes; a name came from another computer as well, and stands bare.
fn terminal_mof(class: &Class) -> String {
    let steers = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
    mof::class(class, mof::Scope::All).to_string().replace(steers, "\u{FFFD}")
}

#[cfg(test)]
mod tests {
    use winreach_cim::{CimType, Property};

    use super::*;

    #[test]
    fn a_class_cannot_steer_the_terminal() {
        let class = Class::builder("C").property(Property::new("N\u{1b}[2J", CimType::Uint32));
        let printed = terminal_mof(&class.build().unwrap());
        assert!(printed.contains("N\u{FFFD}[2J;\n"), "{printed:?}");
    }
}
