//! A line for each property.

use std::io::{self, Write};

use winreach_cim::Instance;

use super::text::{name, text};
use super::{Columns, RowWriter};

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
        let lines: Vec<(String, String)> =
            self.columns.values(row).map(|(n, value)| (name(n), text(&value))).collect();
        let width = lines.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
        for (name, value) in lines {
            writeln!(self.out, "{name:width$} : {value}")?;
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
