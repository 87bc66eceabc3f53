//! Rows, printed.

mod csv;
mod json;
mod list;
mod progress;
mod table;
mod text;

use std::io::{self, Write};

use winreach_cim::{Class, Instance, Name, SystemProperty, Value};

use crate::arguments::Format;
use crate::failure::Failure;
pub(crate) use progress::Progress;

/// The widest result that still makes a readable table.
const MOST_TABLE_COLUMNS: usize = 8;

/// Prints rows as they come. What was printed before an error stays; [`RowWriter::finish`] is
/// called only when every row came, so that a JSON array cut short never parses as a whole one.
pub(crate) trait RowWriter {
    /// Prints one row, at once or with the rows after it.
    fn row(&mut self, row: &Instance) -> io::Result<()>;

    /// Lets go of what was printed so far, when there will be no more.
    fn flush(&mut self) -> io::Result<()>;

    /// Prints what is left, and what ends a whole result.
    fn finish(&mut self) -> io::Result<()>;
}

/// Which properties of a row are printed, and in what order.
#[derive(Clone, Debug)]
pub(crate) enum Columns {
    /// All that the row's class has, as `SELECT *` asks.
    All,
    /// These, as the query lists them.
    Listed(Vec<Name>),
}

impl Columns {
    /// The names for a row of this class.
    fn of<'a>(&'a self, class: &'a Class) -> Box<dyn Iterator<Item = &'a Name> + 'a> {
        match self {
            Self::All => Box::new(class.properties().iter().map(|p| &p.name)),
            Self::Listed(names) => Box::new(names.iter()),
        }
    }

    /// Whether a row of this class has the columns of `header`.
    fn are(&self, header: &[Name], class: &Class) -> bool {
        self.of(class).eq(header)
    }

    /// Each name with its value in this row.
    fn values<'a>(&'a self, row: &'a Instance) -> impl Iterator<Item = (&'a Name, Value)> {
        self.of(row.class()).map(|name| (name, value(row, name)))
    }
}

/// A property's value, or a system property's, which is worked out rather than stored.
fn value(row: &Instance, name: &str) -> Value {
    match row.get(name) {
        Some(value) => value.clone(),
        None => SystemProperty::from_name(name).map_or(Value::Null, |p| p.of_instance(row)),
    }
}

/// A writer for the format asked for; without one, a table where it stays readable, else a list.
pub(crate) fn writer(
    format: Option<Format>,
    columns: Columns,
    out: impl Write + 'static,
) -> Box<dyn RowWriter> {
    let out = io::BufWriter::new(out);
    match format {
        Some(Format::Table) => Box::new(table::Table::new(columns, out)),
        Some(Format::List) => Box::new(list::List::new(columns, out)),
        Some(Format::Json) => Box::new(json::Json::array(columns, out)),
        Some(Format::Ndjson) => Box::new(json::Json::lines(columns, out)),
        Some(Format::Csv) => Box::new(csv::Csv::new(columns, out)),
        None => match &columns {
            Columns::Listed(names) if names.len() <= MOST_TABLE_COLUMNS => {
                Box::new(table::Table::new(columns, out))
            }
            _ => Box::new(list::List::new(columns, out)),
        },
    }
}

/// What an error of standard output means for the command. A reader that went away, such as `head`,
/// has what it wanted.
pub(crate) fn stopped(error: io::Error) -> Result<(), Failure> {
    match error.kind() {
        io::ErrorKind::BrokenPipe => Ok(()),
        _ => Err(Failure::new(format!("standard output: {error}"))),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use winreach_cim::{CimType, Property};

    use super::*;

    #[test]
    fn a_name_cannot_steer_the_terminal() {
        let class = Class::builder("C").property(Property::new("N\u{1b}[2J", CimType::Uint32));
        let row = Instance::new(Arc::new(class.build().unwrap()));
        let (mut table, mut list) = (Vec::new(), Vec::new());
        let mut writer = table::Table::new(Columns::All, &mut table);
        writer.row(&row).and_then(|()| writer.finish()).unwrap();
        list::List::new(Columns::All, &mut list).row(&row).unwrap();
        for printed in [table, list] {
            let printed = String::from_utf8(printed).unwrap();
            assert!(printed.starts_with("N\\u{1b}[2J"), "{printed:?}");
        }
    }
}
