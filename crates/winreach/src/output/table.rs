//! Tables.

use std::io::{self, Write};

use comfy_table::presets::NOTHING;
use winreach_cim::{Instance, Name};

use super::text::{name, text};
use super::{Columns, RowWriter};

/// A table holds so many rows; then it is printed and the next one begins, so that a long result
/// neither waits for its end nor stays in memory.
const ROWS: usize = 1000;

pub(super) struct Table<W> {
    columns: Columns,
    out: W,
    header: Vec<Name>,
    rows: Vec<Vec<String>>,
    printed: bool,
}

impl<W: Write> Table<W> {
    pub(super) fn new(columns: Columns, out: W) -> Self {
        Self { columns, out, header: Vec::new(), rows: Vec::new(), printed: false }
    }

    fn print(&mut self) -> io::Result<()> {
        if self.rows.is_empty() {
            return Ok(());
        }
        let mut table = comfy_table::Table::new();
        table.load_style(NOTHING);
        table.set_header(self.header.iter().map(name));
        table.add_rows(self.rows.drain(..));
        for column in table.column_iter_mut() {
            column.set_padding((0, 2));
        }
        if std::mem::replace(&mut self.printed, true) {
            writeln!(self.out)?;
        }
        for line in table.lines() {
            writeln!(self.out, "{}", line.trim_end())?;
        }
        self.out.flush()
    }
}

impl<W: Write> RowWriter for Table<W> {
    fn row(&mut self, row: &Instance) -> io::Result<()> {
        let same = self.columns.are(&self.header, row.class());
        if !same || self.rows.len() == ROWS {
            self.print()?;
        }
        if !same {
            self.header = self.columns.of(row.class()).cloned().collect();
        }
        self.rows.push(self.columns.values(row).map(|(_, value)| text(&value)).collect());
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.print()
    }

    fn finish(&mut self) -> io::Result<()> {
        self.print()
    }
}
