//! `winreach query`.

use std::io;

use winreach_cim::Name;
use winreach_cim::wql::{self, Select};

use crate::arguments::Query;
use crate::failure::Failure;
use crate::output::{self, Columns, Progress};
use crate::session;
use crate::target::Target;

/// Prints the rows as they come. The exit status is 0 only when all of them came.
pub(crate) async fn run(arguments: Query) -> Result<(), Failure> {
    let (target, wql) = arguments.words()?;
    if target.is_none() && !wql.trim().contains(char::is_whitespace) {
        return Err(Failure::usage(format!(
            "{wql:?} is no query; to ask that computer: winreach query {wql} 'SELECT …'"
        )));
    }
    let target = Target::of(target)?;
    if let Some(object) = &target.object {
        return Err(Failure::usage(format!(
            "the target names an object, {object}; a query takes a namespace"
        )));
    }
    // The server judges the query; only the columns are taken from it here.
    let columns = match wql.parse::<Select>() {
        Ok(select) => columns(&select),
        Err(_) => Columns::All,
    };

    let progress = Progress::start();
    let services = session::connect(target, &arguments.connection).await?;
    let mut rows = services.query(wql).await?;
    let mut writer = output::writer(arguments.output.format, columns, io::stdout());
    while let Some(row) = rows.next().await {
        let row = match row.and_then(|row| row.to_instance()) {
            Ok(row) => row,
            Err(error) => {
                drop(progress);
                // The rows that came are worth having.
                writer.flush()?;
                return Err(error.into());
            }
        };
        progress.row();
        if let Err(error) = writer.row(&row) {
            return output::stopped(error);
        }
    }
    drop(progress);
    let notice = rows.notice();
    // Before the server is told that we are done: it may take its time.
    let printed = if notice.is_none() { writer.finish() } else { writer.flush() };
    drop(rows);
    services.close().await;
    printed.or_else(output::stopped)?;
    match notice {
        Some(status) => Err(Failure::new(format!("the result is not whole: {status}"))),
        None => Ok(()),
    }
}

/// The columns that a query lists, in its own order; `*` takes what the class has.
fn columns(select: &Select) -> Columns {
    match &select.columns {
        wql::Columns::All | wql::Columns::Count => Columns::All,
        wql::Columns::List(list) => {
            let mut names: Vec<Name> = Vec::new();
            for property in list {
                let name = Name::from(property.root());
                if !names.contains(&name) {
                    names.push(name);
                }
            }
            Columns::Listed(names)
        }
    }
}
