//! A place in a text that is being parsed.

/// Reads a text character by character and knows the column, counted in characters from 1.
#[derive(Clone, Debug)]
pub(crate) struct Cursor<'a> {
    rest: &'a str,
    column: usize,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { rest: text, column: 1 }
    }

    /// The column of the next character.
    pub(crate) fn column(&self) -> usize {
        self.column
    }

    pub(crate) fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    pub(crate) fn bump(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.rest = self.rest.get(next.len_utf8()..).unwrap_or_default();
        self.column += 1;
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
        self.column += taken.chars().count();
        taken
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
