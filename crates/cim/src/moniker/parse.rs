//! From text to monikers.

use std::str::FromStr;

use super::{
    AuthenticationLevel, Authority, ImpersonationLevel, Moniker, Privilege, PrivilegeSetting,
    Security,
};
use crate::path::{Parser, PathError};

impl FromStr for Moniker {
    type Err = PathError;

    /// Reads a moniker. Blanks may stand around its parts, as they do in the SDK's examples.
    fn from_str(text: &str) -> Result<Self, PathError> {
        let mut parser = Parser::new(text);
        if !parser.at.eat_text("winmgmts:") {
            return Err(parser.error("`winmgmts:`"));
        }
        blanks(&mut parser);
        let mut security = Security::default();
        let mut locale = None;
        let mut has_settings = false;
        if parser.at.eat('{') {
            security = parser.security()?;
            has_settings = true;
            blanks(&mut parser);
        }
        if parser.at.eat('[') {
            locale = Some(parser.locale()?);
            has_settings = true;
            blanks(&mut parser);
        }
        if has_settings && parser.at.peek().is_some() && !parser.at.eat('!') {
            return Err(parser.error("`!` between the settings and the path"));
        }
        let path = parser.path()?;
        parser.end()?;
        Ok(Self { security, locale, path })
    }
}

fn blanks(parser: &mut Parser<'_>) {
    parser.at.take_while(char::is_whitespace);
}

impl Parser<'_> {
    fn security(&mut self) -> Result<Security, PathError> {
        let mut security = Security::default();
        blanks(self);
        if self.at.eat('}') {
            return Ok(security);
        }
        loop {
            blanks(self);
            self.setting(&mut security)?;
            blanks(self);
            if self.at.eat('}') {
                return Ok(security);
            }
            if !self.at.eat(',') {
                return Err(self.error("`,` or `}`"));
            }
        }
    }

    fn setting(&mut self, security: &mut Security) -> Result<(), PathError> {
        if self.at.eat('(') {
            return self.privileges(&mut security.privileges);
        }
        let start = self.at.clone();
        let word = self.at.take_while(|c| c.is_ascii_alphabetic());
        blanks(self);
        let has_value = self.at.eat('=');
        blanks(self);
        let fresh = if !has_value {
            // The SDK's `{impersonate,(Debug,!Shutdown)}`.
            self.at = start.clone();
            let level = self.word(&ImpersonationLevel::ALL, ImpersonationLevel::name, SETTING)?;
            security.impersonation.replace(level).is_none()
        } else if word.eq_ignore_ascii_case("impersonationLevel") {
            let expected = "anonymous, identify, impersonate or delegate";
            let level = self.word(&ImpersonationLevel::ALL, ImpersonationLevel::name, expected)?;
            security.impersonation.replace(level).is_none()
        } else if word.eq_ignore_ascii_case("authenticationLevel") {
            let expected = "default, none, connect, call, pkt, pktIntegrity or pktPrivacy";
            let level =
                self.word(&AuthenticationLevel::ALL, AuthenticationLevel::name, expected)?;
            security.authentication.replace(level).is_none()
        } else if word.eq_ignore_ascii_case("authority") {
            let authority = self.authority()?;
            security.authority.replace(authority).is_none()
        } else {
            self.at = start;
            return Err(self.error(SETTING));
        };
        if !fresh {
            self.at = start;
            return Err(self.error("a setting that does not stand there already"));
        }
        Ok(())
    }

    fn authority(&mut self) -> Result<Authority, PathError> {
        let kind: fn(String) -> Authority = if self.at.eat_text("ntlmdomain:") {
            Authority::NtlmDomain
        } else if self.at.eat_text("kerberos:") {
            Authority::Kerberos
        } else {
            return Err(self.error("`ntlmdomain:` or `kerberos:`"));
        };
        let name = self.at.take_while(|c| !matches!(c, ',' | '{' | '}') && !c.is_whitespace());
        if name.is_empty() {
            return Err(self.error("a domain or a principal"));
        }
        Ok(kind(name.to_owned()))
    }

    fn privileges(&mut self, privileges: &mut Vec<PrivilegeSetting>) -> Result<(), PathError> {
        loop {
            blanks(self);
            let enable = !self.at.eat('!');
            let privilege = self.word(
                Privilege::ALL,
                Privilege::name,
                "the short name of a privilege, such as Debug or RemoteShutdown",
            )?;
            privileges.push(PrivilegeSetting { privilege, enable });
            blanks(self);
            if self.at.eat(')') {
                return Ok(());
            }
            if !self.at.eat(',') {
                return Err(self.error("`,` or `)`"));
            }
        }
    }

    fn locale(&mut self) -> Result<String, PathError> {
        blanks(self);
        if !self.at.eat_text("locale=") {
            return Err(self.error("`locale=`"));
        }
        let locale = self.at.take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
        if locale.is_empty() {
            return Err(self.error("a locale, such as ms_409"));
        }
        blanks(self);
        if !self.at.eat(']') {
            return Err(self.error("`]`"));
        }
        Ok(locale.to_owned())
    }

    /// One word of a closed set, in any case.
    fn word<T: Copy>(
        &mut self,
        all: &[T],
        name: impl Fn(T) -> &'static str,
        expected: &'static str,
    ) -> Result<T, PathError> {
        let start = self.at.clone();
        let word = self.at.take_while(|c| c.is_ascii_alphabetic());
        let found = all.iter().copied().find(|t| name(*t).eq_ignore_ascii_case(word));
        found.ok_or_else(|| {
            self.at = start;
            self.error(expected)
        })
    }
}

const SETTING: &str =
    "impersonationLevel=, authenticationLevel=, authority= or a list of privileges in parentheses";
