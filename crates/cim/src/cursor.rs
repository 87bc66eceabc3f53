//! A place in a text that is being parsed.

use crate::Position;

/// Reads a text character by character and knows where it is.
#[derive(Clone, Debug)]
pub(crate) struct Cursor<'a> {
    rest: &'a str,
    position: Position,
    /// How many characters were read.
    read: usize,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { rest: text, position: Position::START, read: 0 }
    }

    /// The place of the next character.
    pub(crate) fn position(&self) -> Position {
        self.position
    }

    /// The number of the next character in the whole text, from 1.
    pub(crate) fn column(&self) -> usize {
        self.read + 1
    }

    /// What was not read yet.
    pub(crate) fn rest(&self) -> &'a str {
        self.rest
    }

    /// The same place in a text that ends so many bytes further on.
    pub(crate) fn limited(&self, length: usize) -> Self {
        Self { rest: self.rest.get(..length).unwrap_or(self.rest), ..self.clone() }
    }

    pub(crate) fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    pub(crate) fn bump(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.rest = self.rest.get(next.len_utf8()..).unwrap_or_default();
        self.pass(next);
        Some(next)
    }

    /// Reads the next character if it is `wanted`.
    pub(crate) fn eat(&mut self, wanted: char) -> bool {
        self.eat_if(|c| c == wanted).is_some()
    }

    /// Reads the next character if `wanted` says so.
    pub(crate) fn eat_if(&mut self, wanted: impl FnOnce(char) -> bool) -> Option<char> {
        self.peek().filter(|c| wanted(*c)).and_then(|_| self.bump())
    }

    /// Reads `wanted`, in any case, if it comes next.
    pub(crate) fn eat_text(&mut self, wanted: &str) -> bool {
        let found = self.rest.get(..wanted.len()).is_some_and(|t| t.eq_ignore_ascii_case(wanted));
        if found {
            for _ in wanted.chars() {
                self.bump();
            }
        }
        found
    }

    /// Reads the longest run of characters that `wanted` accepts.
    pub(crate) fn take_while(&mut self, mut wanted: impl FnMut(char) -> bool) -> &'a str {
        let end = self.rest.find(|c| !wanted(c)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken.chars().for_each(|c| self.pass(c));
        taken
    }

    fn pass(&mut self, c: char) {
        self.read += 1;
        self.position.offset += c.len_utf8();
        if c == '\n' {
            self.position.line += 1;
            self.position.column = 1;
        } else {
            self.position.column += 1;
        }
    }
}

/// Whether a name of the schema can begin with this character.
pub(crate) fn starts_identifier(c: char) -> bool {
    c == '_' || c.is_alphabetic()
}

/// Whether a name of the schema can go on with this character.
pub(crate) fn continues_identifier(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}
