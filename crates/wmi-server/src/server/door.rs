//! Who gets in: watches the log-ons of one connection.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::time::{Instant, sleep};
use tracing::field::display;
use winreach_auth::ntlm::messages::Authenticate;
use winreach_auth::spnego::messages::NegTokenResp;
use winreach_auth::{Acceptor, AuthLevel, AuthType, Authenticator, Error, Step};

use super::throttle::Throttle;

/// Stands between one connection and the authenticator: writes each log-on down, counts failures
/// against the peer's address, and gives a connection no second try after a failure.
pub(super) struct Door {
    authenticator: Arc<dyn Authenticator>,
    record: Arc<Record>,
}

/// What happened at the door.
struct Record {
    throttle: Arc<Throttle>,
    /// Nobody, within the process.
    peer: Option<SocketAddr>,
    somebody_came: AtomicBool,
    somebody_failed: AtomicBool,
}

impl Door {
    pub(super) fn new(
        authenticator: Arc<dyn Authenticator>,
        throttle: Arc<Throttle>,
        peer: Option<SocketAddr>,
    ) -> Self {
        let record = Record {
            throttle,
            peer,
            somebody_came: AtomicBool::new(false),
            somebody_failed: AtomicBool::new(false),
        };
        Self { authenticator, record: Arc::new(record) }
    }

    /// Completes after this time, unless somebody has logged on by then.
    pub(super) async fn nobody_came(&self, time: Duration) {
        sleep(time).await;
        if self.record.somebody_came.load(Ordering::Relaxed) {
            std::future::pending::<()>().await;
        }
    }
}

impl Authenticator for Door {
    fn acceptor(&self, auth_type: AuthType, level: AuthLevel) -> Option<Box<dyn Acceptor>> {
        if self.record.somebody_failed.load(Ordering::Relaxed) {
            return None;
        }
        let acceptor = self.authenticator.acceptor(auth_type, level)?;
        Some(Box::new(Visitor { acceptor, record: Arc::clone(&self.record), auth_type, level }))
    }
}

/// One exchange.
struct Visitor {
    acceptor: Box<dyn Acceptor>,
    record: Arc<Record>,
    auth_type: AuthType,
    level: AuthLevel,
}

impl Acceptor for Visitor {
    fn step(&mut self, input: &[u8]) -> Result<Step, Error> {
        let Self { acceptor, record, auth_type, level } = self;
        let peer = record.peer.map(display);
        let outcome = acceptor.step(input);
        match &outcome {
            Ok(Step { established: Some(established), .. }) => {
                let caller = &established.identity;
                let (account, mechanism) = (caller.to_string(), caller.auth_type);
                let sids = caller.groups.len() + usize::from(caller.sid.is_some());
                tracing::info!(?account, %mechanism, sids, peer, %level, "logged on");
                record.somebody_came.store(true, Ordering::Relaxed);
            }
            Ok(_) => {}
            Err(error) => {
                // What the caller says it is called; quoted, since it may be any text. Under Kerberos
                // nobody says so in the clear, and the error tells what is proven.
                let account = claimed_account(input);
                let (account, mechanism) = (account.as_deref(), auth_type);
                let error_text = error.to_string();
                tracing::warn!(account, %mechanism, peer, %level, error = ?error_text, "log-on refused");
                record.somebody_failed.store(true, Ordering::Relaxed);
                // Who is known to a domain but not listed here guesses no password.
                if let (Some(peer), false) = (record.peer, matches!(error, Error::NotAdmitted(_))) {
                    record.throttle.failed(peer.ip().into(), Instant::now());
                }
            }
        }
        outcome
    }
}

/// The account that a last leg of NTLM names, be it bare or within SPNEGO.
fn claimed_account(input: &[u8]) -> Option<String> {
    let token = NegTokenResp::parse(input).ok().and_then(|message| message.response_token);
    Authenticate::parse(token.unwrap_or(input)).map(|message| message.user).ok()
}

#[cfg(test)]
mod tests {
    use winreach_auth::{Credentials, Identity, ntlm};

    use super::super::authorize::tests::authorize;
    use super::*;
    use crate::accounts::AccountSet;

