//! One side of an exchange by Kerberos, Negotiate or NTLM, driven line by line: for checks against
//! other implementations.
//!
//! Each line of standard input is a command, each line of standard output its answer; bytes are
//! hexadecimal, `-` for none. What fails answers `error` and why.
//!
//! ```text
//! initiator MECH SPN LEVEL [KEY=VALUE…]       ok
//! acceptor MECH LEVEL [KEY=VALUE…]            ok
//! step TOKEN                                  token TOKEN [IDENTITY]
//! protect LEVEL HEADER BODY TRAILER           ok BODY TOKEN
//! unprotect LEVEL HEADER BODY TRAILER TOKEN   ok BODY
//! sign-mechanisms LIST                        ok MIC
//! verify-mechanisms LIST MIC                  ok
//! sids                                        ok SID…
//! ```
//!
//! MECH is kerberos, negotiate or ntlm; LEVEL the number of the level in DCE/RPC. An initiator has
//! the keys `user=`, `password-file=`, `keytab=`, `ccache=`, `config=`, `delegate=yes`, `rc4=yes`,
//! `kdc=` and `clock=SECONDS` (so much ahead), an acceptor `keytab=`, `principal=`, `user=`,
//! `password-file=` and `clock=`.

use std::collections::HashMap;
use std::error::Error;
use std::fmt::Write as _;
use std::io::{BufRead, Write, stdin, stdout};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use winreach_auth::kerberos::{KeySource, Keytab, Principal, ReplayCache};
use winreach_auth::{
    Acceptor, AuthLevel, AuthType, Authenticator, Authenticators, Credentials, Identity,
    ImpersonationLevel, Initiator, InitiatorSource as _, Pdu, SecurityContext, Step, kerberos,
    ntlm, spnego,
};
use winreach_kerberos::client::Clock;
use winreach_kerberos::credentials::Environment;
use winreach_logon::{Logon, Mechanism};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut peer = Peer::default();
    for line in stdin().lock().lines() {
        let line = line?;
        let words: Vec<&str> = line.split_whitespace().collect();
        let answer = runtime.block_on(peer.obey(&words)).unwrap_or_else(|e| format!("error {e}"));
        writeln!(stdout(), "{}", answer.replace('\n', " "))?;
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
    identity: Option<Identity>,
    /// What was seen is remembered as long as the program runs.
    replays: Arc<ReplayCache>,
}

impl Peer {
    async fn obey(&mut self, words: &[&str]) -> Result<String> {
        match *words {
            ["initiator", mechanism, spn, at, ref keys @ ..] => {
                let logon = logon(mechanism, &pairs(keys)?)?;
                self.begin(Side::Initiator(logon.initiator(spn, level(at)?).await?));
                Ok("ok".into())
            }
            ["acceptor", mechanism, at, ref keys @ ..] => {
                let authenticator = self.authenticator(&pairs(keys)?)?;
                let (auth_type, _) = named(mechanism)?;
                let acceptor = authenticator.acceptor(auth_type, level(at)?);
                self.begin(Side::Acceptor(acceptor.ok_or("no acceptor for that mechanism")?));
                Ok("ok".into())
            }
            ["step", token] => self.step(&bytes(token)?),
            ["protect", at, header, body, trailer] => {
                let (header, mut body, trailer) = (bytes(header)?, bytes(body)?, bytes(trailer)?);
                let context = self.context.as_mut().ok_or("no context yet")?;
                let mut token = vec![0; context.token_len(level(at)?)];
                let pdu = pdu(&header, &mut body, &trailer);
                context.protect(level(at)?, pdu, &mut token)?;
                Ok(format!("ok {} {}", hex(&body), hex(&token)))
            }
            ["unprotect", at, header, body, trailer, token] => {
                let (header, mut body, trailer) = (bytes(header)?, bytes(body)?, bytes(trailer)?);
                let context = self.context.as_mut().ok_or("no context yet")?;
                context.unprotect(level(at)?, pdu(&header, &mut body, &trailer), &bytes(token)?)?;
                Ok(format!("ok {}", hex(&body)))
            }
            ["sign-mechanisms", list] => {
                let context = self.context.as_mut().ok_or("no context yet")?;
                Ok(format!("ok {}", hex(&context.sign_mechanisms(&bytes(list)?)?)))
            }
            ["verify-mechanisms", list, mic] => {
                let context = self.context.as_mut().ok_or("no context yet")?;
                context.verify_mechanisms(&bytes(list)?, &bytes(mic)?)?;
                Ok("ok".into())
            }
            ["sids"] => {
                let identity = self.identity.as_ref().ok_or("nobody is known yet")?;
                let sids = identity.sid.iter().chain(&identity.groups);
                Ok(sids.fold("ok".to_owned(), |line, sid| format!("{line} {sid}")))
            }
            _ => Err("no such command".into()),
        }
    }

    fn begin(&mut self, side: Side) {
        (self.side, self.context, self.identity) = (Some(side), None, None);
    }

    fn step(&mut self, token: &[u8]) -> Result<String> {
        let Step { token, established } = match self.side.as_mut().ok_or("no side yet")? {
            Side::Initiator(initiator) => {
                initiator.step(Some(token).filter(|token| !token.is_empty()))?
            }
            Side::Acceptor(acceptor) => acceptor.step(token)?,
        };
        let mut answer = format!("token {}", hex(&token.unwrap_or_default()));
        if let Some(established) = established {
            let Identity { domain, user, .. } = &established.identity;
            write!(answer, " {domain}\\{user}")?;
            self.context = Some(established.context);
            self.identity = Some(established.identity);
        }
        Ok(answer)
    }

