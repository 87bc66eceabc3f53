//! Conditions: what follows `WHERE` and `HAVING`.

use super::super::ast::{CompareOp, Comparison, Expr, Literal, PropertyRef};
use super::super::error::{ParseError, ParseErrorKind};
use super::super::lexer::Token;
use super::super::{MAX_CONDITIONS, MAX_DEPTH};
use super::{Parser, hint};
use crate::{Name, Place};

impl Parser<'_> {
    pub(super) fn or(&mut self, depth: usize) -> Result<Expr, ParseError> {
        let mut all = vec![self.and(depth)?];
        while self.eat_word("OR")? {
            all.push(self.and(depth)?);
        }
        Ok(joined(all, Expr::Or))
    }

    fn and(&mut self, depth: usize) -> Result<Expr, ParseError> {
        let mut all = vec![self.factor(depth)?];
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
        self.conditions += 1;
        if self.conditions > MAX_CONDITIONS {
            return Err(self.error(ParseErrorKind::TooManyConditions));
        }
        let start = self.place();
        if let Some(literal) = self.literal(false)? {
            let Some(op) = self.operator().and_then(CompareOp::turned) else {
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
                let expected = if negated { "NULL" } else { "NULL or NOT NULL" };
                return Err(self.expected(expected).hint(hint::IS));
            }
            return Ok(Expr::IsNull { property, negated });
        }
        if self.eat_word("ISA")? {
            let class = self.class_literal("the name of a class, with or without quotes")?;
            return Ok(Expr::IsA { property, class });
        }
        let Some(op) = self.operator() else {
            let hint = match self.next.token {
                Token::Word(word) if word.eq_ignore_ascii_case("NOT") => Some(hint::NOT),
                Token::Symbol("(") => hint::of_function(property.root()),
                _ => None,
            };
            let expected = "an operator: =, <>, <, <=, >, >=, LIKE, IS or ISA";
            return Err(self.expected(expected).hint(hint));
        };
        self.advance()?;
        self.constant(property, op)
    }

    /// What follows an operator.
    fn constant(&mut self, property: PropertyRef, op: CompareOp) -> Result<Expr, ParseError> {
        let place = self.place();
        // `__CLASS = Win32_Process` needs no quotes (`[MS-WMI] 2.2.1.1`).
        let is_class = matches!(op, CompareOp::Equal | CompareOp::NotEqual)
            && property.names.len() == 1
            && property.root().eq_ignore_ascii_case("__CLASS");
        if is_class && self.is_name() {
            let literal = Literal::Text(self.name("the name of a class")?.as_str().to_owned());
            return self.comparison(property, op, literal, place);
        }
        let Some(literal) = self.literal(op == CompareOp::Like)? else {
            let hint = match self.next.token {
                Token::Symbol("=") => Some(hint::EQUAL),
                Token::Word(_) if self.is_name() => Some(hint::UNQUOTED),
                _ => None,
            };
            let expected = "a constant: a string, a number, TRUE, FALSE or NULL";
            return Err(self.expected(expected).hint(hint));
        };
        if matches!((&literal, &self.next.token), (Literal::Text(_), Token::Text(_))) {
            let expected = "AND, OR or the end of the query";
            return Err(self.expected(expected).hint(hint::DOUBLED_QUOTE));
        }
        self.comparison(property, op, literal, place)
    }

    fn comparison(
        &self,
        property: PropertyRef,
        op: CompareOp,
        literal: Literal,
        place: Place,
    ) -> Result<Expr, ParseError> {
        match (op, literal) {
            (CompareOp::Equal, Literal::Null) => Ok(Expr::IsNull { property, negated: false }),
            (CompareOp::NotEqual, Literal::Null) => Ok(Expr::IsNull { property, negated: true }),
            (_, Literal::Null) => {
                let expected = "a value: NULL can only be compared with = and <>";
                let kind = ParseErrorKind::Expected { expected, found: "`NULL`".to_owned() };
                Err(ParseError { at: place.0, ..self.error(kind) })
            }
            (op, literal) => {
                Ok(Expr::Compare(Comparison { property, op, literal, literal_place: place }))
            }
        }
    }

    /// The operator that comes next, which is not read yet.
    fn operator(&self) -> Option<CompareOp> {
        Some(match &self.next.token {
            Token::Symbol("=") => CompareOp::Equal,
            Token::Symbol("<>" | "!=") => CompareOp::NotEqual,
            Token::Symbol("<") => CompareOp::Less,
            Token::Symbol("<=") => CompareOp::LessOrEqual,
            Token::Symbol(">") => CompareOp::Greater,
            Token::Symbol(">=") => CompareOp::GreaterOrEqual,
            Token::Word(word) if word.eq_ignore_ascii_case("LIKE") => CompareOp::Like,
            _ => return None,
        })
    }

    fn literal(&mut self, is_pattern: bool) -> Result<Option<Literal>, ParseError> {
        let literal = match &self.next.token {
            Token::Integer(number) => Literal::Integer(*number),
            Token::Real(real) => Literal::Real(*real),
            Token::Text(text) => Literal::Text(self.unquoted(text, is_pattern)?),
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
            let name = Name::from(self.unquoted(text, false)?);
            self.advance()?;
            return Ok(name);
        }
        self.name(expected)
    }

    pub(super) fn property(&mut self, expected: &'static str) -> Result<PropertyRef, ParseError> {
        let place = self.place();
        let mut names = vec![self.name(expected)?];
        while self.eat_symbol(".")? {
            names.push(self.name("a property of the embedded object")?);
        }
        Ok(PropertyRef { names, place })
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
