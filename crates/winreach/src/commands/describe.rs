//! `winreach describe`.

use winreach_cim::Object;

use super::get::{object, print_mof};
use crate::arguments::Describe;
use crate::failure::Failure;

/// Prints the class as MOF.
pub(crate) async fn run(arguments: Describe) -> Result<(), Failure> {
    match object(arguments.words()?, &arguments.connection).await? {
        Object::Class(class) => print_mof(&class),
        Object::Instance(instance) => Err(Failure::usage(format!(
            "that is an instance; for its class: winreach describe {}",
            instance.class().name()
        ))),
    }
}
