//! The text form: that in which the registry editor of Windows exports keys.

use std::fmt::Write as _;

use winreach_cim::Name;

use super::tree::{Data, Key, KeyPath, NameError, Registry, value_name};

/// The first line.
const HEADER: &str = "Windows Registry Editor Version 5.00";

/// A line of the text form is wrong.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct RegistryTextError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub problem: RegistryTextProblem,
}

/// What can be wrong with a line of the text form.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum RegistryTextProblem {
    #[error("the first line must be {HEADER:?}")]
    Header,
    #[error("the file is neither UTF-8 nor UTF-16")]
    Encoding,
    #[error("a key in brackets, or a value, was expected")]
    Expected,
    #[error("a value stands before the first key")]
    NoKey,
    #[error("keys are below HKEY_LOCAL_MACHINE or HKEY_USERS")]
    Top,
    #[error("{0}")]
    Name(#[from] NameError),
    #[error("a quoted text does not end")]
    Quote,
    #[error("there are no such data: a quoted text, dword: or hex: was expected")]
    Data,
    #[error("the bytes do not make up what their type says")]
    Bytes,
    #[error("the value stands there twice")]
    Duplicate,
}

type Problem = RegistryTextProblem;

/// Where keys begin.
const TOP: [&str; 2] = ["HKEY_LOCAL_MACHINE", "HKEY_USERS"];

impl Registry {
    /// Reads the text form out of the bytes of a file: UTF-8, or the UTF-16 that Windows itself exports.
    ///
    /// # Errors
    /// As for [`Registry::parse`], and when the bytes are no text.
    pub fn parse_bytes(bytes: &[u8]) -> Result<Self, RegistryTextError> {
        let text = match bytes.strip_prefix(&[0xFF, 0xFE]) {
            Some(units) => utf16(units),
            None => String::from_utf8(bytes.to_vec()).ok(),
        };
        match text {
            Some(text) => Self::parse(&text),
            None => Err(RegistryTextError { line: 1, problem: Problem::Encoding }),
        }
    }

    /// Reads the text form.
    ///
    /// # Errors
    /// The first wrong line, and what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, RegistryTextError> {
        let mut lines = text.strip_prefix('\u{FEFF}').unwrap_or(text).lines().zip(1..);
        if lines.next().is_none_or(|(header, _)| header.trim_end() != HEADER) {
            return Err(RegistryTextError { line: 1, problem: Problem::Header });
        }
        let mut registry = Self::default();
        let mut key: Option<KeyPath> = None;
        while let Some((first, line)) = lines.next() {
            let mut text = first.trim().to_owned();
            if text.starts_with(';') || text.is_empty() {
                continue;
            }
            // Bytes may go on in the next line.
            while !text.starts_with('[') && text.ends_with('\\') {
                text.pop();
                match lines.next() {
                    Some((more, _)) => text.push_str(more.trim()),
                    None => break,
                }
            }
            let done = match text.strip_prefix('[') {
                Some(rest) => parse_key(rest).map(|path| {
                    registry.create(&path);
                    key = Some(path);
                }),
                None => match key.as_ref().and_then(|path| registry.key_mut(path)) {
                    Some(key) => parse_value(&text, key),
                    None => Err(Problem::NoKey),
                },
            };
            done.map_err(|problem| RegistryTextError { line, problem })?;
        }
        Ok(registry)
    }

    /// The text form as Windows writes it into a file: in UTF-16, with a mark before it. In a file of
    /// another encoding the registry editor would take the bytes of texts for something else.
    pub fn to_bytes(&self) -> Vec<u8> {
        let text = self.to_text().replace('\n', "\r\n");
        let units = "\u{FEFF}".encode_utf16().chain(text.encode_utf16());
        units.flat_map(u16::to_le_bytes).collect()
    }

    /// The text form.
    pub fn to_text(&self) -> String {
        let mut out = format!("{HEADER}\n");
        for (name, key) in self.top() {
            write_key(&mut out, name, key);
        }
        out
    }
}

fn parse_key(rest: &str) -> Result<KeyPath, Problem> {
    let path = rest.strip_suffix(']').ok_or(Problem::Expected)?;
    let (top, below) = path.split_once('\\').unwrap_or((path, ""));
    let top = TOP.iter().find(|name| name.eq_ignore_ascii_case(top)).ok_or(Problem::Top)?;
    Ok(KeyPath::new(&[top], below)?)
}

fn parse_value(text: &str, key: &mut Key) -> Result<(), Problem> {
    let (name, rest) = match text.strip_prefix('@') {
        Some(rest) => (String::new(), rest),
        None => quoted(text.strip_prefix('"').ok_or(Problem::Expected)?)?,
    };
    let data = rest.trim_start().strip_prefix('=').ok_or(Problem::Expected)?.trim_start();
    let data = parse_data(data)?;
    match key.values.insert(value_name(&name)?, data) {
        None => Ok(()),
        Some(_) => Err(Problem::Duplicate),
    }
}

/// A text up to its closing quote, and what follows.
fn quoted(text: &str) -> Result<(String, &str), Problem> {
    let mut out = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Ok((out, text.get(at + 1..).unwrap_or_default())),
            '\\' => match chars.next() {
                Some((_, c @ ('\\' | '"'))) => out.push(c),
                _ => return Err(Problem::Quote),
            },
            c => out.push(c),
        }
    }
    Err(Problem::Quote)
}

