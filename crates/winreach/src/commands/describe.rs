//! `winreach describe`.

use std::io::{self, Write};

use winreach_cim::{Object, mof};

use crate::arguments::Describe;
use crate::failure::Failure;
use crate::output;
use crate::session;
use crate::target::Target;

/// Prints the class as MOF.
pub(crate) async fn run(arguments: Describe) -> Result<(), Failure> {
    let (target, class) = arguments.words()?;
    let (target, path) = Target::with_object(target, class)?;
    let services = session::connect(target, &arguments.connection).await?;
    let object = services.get(&path).await?;
    services.close().await;
    match object {
        Object::Class(class) => {
            write!(io::stdout(), "{}", mof::class(&class, mof::Scope::All)).or_else(output::stopped)
        }
        Object::Instance(instance) => Err(Failure::usage(format!(
            "{path} is an instance of {name}; ask for the class: winreach describe {name}",
            name = instance.class().name()
        ))),
    }
}