    fn door(throttle: &Arc<Throttle>) -> Door {
        let mut accounts = AccountSet::new();
        accounts.set("alice".parse().unwrap(), &"right".into());
        let target = ntlm::Target::new("HOUSE");
        let authenticator = Arc::new(ntlm::Authenticator::new(Arc::new(accounts), target));
        Door::new(authenticator, Arc::clone(throttle), Some("192.0.2.1:4711".parse().unwrap()))
    }

    /// Whether the door lets in who has this password; nothing where it does not even ask.
    fn knock(door: &Door, password: &str) -> Option<bool> {
        let level = AuthLevel::Privacy;
        let mut acceptor = door.acceptor(AuthType::Ntlm, level)?;
        let source = ntlm::Source::new(Credentials::new("alice", password.into()));
        let mut initiator = source.begin("HOST/house", level).unwrap();
        let negotiate = initiator.step(None).unwrap().token.unwrap();
        let challenge = acceptor.step(&negotiate).unwrap().token.unwrap();
        let authenticate = initiator.step(Some(&challenge)).unwrap().token.unwrap();
        Some(acceptor.step(&authenticate).is_ok())
    }

    #[test]
    fn a_connection_has_no_second_try_after_a_failure() {
        let throttle = Arc::default();
        let door = door(&throttle);
        assert_eq!(knock(&door, "right"), Some(true));
        assert_eq!(knock(&door, "wrong"), Some(false));
        assert_eq!(knock(&door, "right"), None);
    }

    #[test]
    fn a_failure_counts_against_the_address() {
        let (throttle, now) = (Arc::default(), Instant::now());
        let peer = "192.0.2.1".parse::<std::net::IpAddr>().unwrap();
        let door = door(&throttle);
        knock(&door, "right");
        assert_eq!(throttle.turn(peer.into(), now), now);
        knock(&door, "wrong");
        assert!(throttle.turn(peer.into(), now) > now);
    }

    #[test]
    fn who_is_known_to_a_domain_but_not_listed_guesses_no_password() {
        let (throttle, now) = (Arc::default(), Instant::now());
        let peer: SocketAddr = "192.0.2.1:4711".parse().unwrap();
        let bob = Identity::new(AuthType::Kerberos, "EXAMPLE.COM", "bob");
        let door = Door::new(Arc::new(authorize(bob)), Arc::clone(&throttle), Some(peer));
        let mut acceptor = door.acceptor(AuthType::Kerberos, AuthLevel::Privacy).unwrap();
        assert!(matches!(acceptor.step(&[]), Err(Error::NotAdmitted(_))));
        assert_eq!(throttle.turn(peer.ip().into(), now), now);
        // He has no second try on this connection all the same.
        assert!(door.acceptor(AuthType::Kerberos, AuthLevel::Privacy).is_none());
    }

    #[test]
    fn what_a_caller_writes_as_its_domain_gets_into_no_log() {
        let door = door(&Arc::default());
        let level = AuthLevel::Privacy;
        let mut acceptor = door.acceptor(AuthType::Ntlm, level).unwrap();
        let forged = "HOUSE\nlogged on account=bob\\alice";
        let source = ntlm::Source::new(Credentials::new(forged, "right".into()));
        let mut initiator = source.begin("HOST/house", level).unwrap();
        let negotiate = initiator.step(None).unwrap().token.unwrap();
        let challenge = acceptor.step(&negotiate).unwrap().token.unwrap();
        let authenticate = initiator.step(Some(&challenge)).unwrap().token.unwrap();
        let established = acceptor.step(&authenticate).unwrap().established.unwrap();
        assert_eq!(established.identity.to_string(), "alice");
    }

    #[tokio::test(start_paused = true)]
    async fn who_logs_on_in_time_may_stay() {
        let time = Duration::from_secs(30);
        let (door, other) = (door(&Arc::default()), door(&Arc::default()));
        knock(&door, "right");
        knock(&other, "wrong");
        other.nobody_came(time).await;
        assert!(tokio::time::timeout(time * 2, door.nobody_came(time)).await.is_err());
    }
}
