//! Reading the lines of `krb5.conf` as MIT Kerberos does.

use std::path::Path;
use std::sync::Arc;

use super::error::{ConfigError, LineProblem, Place};
use super::profile::{Profile, Section, Value};

/// The most sections inside each other.
const MAX_DEPTH: usize = 32;

/// Something else to read in place of a line.
pub(super) enum Include<'a> {
    File(&'a str),
    Directory(&'a str),
}

/// What reads what a line includes, into the profile.
pub(super) trait Includer {
    fn include(
        &mut self,
        include: &Include<'_>,
        place: &Place,
        line: &str,
        profile: &mut Profile,
    ) -> Result<(), ConfigError>;
}

/// Refuses to include anything.
struct Nothing;

impl Includer for Nothing {
    fn include(
        &mut self,
        _: &Include<'_>,
        place: &Place,
        line: &str,
        _: &mut Profile,
    ) -> Result<(), ConfigError> {
        Err(ConfigError::line(place.clone(), line, LineProblem::Include))
    }
}

impl Profile {
    /// Reads the text of a file; `file` is its name for errors. It cannot include others.
    ///
    /// # Errors
    /// [`ConfigError::Line`].
    pub fn parse(file: impl AsRef<Path>, text: &[u8]) -> Result<Self, ConfigError> {
        let mut profile = Self::default();
        read_into(&mut profile, &file.as_ref().into(), text, &mut Nothing)?;
        Ok(profile)
    }
}

/// Adds what the text of a file says to `profile`.
pub(super) fn read_into(
    profile: &mut Profile,
    file: &Arc<Path>,
    text: &[u8],
    includer: &mut impl Includer,
) -> Result<(), ConfigError> {
    let text = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text);
    let text = text.strip_suffix(b"\n").unwrap_or(text);
    let mut parser = Parser::default();
    for (number, bytes) in (1..).zip(text.split(|byte| *byte == b'\n')) {
        let place = Place { file: Arc::clone(file), line: number };
        if matches!(bytes.trim_ascii_start(), [b'#' | b';', ..]) && !parser.wants_brace {
            continue;
        }
        let line = std::str::from_utf8(bytes).map_err(|_| {
            let line = String::from_utf8_lossy(bytes);
            ConfigError::line(place.clone(), &line, LineProblem::NotText)
        })?;
        match parser.include(line) {
            Some(include) => includer.include(&include, &place, line, profile)?,
            None => parser
                .line(line, &place, &mut profile.root)
                .map_err(|problem| ConfigError::line(place, line, problem))?,
        }
    }
    if parser.depth > 1 {
        tracing::warn!(file = %file.display(), "the file ends where a '}}' is due");
    }
    Ok(())
}

/// Where in a file the next line is.
#[derive(Default)]
struct Parser {
    /// Names of the sections that are open, from the top, without those that are passed over.
    open: Vec<String>,
    /// How many sections are open, with those that are passed over.
    depth: usize,
    /// The depth of the section that is passed over, since one of its name was marked as final.
    passed_over: Option<usize>,
    /// Whether the line before had a name and no value.
    wants_brace: bool,
}