    fn authenticator(&self, keys: &HashMap<&str, &str>) -> Result<Authenticators> {
        let mut mechanisms: Vec<Arc<dyn Authenticator>> = Vec::new();
        if let Some(path) = keys.get("keytab") {
            let source = source_of_keys(path, keys.get("principal").copied())?;
            let authenticator =
                kerberos::Authenticator::new(source).with_replay_cache(Arc::clone(&self.replays));
            mechanisms.push(match clock(keys)? {
                Some(clock) => Arc::new(authenticator.with_clock(clock)),
                None => Arc::new(authenticator),
            });
        }
        if let Some(credentials) = credentials(keys)? {
            let mut users = ntlm::UserTable::new();
            let password = secrecy::ExposeSecret::expose_secret(credentials.secret());
            users.insert(credentials.account().user(), ntlm::NtHash::of_password(password));
            let target = ntlm::Target::new("SERVER");
            mechanisms.push(Arc::new(ntlm::Authenticator::new(Arc::new(users), target)));
        }
        let all = Arc::new(Authenticators::new(mechanisms.clone()));
        mechanisms.push(Arc::new(spnego::Authenticator::new(all)));
        Ok(Authenticators::new(mechanisms))
    }
}

/// The keys of a keytab, or of one principal in it.
fn source_of_keys(path: &str, principal: Option<&str>) -> Result<Arc<dyn KeySource>> {
    let whole = Keytab::read(path)?;
    let Some(name) = principal else { return Ok(Arc::new(whole)) };
    let wanted: Principal = name.parse()?;
    let mut keytab = Keytab::new();
    for entry in whole.entries() {
        if entry.principal.same_name_ignoring_case(&wanted) {
            keytab.add(entry.clone());
        }
    }
    Ok(Arc::new(keytab))
}

/// Who to be, as the keys of a command say.
fn logon(mechanism: &str, keys: &HashMap<&str, &str>) -> Result<Logon> {
    let (_, mechanism) = named(mechanism)?;
    let mut environment = Environment::from_system();
    let mut logon = match (keys.get("ccache"), keys.get("keytab"), credentials(keys)?) {
        (Some(cache), ..) => {
            environment = environment.with_ccache(*cache);
            Logon::current_user()
        }
        (None, Some(keytab), _) => Logon::with_keytab(*keytab, keys.get("user").copied()),
        (None, None, Some(credentials)) => Logon::with_password(credentials),
        _ => return Err("nobody to be".into()),
    };
    if let Some(config) = keys.get("config") {
        environment = environment.with_config(*config);
    }
    logon = logon.mechanism(mechanism).environment(environment);
    if keys.get("delegate") == Some(&"yes") {
        logon = logon.impersonation(ImpersonationLevel::Delegate);
    }
    if keys.get("rc4") == Some(&"yes") {
        logon = logon.allow_rc4();
    }
    if let Some(kdc) = keys.get("kdc") {
        logon = logon.kdc(*kdc);
    }
    Ok(match clock(keys)? {
        Some(clock) => logon.clock(clock),
        None => logon,
    })
}

fn credentials(keys: &HashMap<&str, &str>) -> Result<Option<Credentials>> {
    let (Some(user), Some(path)) = (keys.get("user"), keys.get("password-file")) else {
        return Ok(None);
    };
    let text = std::fs::read_to_string(path)?;
    Ok(Some(Credentials::new(user, text.trim_end_matches('\n').into())))
}

fn clock(keys: &HashMap<&str, &str>) -> Result<Option<Clock>> {
    let Some(seconds) = keys.get("clock") else { return Ok(None) };
    let seconds: i64 = seconds.parse()?;
    let by = Duration::from_secs(seconds.unsigned_abs());
    Ok(Some(Arc::new(move || {
        let now = SystemTime::now();
        if seconds < 0 { now - by } else { now + by }
    })))
}

fn pairs<'a>(words: &[&'a str]) -> Result<HashMap<&'a str, &'a str>> {
    let pair = |word: &&'a str| word.split_once('=').ok_or_else(|| "KEY=VALUE expected".into());
    words.iter().map(pair).collect()
}

fn named(mechanism: &str) -> Result<(AuthType, Mechanism)> {
    Ok(match mechanism {
        "kerberos" => (AuthType::Kerberos, Mechanism::Kerberos),
        "negotiate" => (AuthType::Spnego, Mechanism::Negotiate),
        "ntlm" => (AuthType::Ntlm, Mechanism::Ntlm),
        _ => return Err("no such mechanism".into()),
    })
}

fn pdu<'a>(header: &'a [u8], body: &'a mut [u8], trailer: &'a [u8]) -> Pdu<'a> {
    Pdu { header, body, trailer, sign_header: true }
}

fn level(code: &str) -> Result<AuthLevel> {
    Ok(code.parse().ok().and_then(AuthLevel::from_code).ok_or("no such level")?)
}

fn bytes(text: &str) -> Result<Vec<u8>> {
    if text == "-" {
        return Ok(Vec::new());
    }
    let digits: Vec<u32> = text.chars().map_while(|c| c.to_digit(16)).collect();
    let pairs = digits.chunks_exact(2);
    if digits.len() != text.chars().count() || !pairs.remainder().is_empty() {
        return Err("no hexadecimal bytes".into());
    }
    let byte = |pair: &[u32]| pair.iter().fold(0, |byte, digit| byte << 4 | digit);
    Ok(pairs.map(byte).map(u8::try_from).collect::<std::result::Result<_, _>>()?)
}

fn hex(bytes: &[u8]) -> String {
    if bytes.is_empty() {
        return "-".into();
    }
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
