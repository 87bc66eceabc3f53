//! Comma-separated values.

use std::io::{self, Write};

use winreach_cim::{Instance, Name};

use super::{Columns, RowWriter, text::text};

/// A header and a record a row. Every record has the columns of the first row.
pub(super) struct Csv<W: Write> {
    columns: Columns,
    out: csv::Writer<W>,
    header: Option<Vec<Name>>,
}

impl<W: Write> Csv<W> {
    pub(super) fn new(columns: Columns, out: W) -> Self {
        let out = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out);
        Self { columns, out, header: None }
    }

    fn write_header(&mut self, names: Vec<Name>) -> io::Result<()> {
        self.out.write_record(names.iter().map(Name::as_str))?;
        self.header = Some(names);
        Ok(())
    }
}

impl<W: Write> RowWriter for Csv<W> {
    fn row(&mut self, row: &Instance) -> io::Result<()> {
        match &self.header {
            None => self.write_header(self.columns.of(row.class()).cloned().collect())?,
            // A record cannot say that its columns are others: rather stop than lose a property.
            Some(header) if !self.columns.are(header, row.class()) => {
                return Err(io::Error::other(format!(
                    "a row of class {} has other properties than the rows before it; name the \
                     properties in the query, or choose ndjson or list",
                    row.class().name()
                )));
            }
            Some(_) => {}
        }
        self.out.write_record(self.columns.values(row).map(|(_, value)| text(&value)))?;
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    fn finish(&mut self) -> io::Result<()> {
        if self.header.is_none()
            && let Columns::Listed(names) = &self.columns
        {
            self.write_header(names.clone())?;
        }
        self.out.flush()
    }
}
