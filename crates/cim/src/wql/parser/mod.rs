//! From tokens to a query, by recursive descent.

mod associations;
mod condition;
mod hint;
mod select;

use std::str::FromStr;

use super::ast::Select;
use super::error::{ParseError, ParseErrorKind};
use super::lexer::{LexError, Lexer, Located, Token};
use super::statement::{EventQuery, Query, Statement};
use super::{MAX_LENGTH, lexer};
use crate::{Name, Place};

/// Words that cannot name a property or a class.
const RESERVED: [&str; 12] =
    ["SELECT", "FROM", "WHERE", "AND", "OR", "NOT", "NULL", "TRUE", "FALSE", "LIKE", "IS", "ISA"];

impl FromStr for Query {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        Parser::new(text, None)?.query()
    }
}

impl FromStr for Select {
    type Err = ParseError;

    /// Reads a data query; a query of another kind is an error that names the kind.
    fn from_str(text: &str) -> Result<Self, ParseError> {
        let mut parser = Parser::new(text, Some(Statement::Data))?;
        match parser.query()? {
            Query::Select(select) => Ok(select),
            other => Err(parser.other(other.statement(), Statement::Data)),
        }
    }
}

impl FromStr for EventQuery {
    type Err = ParseError;

    /// Reads a query for events, which need not have a clause that only such queries have. A query
    /// of another kind is an error that names the kind.
    fn from_str(text: &str) -> Result<Self, ParseError> {
        let mut parser = Parser::new(text, Some(Statement::Event))?;
        match parser.query()? {
            Query::Event(event) => Ok(event),
            Query::Select(select) => Ok(select.into()),
            other => Err(parser.other(other.statement(), Statement::Event)),
        }
    }
}

struct Parser<'a> {
    lexer: Lexer<'a>,
    next: Located<'a>,
    /// The only kind of query that is asked for.
    wanted: Option<Statement>,
    /// What is being read, as far as it is known.
    statement: Statement,
    /// How many conditions were read.
    conditions: usize,
}

impl<'a> Parser<'a> {
    fn new(text: &'a str, wanted: Option<Statement>) -> Result<Self, ParseError> {
        let next = Located { token: Token::End, at: crate::Position::START };
        let statement = wanted.unwrap_or(Statement::Data);
        let lexer = Lexer::new(text);
        let mut parser = Self { lexer, next, wanted, statement, conditions: 0 };
        // A character has at least one byte, so most queries need no counting.
        if text.len() > MAX_LENGTH
            && let Some((offset, _)) = text.char_indices().nth(MAX_LENGTH)
        {
            let mut cursor = crate::cursor::Cursor::new(text).limited(offset);
            cursor.take_while(|_| true);
            parser.next.at = cursor.position();
            return Err(parser.error(ParseErrorKind::TooLong));
        }
        parser.advance()?;
        Ok(parser)
    }

    fn query(&mut self) -> Result<Query, ParseError> {
        if self.is_word("ASSOCIATORS") {
            self.begins(Statement::Associators)?;
            return self.associators().map(Query::Associators);
        }
        if self.is_word("REFERENCES") {
            self.begins(Statement::References)?;
            return self.references().map(Query::References);
        }
        if !self.eat_word("SELECT")? {
            let expected = match self.wanted {
                None => "SELECT, ASSOCIATORS OF or REFERENCES OF",
                Some(_) => "SELECT",
            };
            return Err(self.expected(expected));
        }
        self.select()
    }

    /// Notes what is being read, unless only something else is wanted.
    fn begins(&mut self, statement: Statement) -> Result<(), ParseError> {
        match self.wanted {
            Some(wanted) if wanted != statement => Err(self.other(statement, wanted)),
            _ => {
                self.statement = statement;
                Ok(())
            }
        }
    }

    fn end(&self, expected: &'static str) -> Result<(), ParseError> {
        match self.next.token {
            Token::End => Ok(()),
            _ => Err(self.expected(expected)),
        }
    }

    fn name(&mut self, expected: &'static str) -> Result<Name, ParseError> {
        match self.next.token {
            Token::Word(word) if self.is_name() => {
                self.advance()?;
                Ok(word.into())
            }
            _ => Err(self.expected(expected)),
        }
    }

    fn is_name(&self) -> bool {
        matches!(self.next.token, Token::Word(word)
            if !RESERVED.iter().any(|reserved| reserved.eq_ignore_ascii_case(word)))
    }

    fn is_word(&self, wanted: &str) -> bool {
        matches!(self.next.token, Token::Word(word) if word.eq_ignore_ascii_case(wanted))
    }

    fn eat_word(&mut self, wanted: &str) -> Result<bool, ParseError> {
        let found = self.is_word(wanted);
        if found {
            self.advance()?;
        }
        Ok(found)
    }

    fn is_symbol(&self, wanted: &str) -> bool {
        matches!(self.next.token, Token::Symbol(symbol) if symbol == wanted)
    }

    fn eat_symbol(&mut self, wanted: &str) -> Result<bool, ParseError> {
        let found = self.is_symbol(wanted);
        if found {
            self.advance()?;
        }
        Ok(found)
    }

    fn advance(&mut self) -> Result<(), ParseError> {
        self.next = self.lexer.next().map_err(|LexError { at, kind, character }| {
            let hint = character.and_then(hint::of_character);
            ParseError { at, kind, hint, statement: self.statement }
        })?;
        Ok(())
    }

    fn place(&self) -> Place {
        Place(self.next.at)
    }

    fn error(&self, kind: ParseErrorKind) -> ParseError {
        ParseError { at: self.next.at, kind, hint: None, statement: self.statement }
    }

    fn expected(&self, expected: &'static str) -> ParseError {
        let found = self.next.token.to_string();
        self.error(ParseErrorKind::Expected { expected, found })
            .hint(hint::of_token(&self.next.token))
    }

    fn other(&self, found: Statement, wanted: Statement) -> ParseError {
        self.error(ParseErrorKind::Other { wanted, found })
    }

    /// The text of a string, in which backslashes escape unless it is a pattern.
    fn unquoted(&self, text: &lexer::QuotedText, is_pattern: bool) -> Result<String, ParseError> {
        match text.stray_backslash {
            Some(at) if !is_pattern => Err(ParseError { at, ..self.error(ParseErrorKind::Escape) }),
            _ => Ok(text.text.clone()),
        }
    }
}
