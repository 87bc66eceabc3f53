//! Reads queries from the standard input, one a line, and says of each what it is or what is wrong
//! with it, in a line of JSON. Used by `tests/interop/wql_wine.py`.
//!
//! `echo 'SELECT * FROM Win32_Process' | cargo run -p winreach-cim --example wql`

use std::io::{self, BufRead, Write};

use winreach_cim::wql::Query;

fn main() -> io::Result<()> {
    let mut out = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let verdict = match line?.parse::<Query>() {
            Ok(query) => serde_json::json!({
                "kind": query.statement().to_string(),
                "query": query.to_string(),
            }),
            Err(error) => serde_json::json!({
                "error": error.to_string(),
                "status": error.status().to_string(),
            }),
        };
        writeln!(out, "{verdict}")?;
    }
    Ok(())
}
