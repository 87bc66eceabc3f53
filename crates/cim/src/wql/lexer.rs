//! From characters to tokens.

use std::fmt;

use super::error::{ParseError, ParseErrorKind};
use crate::cursor::{Cursor, continues_identifier, starts_identifier};
use crate::value::INTEGERS;

#[derive(Clone, PartialEq, Debug)]
pub(super) enum Token<'a> {
    Word(&'a str),
    Text(QuotedText),
    Integer(i128),
    Real(f64),
    /// An operator or a mark of one or two characters.
    Symbol(&'static str),
    End,
}

/// A string literal. Outside of `LIKE` a backslash must stand before a backslash or a quote;
/// within `LIKE` it stands for itself before anything else.
///
/// Source: `[MS-WMI] 2.2.1`, where a backslash is no escape in a pattern, and *LIKE Operator*,
/// whose example doubles it nevertheless: so both are read.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct QuotedText {
    pub(super) text: String,
    /// Where the first backslash stands that escapes nothing.
    pub(super) stray_backslash: Option<usize>,
}

#[derive(Clone, PartialEq, Debug)]
pub(super) struct Located<'a> {
    pub(super) token: Token<'a>,
    pub(super) column: usize,
}

/// Marks, the longer before those that begin them.
const SYMBOLS: [&str; 12] = ["<=", ">=", "<>", "!=", "=", "<", ">", "(", ")", ",", ".", "*"];

pub(super) struct Lexer<'a> {
    at: Cursor<'a>,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { at: Cursor::new(text) }
    }

    pub(super) fn next(&mut self) -> Result<Located<'a>, ParseError> {
        self.at.take_while(char::is_whitespace);
        let column = self.at.column();
        let token = match self.at.peek() {
            None => Token::End,
            Some(quote @ ('"' | '\'')) => Token::Text(self.text(quote)?),
            Some(c) if starts_identifier(c) => {
                Token::Word(self.at.take_while(continues_identifier))
            }
            Some('0'..='9' | '+' | '-') => self.number()?,
            Some('.') if self.dot_begins_a_number() => self.number()?,
            Some(c) => match SYMBOLS.into_iter().find(|symbol| self.at.eat_text(symbol)) {
                Some(symbol) => Token::Symbol(symbol),
                None => return Err(unexpected(column, c)),
            },
        };
        Ok(Located { token, column })
    }

    fn text(&mut self, quote: char) -> Result<QuotedText, ParseError> {
        let start = self.at.column();
        self.at.bump();
        let mut text = String::new();
        let mut stray_backslash = None;
        loop {
            text.push_str(self.at.take_while(|c| c != quote && c != '\\'));
            let column = self.at.column();
            match self.at.bump() {
                None => return Err(ParseError { column: start, kind: ParseErrorKind::OpenString }),
                Some('\\') => match self.at.eat_if(|c| matches!(c, '\\' | '"' | '\'')) {
                    Some(escaped) => text.push(escaped),
                    None => {
                        text.push('\\');
                        stray_backslash = stray_backslash.or(Some(column));
                    }
                },
                Some(_) => return Ok(QuotedText { text, stray_backslash }),
            }
        }
    }

    fn dot_begins_a_number(&self) -> bool {
        let mut ahead = self.at.clone();
        ahead.bump();
        ahead.peek().is_some_and(|c| c.is_ascii_digit())
    }

    /// `[-+]?\d+` or `[-+]?\d*\.\d+` (`[MS-WMI] 2.2.1.1`).
    fn number(&mut self) -> Result<Token<'a>, ParseError> {
        let column = self.at.column();
        let mut text = String::new();
        text.extend(self.at.eat_if(|c| matches!(c, '+' | '-')));
        text.push_str(self.at.take_while(|c| c.is_ascii_digit()));
        let is_real = self.at.peek() == Some('.') && self.dot_begins_a_number();
        if is_real {
            text.extend(self.at.bump());
            text.push_str(self.at.take_while(|c| c.is_ascii_digit()));
        }
        if !text.ends_with(|c: char| c.is_ascii_digit()) {
            return Err(self.expected("a digit"));
        }
        if self.at.peek().is_some_and(continues_identifier) {
            return Err(self.expected("the end of the number"));
        }
        let token = if is_real {
            text.parse().ok().filter(|real: &f64| real.is_finite()).map(Token::Real)
        } else {
            text.parse().ok().filter(|number| INTEGERS.contains(number)).map(Token::Integer)
        };
        token.ok_or(ParseError { column, kind: ParseErrorKind::Number })
    }

    fn expected(&self, expected: &'static str) -> ParseError {
        let found = self.at.peek().map_or_else(|| Token::End.to_string(), |c| format!("`{c}`"));
        let column = self.at.column();
        ParseError { column, kind: ParseErrorKind::Expected { expected, found } }
    }
}

fn unexpected(column: usize, found: char) -> ParseError {
    let expected = "a name, a constant or an operator";
    ParseError { column, kind: ParseErrorKind::Expected { expected, found: format!("`{found}`") } }
}

impl fmt::Display for Token<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Word(word) => write!(f, "`{word}`"),
            Self::Text(_) => f.write_str("a string"),
            Self::Integer(_) | Self::Real(_) => f.write_str("a number"),
            Self::Symbol(symbol) => write!(f, "`{symbol}`"),
            Self::End => f.write_str("the end of the query"),
        }
    }
}
