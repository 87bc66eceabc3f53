//! From text to paths.

use super::namespace::is_ipv6;
use super::{KeyValue, Keys, NamespacePath, ObjectPath, Path, PathError};
use crate::Name;
use crate::cursor::{Cursor, continues_identifier, starts_identifier};
use crate::value::INTEGERS;

/// Reads a path out of a text.
pub(crate) struct Parser<'a> {
    pub(crate) at: Cursor<'a>,
}

impl<'a> Parser<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { at: Cursor::new(text) }
    }

    pub(crate) fn error(&self, expected: &'static str) -> PathError {
        PathError { column: self.at.column(), expected, found: self.at.peek() }
    }

    pub(crate) fn end(&self) -> Result<(), PathError> {
        match self.at.peek() {
            None => Ok(()),
            Some(_) => Err(self.error("the end of the path")),
        }
    }

    /// `\\server\ns:Class…`, `ns\ns`, `ns:Class…`, `:Class…` or `Class…`.
    pub(crate) fn path(&mut self) -> Result<Path, PathError> {
        let start = self.at.clone();
        let namespace = self.namespace_path()?;
        let has_separator = start.peek().is_some_and(is_separator) || namespace.names().len() > 1;
        match self.at.peek() {
            Some(':') => {
                if namespace.server().is_some() && namespace.names().is_empty() {
                    return Err(self.error("a namespace between the server and the class"));
                }
                self.at.bump();
                self.object(namespace).map(Path::Object)
            }
            None if has_separator || namespace.is_empty() => Ok(Path::Namespace(namespace)),
            Some(_) if has_separator => Err(self.error("`:` and a class, or the end of the path")),
            _ => {
                self.at = start;
                self.object(NamespacePath::default()).map(Path::Object)
            }
        }
    }

    pub(crate) fn object_path(&mut self) -> Result<ObjectPath, PathError> {
        match self.path()? {
            Path::Object(object) => Ok(object),
            Path::Namespace(namespace) if namespace.is_empty() => Err(self.error("a class name")),
            Path::Namespace(_) => Err(self.error("`:` and a class")),
        }
    }

    pub(crate) fn namespace_path(&mut self) -> Result<NamespacePath, PathError> {
        let mut path = NamespacePath::default();
        if self.separator() {
            if self.separator() {
                path = path.on(self.server()?);
                if !self.separator() {
                    return Ok(path);
                }
            }
            if self.at.peek().is_none() {
                return Err(self.error("a namespace"));
            }
        } else if matches!(self.at.peek(), None | Some(':')) {
            return Ok(path);
        }
        let mut names = vec![self.namespace_name()?];
        while self.separator() {
            names.push(self.namespace_name()?);
        }
        let server = path.server().map(Name::from);
        let path = NamespacePath::new(names);
        Ok(match server {
            Some(server) => path.on(server),
            None => path,
        })
    }

    fn separator(&mut self) -> bool {
        self.at.eat_if(is_separator).is_some()
    }

    fn server(&mut self) -> Result<Name, PathError> {
        let start = self.clone_at();
        if self.at.eat('[') {
            let address = self.at.take_while(|c| c != ']' && !is_separator(c));
            if !is_ipv6(address) {
                return Err(start.error("a server: an IPv6 address in the brackets"));
            }
            if !self.at.eat(']') {
                return Err(self.error("`]` after the IPv6 address"));
            }
            return Ok(address.into());
        }
        let whole = self.at.take_while(|c| !is_separator(c) && is_server_character(c, true));
        if is_ipv6(whole) {
            return Ok(whole.into());
        }
        *self = start;
        let name = self.at.take_while(|c| is_server_character(c, false));
        if name.is_empty() {
            return Err(self.error("a server name"));
        }
        Ok(name.into())
    }

    fn namespace_name(&mut self) -> Result<Name, PathError> {
        let name = self.at.take_while(is_namespace_character);
        if name.is_empty() { Err(self.error("the name of a namespace")) } else { Ok(name.into()) }
    }

    fn object(&mut self, namespace: NamespacePath) -> Result<ObjectPath, PathError> {
        let class = self.identifier("a class name")?;
        let keys = match self.at.peek() {
            None => Keys::None,
            Some('=') => {
                self.at.bump();
                if self.at.eat('@') { Keys::Singleton } else { Keys::Unnamed(self.key_value()?) }
            }
            Some('.') => {
                self.at.bump();
                if self.at.eat('@') { Keys::Singleton } else { self.bindings()? }
            }
            Some(_) => return Err(self.error("`.`, `=` or the end of the path")),
        };
        Ok(ObjectPath { namespace, class, keys })
    }

    fn bindings(&mut self) -> Result<Keys, PathError> {
        let mut bindings: Vec<(Name, KeyValue)> = Vec::new();
        loop {
            let start = self.clone_at();
            let name = self.identifier("the name of a key")?;
            if bindings.iter().any(|(other, _)| *other == name) {
                return Err(start.error("a key that does not stand there already"));
            }
            if !self.at.eat('=') {
                return Err(self.error("`=`"));
            }
            bindings.push((name, self.key_value()?));
            if !self.at.eat(',') {
                return Ok(Keys::named(bindings));
            }
        }
    }

    fn key_value(&mut self) -> Result<KeyValue, PathError> {
        match self.at.peek() {
            Some(quote @ ('"' | '\'')) => self.quoted(quote).map(KeyValue::Text),
            Some('+' | '-' | '0'..='9') => self.integer(),
            Some(_) if self.at.eat_text("true") => Ok(KeyValue::Boolean(true)),
            Some(_) if self.at.eat_text("false") => Ok(KeyValue::Boolean(false)),
            _ => Err(self.error("the value of a key: a text in quotes, an integer, TRUE or FALSE")),
        }
    }

    fn quoted(&mut self, quote: char) -> Result<String, PathError> {
        self.at.bump();
        let mut text = String::new();
        loop {
            text.push_str(self.at.take_while(|c| c != quote && c != '\\'));
            if self.at.eat(quote) {
                return Ok(text);
            }
            if !self.at.eat('\\') {
                return Err(self.error("the closing quote"));
            }
            match self.at.eat_if(|c| matches!(c, '\\' | '"' | '\'')) {
                Some(escaped) => text.push(escaped),
                None => return Err(self.error(r"a second backslash, or a quote (\\ stands for \)")),
            }
        }
    }

    fn integer(&mut self) -> Result<KeyValue, PathError> {
        let start = self.clone_at();
        let negative = self.at.eat_if(|c| matches!(c, '+' | '-')) == Some('-');
        let radix = if self.at.eat_text("0x") { 16 } else { 10 };
        let digits = self.at.take_while(|c| c.is_digit(radix));
        if digits.is_empty() {
            return Err(self.error("a digit"));
        }
        i128::from_str_radix(digits, radix)
            .map(|number| if negative { -number } else { number })
            .ok()
            .filter(|number| INTEGERS.contains(number))
            .map(KeyValue::Integer)
            .ok_or_else(|| start.error("an integer of at most 64 bits"))
    }

    fn identifier(&mut self, expected: &'static str) -> Result<Name, PathError> {
        if !self.at.peek().is_some_and(starts_identifier) {
            return Err(self.error(expected));
        }
        Ok(self.at.take_while(continues_identifier).into())
    }

    fn clone_at(&self) -> Self {
        Self { at: self.at.clone() }
    }
}

fn is_separator(c: char) -> bool {
    matches!(c, '\\' | '/')
}

fn is_server_character(c: char, colon: bool) -> bool {
    !c.is_whitespace()
        && !c.is_control()
        && (colon || c != ':')
        && !matches!(c, '\\' | '/' | '[' | ']' | '"' | '\'' | ',' | '=' | '!' | '{' | '}')
}

fn is_namespace_character(c: char) -> bool {
    is_server_character(c, false) && c != '.'
}
