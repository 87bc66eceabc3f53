//! From characters to tokens.

use std::fmt;

use super::error::ParseErrorKind;
use crate::Position;
use crate::cursor::{Cursor, continues_identifier, starts_identifier};
use crate::value::INTEGERS;

#[derive(Clone, Debug)]
pub(super) enum Token<'a> {
    Word(&'a str),
    Text(QuotedText),
    Integer(i128),
    Real(f64),
    /// An operator or a mark of one or two characters.
    Symbol(&'static str),
    /// What stands between braces, to be read as a path.
    Braces(Cursor<'a>),
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
    pub(super) stray_backslash: Option<Position>,
}

#[derive(Clone, Debug)]
pub(super) struct Located<'a> {
    pub(super) token: Token<'a>,
    pub(super) at: Position,
}

/// What stands there is no token.
pub(super) struct LexError {
    pub(super) at: Position,
    pub(super) kind: ParseErrorKind,
    /// The character that begins no token.
    pub(super) character: Option<char>,
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

    pub(super) fn next(&mut self) -> Result<Located<'a>, LexError> {
        self.at.take_while(char::is_whitespace);
        let at = self.at.position();
        let token = match self.at.peek() {
            None => Token::End,
            Some(quote @ ('"' | '\'')) => Token::Text(self.text(quote)?),
            Some(c) if starts_identifier(c) => {
                Token::Word(self.at.take_while(continues_identifier))
            }
            Some('0'..='9' | '+' | '-') => self.number()?,
            Some('.') if self.dot_begins_a_number() => self.number()?,
            Some('{') => Token::Braces(self.braces()?),
            Some(c) => match SYMBOLS.into_iter().find(|symbol| self.at.eat_text(symbol)) {
                Some(symbol) => Token::Symbol(symbol),
                None => return Err(unexpected(at, c)),
            },
        };
        Ok(Located { token, at })
    }

    fn text(&mut self, quote: char) -> Result<QuotedText, LexError> {
        let start = self.at.position();
        self.at.bump();
        let mut text = String::new();
        let mut stray_backslash = None;
        loop {
            text.push_str(self.at.take_while(|c| c != quote && c != '\\'));
            let at = self.at.position();
            match self.at.bump() {
                None => return Err(error(start, ParseErrorKind::OpenString)),
                Some('\\') => match self.at.eat_if(|c| matches!(c, '\\' | '"' | '\'')) {
                    Some(escaped) => text.push(escaped),
                    None => {
                        text.push('\\');
                        stray_backslash = stray_backslash.or(Some(at));
                    }
                },
                Some(_) => return Ok(QuotedText { text, stray_backslash }),
            }
        }
    }

    /// Up to the closing brace that does not stand in quotes.
    fn braces(&mut self) -> Result<Cursor<'a>, LexError> {
        let start = self.at.position();
        self.at.bump();
        self.at.take_while(char::is_whitespace);
        let inner = self.at.clone();
        let mut quote = None;
        loop {
            let end = self.at.position().offset;
            match (self.at.bump(), quote) {
                (None, _) => return Err(error(start, ParseErrorKind::OpenBrace)),
                (Some('}'), None) => {
                    let length = end - inner.position().offset;
                    let text = inner.rest().get(..length).unwrap_or_default();
                    return Ok(inner.limited(text.trim_end().len()));
                }
                (Some('\\'), Some(_)) => drop(self.at.bump()),
                (Some(c), Some(open)) if c == open => quote = None,
                (Some(c @ ('"' | '\'')), None) => quote = Some(c),
                _ => {}
            }
        }
    }

    fn dot_begins_a_number(&self) -> bool {
        let mut ahead = self.at.clone();
        ahead.bump();
        ahead.peek().is_some_and(|c| c.is_ascii_digit())
    }

    /// `[-+]?\d+` or `[-+]?\d*\.\d+` (`[MS-WMI] 2.2.1.1`).
    fn number(&mut self) -> Result<Token<'a>, LexError> {
        let at = self.at.position();
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
        token.ok_or_else(|| error(at, ParseErrorKind::Number))
    }

    fn expected(&self, expected: &'static str) -> LexError {
        let found = self.at.peek().map_or_else(|| Token::End.to_string(), |c| format!("`{c}`"));
        error(self.at.position(), ParseErrorKind::Expected { expected, found })
    }
}

fn error(at: Position, kind: ParseErrorKind) -> LexError {
    LexError { at, kind, character: None }
}

fn unexpected(at: Position, found: char) -> LexError {
    let expected = "a name, a constant or an operator";
    let kind = ParseErrorKind::Expected { expected, found: format!("`{found}`") };
    LexError { at, kind, character: Some(found) }
}

impl fmt::Display for Token<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Word(word) => write!(f, "`{word}`"),
            Self::Text(_) => f.write_str("a string"),
            Self::Integer(_) | Self::Real(_) => f.write_str("a number"),
            Self::Symbol(symbol) => write!(f, "`{symbol}`"),
            Self::Braces(_) => f.write_str("`{`"),
            Self::End => f.write_str("the end of the query"),
        }
    }
}
