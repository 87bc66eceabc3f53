//! From tokens to a query, by recursive descent.

use std::str::FromStr;

use super::ast::{Column, Columns, CompareOp, Comparison, Expr, Literal, PropertyRef, Select};
use super::error::{ParseError, ParseErrorKind, Statement};
use super::lexer::{Lexer, Located, QuotedText, Token};
use super::{MAX_DEPTH, MAX_LENGTH};
use crate::Name;

/// Words that cannot name a property or a class.
const RESERVED: [&str; 12] =
    ["SELECT", "FROM", "WHERE", "AND", "OR", "NOT", "NULL", "TRUE", "FALSE", "LIKE", "IS", "ISA"];

impl FromStr for Select {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        // A character has at least one byte, so most queries need no counting.
        if text.len() > MAX_LENGTH && text.chars().count() > MAX_LENGTH {
            return Err(ParseError { column: MAX_LENGTH + 1, kind: ParseErrorKind::TooLong });
        }
        Parser::new(text)?.select()
    }
}

struct Parser<'a> {
    lexer: Lexer<'a>,
    next: Located<'a>,
}

impl<'a> Parser<'a> {
    fn new(text: &'a str) -> Result<Self, ParseError> {
        let mut lexer = Lexer::new(text);
        let next = lexer.next()?;
        Ok(Self { lexer, next })
    }

    fn select(mut self) -> Result<Select, ParseError> {
        for (word, statement) in
            [("ASSOCIATORS", Statement::Associators), ("REFERENCES", Statement::References)]
        {
            if self.is_word(word) {
                return Err(self.not_data(statement));
            }
        }
        if !self.eat_word("SELECT")? {
            return Err(self.expected("SELECT"));
        }
        let columns = self.columns()?;
        if !self.eat_word("FROM")? {
            return Err(self.expected(match columns {
                Columns::All => "FROM",
                Columns::List(_) => "`,` or FROM",
            }));
        }
        if self.is_word("META_CLASS") {
            return Err(self.not_data(Statement::Schema));
        }
        let class_column = Column(self.next.column);
        let class = self.name("the name of a class")?;
        self.refuse_event_clauses()?;
        let filter = match self.eat_word("WHERE")? {
            true => Some(self.or(0)?),
            false => None,
        };
        self.refuse_event_clauses()?;
        match self.next.token {
            Token::End => Ok(Select { columns, class, class_column, filter }),
            _ if filter.is_some() => Err(self.expected("AND, OR or the end of the query")),
            _ => Err(self.expected("WHERE or the end of the query")),
        }
    }

    fn columns(&mut self) -> Result<Columns, ParseError> {
        if self.eat_symbol("*")? {
            return Ok(Columns::All);
        }
        let mut list = Vec::new();
        loop {
            let column = Column(self.next.column);
            let expected = if list.is_empty() { "`*` or a property" } else { "a property" };
            let names = vec![self.name(expected)?];
            list.push(PropertyRef { names, column });
            if !self.eat_symbol(",")? {
                return Ok(Columns::List(list));
            }
        }
    }

    fn or(&mut self, depth: usize) -> Result<Expr, ParseError> {
        let first = self.and(depth)?;
        let mut all = vec![first];
        while self.eat_word("OR")? {
            all.push(self.and(depth)?);
        }
        Ok(joined(all, Expr::Or))
    }

    fn and(&mut self, depth: usize) -> Result<Expr, ParseError> {
        let first = self.factor(depth)?;
        let mut all = vec![first];
        while self.eat_word("AND")? {
            all.push(self.factor(depth)?);
        }
        Ok(joined(all, Expr::And))
    }

    fn factor(&mut self, depth: usize) -> Result<Expr, ParseError> {
        if depth > MAX_DEPTH {
            return Err(self.error(ParseErrorKind::TooDeep));
        }
        if self.eat_word("NOT")? {
            return Ok(Expr::Not(Box::new(self.factor(depth + 1)?)));
        }
        if self.eat_symbol("(")? {
            let inner = self.or(depth + 1)?;
            if !self.eat_symbol(")")? {
                return Err(self.expected("AND, OR or `)`"));
            }
            return Ok(inner);
        }
        self.condition()
    }

    fn condition(&mut self) -> Result<Expr, ParseError> {
        let start = self.next.column;
        if let Some(literal) = self.literal(false)? {
            let turned = self.operator()?.and_then(CompareOp::turned);
            let Some(op) = turned else {
                return Err(self.expected("=, <>, <, <=, > or >="));
            };
            self.advance()?;
            let property = self.property("a property: one side must be one")?;
            return self.comparison(property, op, literal, start);
        }
        let property = self.property("a property, a constant, NOT or `(`")?;
        if self.eat_word("IS")? {
            let negated = self.eat_word("NOT")?;
            if !self.eat_word("NULL")? {
                return Err(self.expected(if negated { "NULL" } else { "NULL or NOT NULL" }));
            }
            return Ok(Expr::IsNull { property, negated });
        }
        if self.eat_word("ISA")? {
            let class = self.class_literal("the name of a class, with or without quotes")?;
            return Ok(Expr::IsA { property, class });
        }
        let Some(op) = self.operator()? else {
            return Err(self.expected("an operator: =, <>, <, <=, >, >=, LIKE, IS or ISA"));
        };
        self.advance()?;
        let column = self.next.column;
        // `__CLASS = Win32_Process` needs no quotes (`[MS-WMI] 2.2.1.1`).
        let is_class = matches!(op, CompareOp::Equal | CompareOp::NotEqual)
            && property.names.len() == 1
            && property.root().eq_ignore_ascii_case("__CLASS");
        if is_class && self.is_name() {
            let literal = Literal::Text(self.name("the name of a class")?.as_str().to_owned());
            return self.comparison(property, op, literal, column);
        }
        match self.literal(op == CompareOp::Like)? {
            Some(literal) => self.comparison(property, op, literal, column),
            None => Err(self.expected("a constant: a string, a number, TRUE, FALSE or NULL")),
        }
    }