fn parse_data(text: &str) -> Result<Data, Problem> {
    if let Some(text) = text.strip_prefix('"') {
        return match quoted(text)? {
            (text, "") => Ok(Data::Text(text)),
            _ => Err(Problem::Data),
        };
    }
    if let Some(digits) = text.strip_prefix("dword:") {
        let sound =
            (1..=8).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_hexdigit());
        let number = u32::from_str_radix(digits, 16).ok().filter(|_| sound);
        return number.map(Data::Dword).ok_or(Problem::Data);
    }
    let rest = text.strip_prefix("hex").ok_or(Problem::Data)?;
    let (number, digits) = match rest.strip_prefix('(') {
        None => (3, rest.strip_prefix(':').ok_or(Problem::Data)?),
        Some(rest) => {
            let (number, digits) = rest.split_once("):").ok_or(Problem::Data)?;
            (u32::from_str_radix(number, 16).map_err(|_| Problem::Data)?, digits)
        }
    };
    typed(number, bytes(digits)?).ok_or(Problem::Bytes)
}

fn bytes(digits: &str) -> Result<Vec<u8>, Problem> {
    let digits = digits.trim();
    if digits.is_empty() {
        return Ok(Vec::new());
    }
    let byte = |text: &str| {
        let text = text.trim();
        let sound = text.len() == 2 && text.bytes().all(|b| b.is_ascii_hexdigit());
        u8::from_str_radix(text, 16).ok().filter(|_| sound).ok_or(Problem::Data)
    };
    digits.split(',').map(byte).collect()
}

/// The data that bytes stand for; nothing where they make no sense.
fn typed(number: u32, bytes: Vec<u8>) -> Option<Data> {
    Some(match number {
        1 => Data::Text(one_text(&bytes)?),
        2 => Data::Expand(one_text(&bytes)?),
        3 => Data::Binary(bytes),
        4 => Data::Dword(u32::from_le_bytes(bytes.try_into().ok()?)),
        7 => {
            let text = utf16(&bytes)?;
            let list = text.strip_suffix('\0').unwrap_or(&text);
            match list {
                "" => Data::Multi(Vec::new()),
                list => {
                    let list = list.strip_suffix('\0').unwrap_or(list);
                    Data::Multi(list.split('\0').map(str::to_owned).collect())
                }
            }
        }
        11 => Data::Qword(u64::from_le_bytes(bytes.try_into().ok()?)),
        number => Data::Other(number, bytes),
    })
}

fn one_text(bytes: &[u8]) -> Option<String> {
    let text = utf16(bytes)?;
    let text = text.strip_suffix('\0').unwrap_or(&text);
    (!text.contains('\0')).then(|| text.to_owned())
}

fn utf16(bytes: &[u8]) -> Option<String> {
    let (units, []) = bytes.as_chunks::<2>() else { return None };
    String::from_utf16(&units.iter().map(|unit| u16::from_le_bytes(*unit)).collect::<Vec<_>>()).ok()
}

/// A key with its values, then the keys below it, each with its whole path.
fn write_key(out: &mut String, path: &str, key: &Key) {
    // Writing to a string cannot fail.
    let _ = writeln!(out, "\n[{path}]");
    for (name, data) in &key.values {
        write_value(out, name, data);
    }
    for (name, below) in &key.keys {
        write_key(out, &format!("{path}\\{name}"), below);
    }
}

fn write_value(out: &mut String, name: &Name, data: &Data) {
    match name.as_str() {
        "" => out.push('@'),
        name => write_quoted(out, name),
    }
    out.push('=');
    let plain = |text: &str| !text.contains(char::is_control);
    match data {
        Data::Text(text) if plain(text) => write_quoted(out, text),
        Data::Text(text) => write_bytes(out, 1, &to_utf16([text.as_str()])),
        Data::Expand(text) => write_bytes(out, 2, &to_utf16([text.as_str()])),
        Data::Binary(bytes) => write_bytes(out, 3, bytes),
        Data::Dword(number) => {
            let _ = write!(out, "dword:{number:08x}");
        }
        Data::Multi(list) => {
            let texts = list.iter().map(String::as_str).chain([""]);
            write_bytes(out, 7, &to_utf16(texts));
        }
        Data::Qword(number) => write_bytes(out, 11, &number.to_le_bytes()),
        Data::Other(number, bytes) => write_bytes(out, *number, bytes),
    }
    out.push('\n');
}

fn write_quoted(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        if matches!(c, '"' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('"');
}

fn write_bytes(out: &mut String, number: u32, bytes: &[u8]) {
    let _ = match number {
        3 => write!(out, "hex:"),
        number => write!(out, "hex({number:x}):"),
    };
    for (i, byte) in bytes.iter().enumerate() {
        let _ = write!(out, "{}{byte:02x}", if i == 0 { "" } else { "," });
    }
}

/// Texts, each with its end.
fn to_utf16<'a>(texts: impl IntoIterator<Item = &'a str>) -> Vec<u8> {
    let units = texts.into_iter().flat_map(|text| text.encode_utf16().chain([0]));
    units.flat_map(u16::to_le_bytes).collect()
}
