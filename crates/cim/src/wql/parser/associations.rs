//! `ASSOCIATORS OF` and `REFERENCES OF`.

use super::super::error::{ParseError, ParseErrorKind};
use super::super::lexer::Token;
use super::super::statement::{AssociationScope, Associators, References};
use super::{Parser, hint};
use crate::path::{ObjectPath, PathError};
use crate::{Name, Place};

/// What can follow the path.
const KEYWORDS: [&str; 9] = [
    "AssocClass",
    "ClassDefsOnly",
    "KeysOnly",
    "RequiredAssocQualifier",
    "RequiredQualifier",
    "ResultClass",
    "ResultRole",
    "Role",
    "SchemaOnly",
];

/// The clauses of either statement.
#[derive(Default)]
struct Clauses {
    assoc_class: Option<Name>,
    required_assoc_qualifier: Option<Name>,
    required_qualifier: Option<Name>,
    result_class: Option<Name>,
    result_role: Option<Name>,
    role: Option<Name>,
    scope: AssociationScope,
}

impl Parser<'_> {
    pub(super) fn associators(&mut self) -> Result<Associators, ParseError> {
        let (path, path_place) = self.source()?;
        let clauses = self.clauses(&path, true)?;
        Ok(Associators {
            path,
            path_place,
            assoc_class: clauses.assoc_class,
            required_assoc_qualifier: clauses.required_assoc_qualifier,
            required_qualifier: clauses.required_qualifier,
            result_class: clauses.result_class,
            result_role: clauses.result_role,
            role: clauses.role,
            scope: clauses.scope,
        })
    }

    pub(super) fn references(&mut self) -> Result<References, ParseError> {
        let (path, path_place) = self.source()?;
        let clauses = self.clauses(&path, false)?;
        Ok(References {
            path,
            path_place,
            required_qualifier: clauses.required_qualifier,
            result_class: clauses.result_class,
            role: clauses.role,
            scope: clauses.scope,
        })
    }

    /// `ASSOCIATORS OF {path}`; the first word is there.
    fn source(&mut self) -> Result<(ObjectPath, Place), ParseError> {
        self.advance()?;
        if !self.eat_word("OF")? {
            return Err(self.expected("OF"));
        }
        let Token::Braces(inner) = &self.next.token else {
            return Err(self.expected("`{` and a path").hint(hint::BRACES));
        };
        let mut parser = crate::path::Parser { at: inner.clone() };
        let place = Place(inner.position());
        let path = parser.object_path().and_then(|path| parser.end().map(|()| path));
        let path = path.map_err(|error| self.path_error(&error))?;
        self.advance()?;
        Ok((path, place))
    }

    fn path_error(&self, error: &PathError) -> ParseError {
        let mut at = self.next.at;
        if let Token::Braces(inner) = &self.next.token {
            let mut cursor = inner.clone();
            while cursor.column() < error.column && cursor.bump().is_some() {}
            at = cursor.position();
        }
        let found = error.found.map_or_else(|| "`}`".to_owned(), |c| format!("`{c}`"));
        let kind = ParseErrorKind::Expected { expected: error.expected, found };
        let is_blank = error.found.is_some_and(char::is_whitespace);
        let hint = is_blank.then_some("no blanks within the path");
        ParseError { at, ..self.error(kind) }.hint(hint)
    }

    fn clauses(&mut self, path: &ObjectPath, associators: bool) -> Result<Clauses, ParseError> {
        let mut clauses = Clauses::default();
        if !self.eat_word("WHERE")? {
            self.end("WHERE or the end of the query")?;
            return Ok(clauses);
        }
        let expected = match associators {
            true => ASSOCIATORS_CLAUSES,
            false => REFERENCES_CLAUSES,
        };
        self.clause(&mut clauses, path, associators, expected)?;
        while !matches!(self.next.token, Token::End) {
            self.clause(&mut clauses, path, associators, "a keyword or the end of the query")?;
        }
        Ok(clauses)
    }

    /// One of the keywords, with its value where it has one.
    fn clause(
        &mut self,
        clauses: &mut Clauses,
        path: &ObjectPath,
        associators: bool,
        expected: &'static str,
    ) -> Result<(), ParseError> {
        let at = self.next.at;
        let Some(word) = KEYWORDS.into_iter().find(|word| self.is_word(word)) else {
            return Err(self.no_clause(expected));
        };
        let mut reason = None;
        if !associators && is_of_associators_alone(word) {
            reason = Some("it belongs to ASSOCIATORS OF; here ResultClass is the association");
        }
        self.advance()?;
        let repeated = match word {
            "KeysOnly" => std::mem::replace(&mut clauses.scope.keys_only, true),
            "ClassDefsOnly" => std::mem::replace(&mut clauses.scope.class_defs_only, true),
            "SchemaOnly" => std::mem::replace(&mut clauses.scope.schema_only, true),
            _ => {
                let name = self.clause_value()?;
                clauses.of(word).replace(name).is_some()
            }
        };
        let repeated = repeated.then_some("it stands there already");
        match reason.or(repeated).or_else(|| clauses.fault(path)) {
            None => Ok(()),
            Some(reason) => {
                let error = self.error(ParseErrorKind::Keyword { word, reason });
                Err(ParseError { at, ..error })
            }
        }
    }

    fn no_clause(&self, expected: &'static str) -> ParseError {
        let separates = ["AND", "OR"].into_iter().any(|word| self.is_word(word));
        let hint = (separates || self.is_symbol(",")).then_some(hint::NO_SEPARATOR);
        self.expected(expected).hint(hint)
    }

    fn clause_value(&mut self) -> Result<Name, ParseError> {
        if !self.eat_symbol("=")? {
            let is_symbol = matches!(self.next.token, Token::Symbol(_));
            return Err(self.expected("`=`").hint(is_symbol.then_some(hint::ONLY_EQUAL)));
        }
        let is_text = matches!(self.next.token, Token::Text(_));
        self.name("a name").map_err(|error| error.hint(is_text.then_some(hint::NO_QUOTES)))
    }
}

const ASSOCIATORS_CLAUSES: &str = "AssocClass, ClassDefsOnly, KeysOnly, RequiredAssocQualifier, \
    RequiredQualifier, ResultClass, ResultRole, Role or SchemaOnly";
const REFERENCES_CLAUSES: &str =
    "ClassDefsOnly, KeysOnly, RequiredQualifier, ResultClass, Role or SchemaOnly";

fn is_of_associators_alone(word: &str) -> bool {
    matches!(word, "AssocClass" | "RequiredAssocQualifier" | "ResultRole")
}

impl Clauses {
    fn of(&mut self, word: &str) -> &mut Option<Name> {
        match word {
            "AssocClass" => &mut self.assoc_class,
            "RequiredAssocQualifier" => &mut self.required_assoc_qualifier,
            "RequiredQualifier" => &mut self.required_qualifier,
            "ResultClass" => &mut self.result_class,
            "ResultRole" => &mut self.result_role,
            _ => &mut self.role,
        }
    }

    /// Why the clauses do not go together.
    fn fault(&self, path: &ObjectPath) -> Option<&'static str> {
        let scope = self.scope;
        if scope.class_defs_only && self.result_class.is_some() {
            Some("ClassDefsOnly and ResultClass exclude each other")
        } else if scope.class_defs_only && scope.schema_only {
            Some("ClassDefsOnly and SchemaOnly exclude each other")
        } else if scope.schema_only && !path.is_class() {
            Some("SchemaOnly goes with the path of a class")
        } else {
            None
        }
    }
}
