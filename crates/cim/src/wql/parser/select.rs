//! `SELECT` and its clauses.

use std::time::Duration;

use super::super::ast::{Columns, Expr, PropertyRef, Select};
use super::super::error::{ParseError, ParseErrorKind};
use super::super::lexer::Token;
use super::super::statement::{
    EventQuery, Group, MAX_INTERVAL, MIN_INTERVAL, Query, SchemaQuery, Statement,
};
use super::{Parser, hint};

impl Parser<'_> {
    /// What follows `SELECT`.
    pub(super) fn select(&mut self) -> Result<Query, ParseError> {
        let columns_at = self.next.at;
        let columns = self.columns()?;
        if !self.eat_word("FROM")? {
            return Err(match &columns {
                Columns::All | Columns::Count => self.expected("FROM"),
                Columns::List(list) => {
                    let last = list.last().map_or("", PropertyRef::root);
                    let hint = match self.is_symbol("(") {
                        true => hint::of_function(last),
                        // `TOP 5` and `DISTINCT a`: the first word was read as a column.
                        false => hint::of_word(last),
                    };
                    self.expected("`,` or FROM").hint(hint)
                }
            });
        }
        if self.is_word("META_CLASS") {
            self.begins(Statement::Schema)?;
            if columns != Columns::All {
                let expected = "`*`, since classes come whole";
                let found = format!("`{columns}`");
                let error = self.error(ParseErrorKind::Expected { expected, found });
                return Err(ParseError { at: columns_at, ..error });
            }
            self.advance()?;
            let filter = self.filter()?;
            self.end(after(filter.as_ref()))?;
            return Ok(Query::Schema(SchemaQuery { filter }));
        }
        let class_place = self.place();
        let class = self.name("the name of a class")?;
        let within = match self.is_word("WITHIN") {
            true => Some(self.within(&columns)?),
            false => None,
        };
        let filter = self.filter()?;
        let group = match self.is_word("GROUP") {
            true => self.group(&columns)?,
            false => None,
        };
        if group.is_none() {
            let misplaced = self.is_word("WITHIN") && within.is_none();
            let hint = misplaced.then_some("WITHIN stands between the class and WHERE");
            self.end(after(filter.as_ref())).map_err(|error| {
                let statement = if misplaced { Statement::Event } else { error.statement };
                ParseError { statement, ..error }.hint(hint)
            })?;
        } else {
            self.end("the end of the query")?;
        }
        let select = Select { columns, class, class_place, filter };
        Ok(match (within, group) {
            (None, None) => Query::Select(select),
            (within, group) => Query::Event(EventQuery { select, within, group }),
        })
    }

    fn columns(&mut self) -> Result<Columns, ParseError> {
        if self.eat_symbol("*")? {
            return Ok(Columns::All);
        }
        let mut list = Vec::new();
        loop {
            let is_count = self.is_word("COUNT");
            let expected = if list.is_empty() { "`*` or a property" } else { "a property" };
            let property = self.property(expected)?;
            if is_count && list.is_empty() && self.eat_symbol("(")? {
                return self.count();
            }
            list.push(property);
            if !self.eat_symbol(",")? {
                return Ok(Columns::List(list));
            }
        }
    }

    /// What follows `COUNT(`.
    fn count(&mut self) -> Result<Columns, ParseError> {
        if !self.eat_symbol("*")? {
            return Err(self.expected("`*`: what is counted are objects"));
        }
        if !self.eat_symbol(")")? {
            return Err(self.expected("`)`"));
        }
        Ok(Columns::Count)
    }

    fn filter(&mut self) -> Result<Option<Expr>, ParseError> {
        match self.eat_word("WHERE")? {
            true => self.or(0).map(Some),
            false => Ok(None),
        }
    }

    /// `WITHIN n`, which makes the query one for events.
    fn within(&mut self, columns: &Columns) -> Result<Duration, ParseError> {
        self.begins_event(columns)?;
        self.advance()?;
        self.interval()
    }

    /// `GROUP WITHIN n [BY …] [HAVING …]`.
    fn group(&mut self, columns: &Columns) -> Result<Option<Group>, ParseError> {
        self.begins_event(columns)?;
        self.advance()?;
        if !self.eat_word("WITHIN")? {
            return Err(self.error(ParseErrorKind::GroupWithoutWithin));
        }
        let within = self.interval()?;
        let mut by = Vec::new();
        if self.eat_word("BY")? {
            by = self.properties()?;
        }
        let having = match self.eat_word("HAVING")? {
            true => Some(self.or(0)?),
            false => None,
        };
        Ok(Some(Group { within, by, having }))
    }

    fn begins_event(&mut self, columns: &Columns) -> Result<(), ParseError> {
        self.begins(Statement::Event)?;
        match columns {
            Columns::Count => Err(self.expected("a query that does not count: events have no end")),
            Columns::All | Columns::List(_) => Ok(()),
        }
    }

    fn properties(&mut self) -> Result<Vec<PropertyRef>, ParseError> {
        let mut list = vec![self.property("a property of the event")?];
        while self.eat_symbol(",")? {
            list.push(self.property("a property of the event")?);
        }
        Ok(list)
    }

    /// Seconds, perhaps with a fraction.
    fn interval(&mut self) -> Result<Duration, ParseError> {
        let seconds = match self.next.token {
            Token::Integer(number) => number as f64,
            Token::Real(real) => real,
            _ => return Err(self.expected("the seconds")),
        };
        let interval = Duration::try_from_secs_f64(seconds)
            .ok()
            .filter(|interval| (MIN_INTERVAL..=MAX_INTERVAL).contains(interval))
            .ok_or_else(|| self.error(ParseErrorKind::Interval))?;
        self.advance()?;
        Ok(interval)
    }
}

/// What can follow the class, or the condition where there is one.
fn after(filter: Option<&Expr>) -> &'static str {
    match filter {
        None => "WHERE or the end of the query",
        Some(_) => "AND, OR or the end of the query",
    }
}
