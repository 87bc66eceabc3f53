//! A line for each property.

use std::io::{self, Write};

use winreach_cim::Instance;

use super::{Columns, RowWriter, text::text};

/// `Name  : value`, a blank line between rows.
pub(super) struct List<W> {
    columns: Columns,
    out: W,
    first: bool,
}

impl<W: Write> List<W> {
    pub(super) fn new(columns: Columns, out: W) -> Self {
        Self { columns, out, first: true }
    }
}

impl<W: Write> RowWriter for List<W> {
    fn row(&mut self, row: &Instance) -> io::Result<()> {
        if !std::mem::take(&mut self.first) {
            writeln!(self.out)?;
        }
        let width = self.columns.of(row.class()).map(|n| n.chars().count()).max().unwrap_or(0);
        for (name, value) in self.columns.values(row) {
            writeln!(self.out, "{name:width$} : {}", text(&value))?;
        }
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    fn finish(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