impl Parser {
    /// What the line includes.
    fn include<'a>(&self, line: &'a str) -> Option<Include<'a>> {
        let argument = |directive| {
            let rest: &str = line.strip_prefix(directive)?;
            rest.starts_with(char::is_whitespace).then(|| rest.trim())
        };
        argument("include")
            .map(Include::File)
            .or_else(|| argument("includedir").map(Include::Directory))
    }

    fn line(&mut self, line: &str, place: &Place, root: &mut Section) -> Result<(), LineProblem> {
        let text = line.trim();
        if std::mem::take(&mut self.wants_brace) {
            return if text.starts_with('{') { Ok(()) } else { Err(LineProblem::MissingBrace) };
        }
        if self.depth == 0 && !line.starts_with('[') {
            return Self::before_sections(line, text, place);
        }
        match text.chars().next() {
            None | Some('#' | ';') => Ok(()),
            Some('[') => self.section(text, root),
            Some('}') => self.close(text, root),
            Some(_) => self.relation(text, place, root),
        }
    }

    /// A line before the first section. MIT Kerberos passes over all but one that names a library.
    fn before_sections(line: &str, text: &str, place: &Place) -> Result<(), LineProblem> {
        if line.strip_prefix("module").is_some_and(|rest| rest.starts_with(char::is_whitespace)) {
            return Err(LineProblem::Module);
        }
        if !text.is_empty() {
            tracing::warn!(%place, "passed over: no section has begun, which takes a '[' at the start of a line");
        }
        Ok(())
    }

    /// `[name]`, `[name]*`.
    fn section(&mut self, text: &str, root: &mut Section) -> Result<(), LineProblem> {
        if self.depth > 1 {
            return Err(LineProblem::SectionInBraces);
        }
        let (name, rest) = text
            .strip_prefix('[')
            .and_then(|text| text.split_once(']'))
            .ok_or(LineProblem::SectionEnd)?;
        if !matches!(rest.trim_end(), "" | "*") {
            return Err(LineProblem::AfterSection);
        }
        let section = root.section_mut(name);
        self.passed_over = section.is_final.then_some(1);
        section.is_final |= rest.starts_with('*');
        self.depth = 1;
        self.open = vec![name.to_owned()];
        Ok(())
    }

    /// `}`, `}*`, and whatever stands behind.
    fn close(&mut self, text: &str, root: &mut Section) -> Result<(), LineProblem> {
        if self.depth < 2 {
            return Err(LineProblem::ExtraBrace);
        }
        if text.starts_with("}*") && self.passed_over.is_none() {
            self.current(root).is_final = true;
        }
        self.depth = self.depth.saturating_sub(1);
        if self.passed_over.is_some_and(|depth| self.depth < depth) {
            self.passed_over = None;
        }
        if self.passed_over.is_none() {
            self.open.pop();
        }
        Ok(())
    }

    /// `name = value`, `name = {`, `name =` with a brace in the next line.
    fn relation(
        &mut self,
        text: &str,
        place: &Place,
        root: &mut Section,
    ) -> Result<(), LineProblem> {
        let (name, value) = text.split_once('=').ok_or(LineProblem::Relation)?;
        let (name, value) = (name.trim_end(), value.trim_start());
        if name.is_empty() || name.contains(char::is_whitespace) {
            return Err(LineProblem::Relation);
        }
        let (name, is_final) = match name.split_once('*') {
            Some((name, _)) => (name, true),
            None => (name, false),
        };
        let value = match value.strip_prefix('"') {
            Some(quoted) => unquoted(quoted),
            None if value.is_empty()
                || value.strip_prefix('{').is_some_and(|rest| rest.trim().is_empty()) =>
            {
                self.wants_brace = value.is_empty();
                return self.open(name, is_final, root);
            }
            None => value.to_owned(),
        };
        if self.passed_over.is_none() {
            self.current(root).add(name, Value { text: value, place: place.clone() }, is_final);
        }
        Ok(())
    }

    fn open(&mut self, name: &str, is_final: bool, root: &mut Section) -> Result<(), LineProblem> {
        if self.depth >= MAX_DEPTH {
            return Err(LineProblem::TooDeep(MAX_DEPTH));
        }
        self.depth = self.depth.saturating_add(1);
        if self.passed_over.is_none() {
            let section = self.current(root).section_mut(name);
            self.passed_over = section.is_final.then_some(self.depth);
            section.is_final |= is_final;
            self.open.push(name.to_owned());
        }
        Ok(())
    }

    /// The innermost section that is open.
    fn current<'a>(&self, root: &'a mut Section) -> &'a mut Section {
        self.open.iter().fold(root, |section, name| section.section_mut(name))
    }
}

/// The text in quotes, of which the first is gone already; what stands behind the last is passed
/// over.
fn unquoted(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => break,
            '\\' => out.push(match chars.next() {
                Some('n') => '\n',
                Some('t') => '\t',
                Some('b') => '\u{8}',
                Some(other) => other,
                None => '\\',
            }),
            c => out.push(c),
        }
    }
    out
}
