//! What goes wrong with `krb5.conf`.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Why the configuration could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// A line is not what it should be.
    #[error("{place}: {problem}, found: {excerpt}")]
    Line {
        /// Where it stands.
        place: Place,
        /// Its beginning.
        excerpt: String,
        /// What is wrong with it.
        problem: LineProblem,
    },
    /// The operating system does not give a file.
    #[error("cannot read {}{}: {source}", path.display(), included(place.as_ref()))]
    Io {
        /// The file.
        path: PathBuf,
        /// The line that includes it.
        place: Option<Place>,
        /// What the operating system says.
        source: io::Error,
    },
    /// A file is larger than any configuration should be, or there are more than there should be.
    #[error("{}{}: more than {limit} {what}", path.display(), included(place.as_ref()))]
    Limit {
        /// The file.
        path: PathBuf,
        /// The line that includes it.
        place: Option<Place>,
        /// What there are too many of.
        what: &'static str,
        /// How many can be.
        limit: usize,
    },
}

fn included(place: Option<&Place>) -> String {
    place.map(|place| format!(" (included at {place})")).unwrap_or_default()
}

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LineProblem {
    /// The head of a section does not end.
    #[error("expected ']' behind the name of the section")]
    SectionEnd,
    /// Something stands behind the head of a section.
    #[error("expected nothing behind the name of the section, or '*'")]
    AfterSection,
    /// A section begins where braces are open.
    #[error("expected '}}' before another section")]
    SectionInBraces,
    /// A brace closes that is not open.
    #[error("expected no '}}' here, where no '{{' is open")]
    ExtraBrace,
    /// No brace opens where one must.
    #[error("expected '{{' in the line after a name without value")]
    MissingBrace,
    /// It is none of what a line can be.
    #[error("expected 'name = value'")]
    Relation,
    /// More braces are open than in any configuration.
    #[error("expected at most {0} sections inside each other")]
    TooDeep(usize),
    /// It is no UTF-8 text.
    #[error("expected UTF-8 text")]
    NotText,
    /// The configuration is to come out of a library.
    #[error("expected a configuration; one out of a library (module) cannot be read")]
    Module,
    /// A file is to be included where none can be.
    #[error("expected no other file to be included here")]
    Include,
    /// A file includes itself, perhaps by way of others.
    #[error("expected a file that is not just being read: it includes itself")]
    IncludeLoop,
    /// The value is none that the key can have.
    #[error("expected {0}")]
    Value(&'static str),
}

/// A line of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: Arc<Path>,
    /// The line, beginning with 1.
    pub line: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, line {}", self.file.display(), self.line)
    }
}

impl ConfigError {
    /// An error in a line.
    pub(super) fn line(place: Place, line: &str, problem: LineProblem) -> Self {
        const EXCERPT: usize = 60;
        let text = line.trim();
        let mut excerpt: String = text.chars().take(EXCERPT).flat_map(char::escape_debug).collect();
        if text.chars().nth(EXCERPT).is_some() {
            excerpt.push('…');
        }
        Self::Line { place, excerpt, problem }
    }
}
