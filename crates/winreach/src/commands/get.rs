//! `winreach get`.

use std::io::{self, Write};

use winreach_cim::{Object, mof};

use crate::arguments::Get;
use crate::failure::Failure;
use crate::output::{self, Columns};
use crate::session;
use crate::target::Target;

/// Prints an instance like a row, and a class as MOF.
pub(crate) async fn run(arguments: Get) -> Result<(), Failure> {
    let (target, path) = arguments.words()?;
    let (target, path) = Target::with_object(target, path)?;
    let services = session::connect(target, &arguments.connection).await?;
    let object = services.get(&path).await?;
    services.close().await;
    match object {
        Object::Class(class) => {
            write!(io::stdout(), "{}", mof::class(&class, mof::Scope::All)).or_else(output::stopped)
        }
        Object::Instance(instance) => {
            let format = arguments.output.format;
            let mut writer = output::writer(format, Columns::All, io::stdout());
            writer.row(&instance).and_then(|()| writer.finish()).or_else(output::stopped)
        }
    }
}
