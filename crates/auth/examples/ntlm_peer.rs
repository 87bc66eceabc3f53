//! One side of an NTLM exchange, driven line by line: for checks against other implementations.
//!
//! Each line of standard input is a command, each line of standard output its answer; bytes are
//! hexadecimal, `-` for none.
//!
//! ```text
//! initiator ACCOUNT PASSWORD SPN LEVEL        ok
//! anonymous SPN LEVEL                         ok
//! acceptor USER PASSWORD LEVEL                ok
//! step TOKEN                                  token TOKEN [DOMAIN\USER]
//! protect LEVEL HEADER BODY TRAILER           ok BODY TOKEN
//! unprotect LEVEL HEADER BODY TRAILER TOKEN   ok BODY
//! sign-mechanisms LIST                        ok MIC
//! verify-mechanisms LIST MIC                  ok
//! ```
//!
//! What fails answers `error` and why. LEVEL is the number of the level in DCE/RPC.

use std::error::Error;
use std::fmt::Write as _;
use std::io::{BufRead, Write, stdin, stdout};
use std::sync::Arc;

use winreach_auth::{
    Acceptor, AuthLevel, AuthType, Authenticator as _, Credentials, Initiator, Pdu,
    SecurityContext, ntlm,
};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    let mut peer = Peer::default();
    for line in stdin().lock().lines() {
        let line = line?;
        let words: Vec<&str> = line.split_whitespace().collect();
        let answer = peer.obey(&words).unwrap_or_else(|error| format!("error {error}"));
        writeln!(stdout(), "{answer}")?;
        stdout().flush()?;
    }
    Ok(())
}

/// Which side this program plays.
enum Side {
    Initiator(Box<dyn Initiator>),
    Acceptor(Box<dyn Acceptor>),
}

#[derive(Default)]
struct Peer {
    side: Option<Side>,
    context: Option<Box<dyn SecurityContext>>,
}

impl Peer {
    fn obey(&mut self, words: &[&str]) -> Result<String> {
        match *words {
            ["initiator", account, password, spn, at] => {
                let source = ntlm::Source::new(Credentials::new(account, password.into()));
                self.side = Some(Side::Initiator(source.begin(spn, level(at)?)?));
                self.context = None;
                Ok("ok".into())
            }
            ["anonymous", spn, at] => {
                self.side =
                    Some(Side::Initiator(ntlm::Source::anonymous().begin(spn, level(at)?)?));
                self.context = None;
                Ok("ok".into())
            }
            ["acceptor", user, password, at] => {
                let mut users = ntlm::UserTable::new();
                users.insert(user, ntlm::NtHash::of_password(password));
                let target = ntlm::Target::new("SERVER").with_dns_name("server.example.com");
                let acceptor = ntlm::Authenticator::new(Arc::new(users), target)
                    .acceptor(AuthType::Ntlm, level(at)?)
                    .ok_or("no acceptor for this level")?;
                self.side = Some(Side::Acceptor(acceptor));
                self.context = None;
                Ok("ok".into())
            }
            ["step", token] => self.step(&bytes(token)?),
            ["protect", at, header, body, trailer] => {
                let (header, mut body, trailer) = (bytes(header)?, bytes(body)?, bytes(trailer)?);
                let context = self.context()?;
                let mut token = vec![0; context.token_len(level(at)?)];
                let pdu = pdu(&header, &mut body, &trailer);
                context.protect(level(at)?, pdu, &mut token)?;
                Ok(format!("ok {} {}", hex(&body), hex(&token)))
            }
            ["unprotect", at, header, body, trailer, token] => {
                let (header, mut body, trailer) = (bytes(header)?, bytes(body)?, bytes(trailer)?);
                let pdu = pdu(&header, &mut body, &trailer);
                self.context()?.unprotect(level(at)?, pdu, &bytes(token)?)?;
                Ok(format!("ok {}", hex(&body)))
            }
            ["sign-mechanisms", list] => {
                let mic = self.context()?.sign_mechanisms(&bytes(list)?)?;
                Ok(format!("ok {}", hex(&mic)))
            }
            ["verify-mechanisms", list, mic] => {
                self.context()?.verify_mechanisms(&bytes(list)?, &bytes(mic)?)?;
                Ok("ok".into())
            }
            _ => Err("no such command".into()),
        }
    }

    fn step(&mut self, token: &[u8]) -> Result<String> {
        let step = match self.side.as_mut().ok_or("no side taken")? {
            Side::Initiator(initiator) => initiator.step((!token.is_empty()).then_some(token))?,
            Side::Acceptor(acceptor) => acceptor.step(token)?,
        };
        let mut answer = format!("token {}", hex(&step.token.unwrap_or_default()));
        if let Some(established) = step.established {
            write!(answer, " {}", established.identity)?;
            self.context = Some(established.context);
        }
        Ok(answer)
    }

    fn context(&mut self) -> Result<&mut Box<dyn SecurityContext>> {
        self.context.as_mut().ok_or_else(|| "the exchange is not over".into())
    }
}

fn level(number: &str) -> Result<AuthLevel> {
    AuthLevel::from_code(number.parse()?).ok_or_else(|| "no such level".into())
}

fn pdu<'a>(header: &'a [u8], body: &'a mut [u8], trailer: &'a [u8]) -> Pdu<'a> {
    Pdu { header, body, trailer, sign_header: true }
}

fn bytes(text: &str) -> Result<Vec<u8>> {
    if text == "-" {
        return Ok(Vec::new());
    }
    let (pairs, []) = text.as_bytes().as_chunks::<2>() else {
        return Err("an odd number of digits".into());
    };
    pairs.iter().map(|pair| Ok(u8::from_str_radix(std::str::from_utf8(pair)?, 16)?)).collect()
}

fn hex(bytes: &[u8]) -> String {
    if bytes.is_empty() {
        return "-".into();
    }
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