    fn comparison(
        &self,
        property: PropertyRef,
        op: CompareOp,
        literal: Literal,
        column: usize,
    ) -> Result<Expr, ParseError> {
        match (op, literal) {
            (CompareOp::Equal, Literal::Null) => Ok(Expr::IsNull { property, negated: false }),
            (CompareOp::NotEqual, Literal::Null) => Ok(Expr::IsNull { property, negated: true }),
            (_, Literal::Null) => {
                let expected = "a value: NULL can only be compared with = and <>";
                let kind = ParseErrorKind::Expected { expected, found: "`NULL`".to_owned() };
                Err(ParseError { column, kind })
            }
            (op, literal) => {
                let literal_column = Column(column);
                Ok(Expr::Compare(Comparison { property, op, literal, literal_column }))
            }
        }
    }

    /// The operator that comes next, which is not read yet.
    fn operator(&self) -> Result<Option<CompareOp>, ParseError> {
        Ok(Some(match &self.next.token {
            Token::Symbol("=") => CompareOp::Equal,
            Token::Symbol("<>" | "!=") => CompareOp::NotEqual,
            Token::Symbol("<") => CompareOp::Less,
            Token::Symbol("<=") => CompareOp::LessOrEqual,
            Token::Symbol(">") => CompareOp::Greater,
            Token::Symbol(">=") => CompareOp::GreaterOrEqual,
            Token::Word(word) if word.eq_ignore_ascii_case("LIKE") => CompareOp::Like,
            _ => return Ok(None),
        }))
    }

    fn literal(&mut self, is_pattern: bool) -> Result<Option<Literal>, ParseError> {
        let literal = match &self.next.token {
            Token::Integer(number) => Literal::Integer(*number),
            Token::Real(real) => Literal::Real(*real),
            Token::Text(text) => Literal::Text(checked(text, is_pattern)?),
            Token::Word(word) if word.eq_ignore_ascii_case("TRUE") => Literal::Boolean(true),
            Token::Word(word) if word.eq_ignore_ascii_case("FALSE") => Literal::Boolean(false),
            Token::Word(word) if word.eq_ignore_ascii_case("NULL") => Literal::Null,
            _ => return Ok(None),
        };
        self.advance()?;
        Ok(Some(literal))
    }

    fn class_literal(&mut self, expected: &'static str) -> Result<Name, ParseError> {
        if let Token::Text(text) = &self.next.token {
            let name = Name::from(checked(text, false)?);
            self.advance()?;
            return Ok(name);
        }
        self.name(expected)
    }

    fn property(&mut self, expected: &'static str) -> Result<PropertyRef, ParseError> {
        let column = Column(self.next.column);
        let mut names = vec![self.name(expected)?];
        while self.eat_symbol(".")? {
            names.push(self.name("a property of the embedded object")?);
        }
        Ok(PropertyRef { names, column })
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

    fn refuse_event_clauses(&self) -> Result<(), ParseError> {
        match ["WITHIN", "GROUP", "HAVING"].into_iter().any(|word| self.is_word(word)) {
            true => Err(self.not_data(Statement::Event)),
            false => Ok(()),
        }
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

    fn eat_symbol(&mut self, wanted: &str) -> Result<bool, ParseError> {
        let found = matches!(self.next.token, Token::Symbol(symbol) if symbol == wanted);
        if found {
            self.advance()?;
        }
        Ok(found)
    }

    fn advance(&mut self) -> Result<(), ParseError> {
        self.next = self.lexer.next()?;
        Ok(())
    }

    fn error(&self, kind: ParseErrorKind) -> ParseError {
        ParseError { column: self.next.column, kind }
    }

    fn expected(&self, expected: &'static str) -> ParseError {
        let found = self.next.token.to_string();
        self.error(ParseErrorKind::Expected { expected, found })
    }

    fn not_data(&self, statement: Statement) -> ParseError {
        self.error(ParseErrorKind::NotDataQuery(statement))
    }
}

/// One condition stands for itself.
fn joined(mut all: Vec<Expr>, join: fn(Vec<Expr>) -> Expr) -> Expr {
    match all.pop() {
        Some(only) if all.is_empty() => only,
        last => {
            all.extend(last);
            join(all)
        }
    }
}

fn checked(text: &QuotedText, is_pattern: bool) -> Result<String, ParseError> {
    match text.stray_backslash {
        Some(column) if !is_pattern => Err(ParseError { column, kind: ParseErrorKind::Escape }),
        _ => Ok(text.text.clone()),
    }
}
