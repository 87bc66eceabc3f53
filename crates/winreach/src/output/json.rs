//! JSON: one array, or an object a line.

use std::io::{self, Write};

use serde::ser::{Serialize, SerializeMap, Serializer};
use winreach_cim::Instance;

use super::{Columns, RowWriter};

pub(super) struct Json<W> {
    columns: Columns,
    out: W,
    /// What stands before the next row, and after the last one.
    before: &'static str,
    between: &'static str,
    empty: &'static str,
    end: &'static str,
    any: bool,
}

impl<W: Write> Json<W> {
    pub(super) fn array(columns: Columns, out: W) -> Self {
        Self {
            columns,
            out,
            before: "[\n",
            between: ",\n",
            empty: "[]\n",
            end: "\n]\n",
            any: false,
        }
    }

    pub(super) fn lines(columns: Columns, out: W) -> Self {
        Self { columns, out, before: "", between: "\n", empty: "", end: "\n", any: false }
    }
}

impl<W: Write> RowWriter for Json<W> {
    fn row(&mut self, row: &Instance) -> io::Result<()> {
        let lead = if std::mem::replace(&mut self.any, true) { self.between } else { self.before };
        self.out.write_all(lead.as_bytes())?;
        serde_json::to_writer(&mut self.out, &Row { columns: &self.columns, row })?;
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    fn finish(&mut self) -> io::Result<()> {
        let end = if self.any { self.end } else { self.empty };
        self.out.write_all(end.as_bytes())?;
        self.out.flush()
    }
}

struct Row<'a> {
    columns: &'a Columns,
    row: &'a Instance,
}

impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, value) in self.columns.values(self.row) {
            map.serialize_entry(name.as_str(), &value)?;
        }
        map.end()
    }
}
