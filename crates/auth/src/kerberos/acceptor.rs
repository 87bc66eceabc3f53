//! The server's side.

use std::mem;
use std::sync::Arc;
use std::time::SystemTime;

use winreach_kerberos::ap::{self, Acceptance, AcceptorPolicy, KeySource, ReplayCache, Session};
use winreach_kerberos::client::Clock;
use winreach_kerberos::messages::GssFlags;

use super::context::Context;
use crate::{AuthLevel, AuthType, Error, Established, Identity, ImpersonationLevel, Step};

/// Makes Kerberos acceptors over the keys of one server.
#[derive(Clone)]
pub struct Authenticator {
    keys: Arc<dyn KeySource>,
    replays: Arc<ReplayCache>,
    policy: AcceptorPolicy,
    clock: Clock,
}

impl Authenticator {
    /// Acceptors for the services whose keys are here. All share one memory of what was seen before.
    #[must_use]
    pub fn new(keys: Arc<dyn KeySource>) -> Self {
        Self {
            keys,
            replays: Arc::default(),
            policy: AcceptorPolicy::default(),
            clock: Arc::new(SystemTime::now),
        }
    }

    /// Shares the memory of what was seen before with others that have the same keys.
    #[must_use]
    pub fn with_replay_cache(self, replays: Arc<ReplayCache>) -> Self {
        Self { replays, ..self }
    }

    /// What clients must bring.
    #[must_use]
    pub fn with_policy(self, policy: AcceptorPolicy) -> Self {
        Self { policy, ..self }
    }

    /// Goes by another clock than the system's.
    #[must_use]
    pub fn with_clock(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }

    /// The policy for a level: what is sealed or signed must have been asked for.
    fn policy(&self, level: AuthLevel) -> AcceptorPolicy {
        let mut policy = self.policy.clone();
        if level.signs() {
            policy.required = policy.required.union(GssFlags::INTEGRITY);
        }
        if level.seals() {
            policy.required = policy.required.union(GssFlags::CONFIDENTIALITY);
        }
        policy
    }
}

impl crate::Authenticator for Authenticator {
    fn acceptor(&self, auth_type: AuthType, level: AuthLevel) -> Option<Box<dyn crate::Acceptor>> {
        (auth_type == AuthType::Kerberos && level >= AuthLevel::Connect).then(|| {
            Box::new(Acceptor { server: self.clone(), level, state: State::Start })
                as Box<dyn crate::Acceptor>
        })
    }
}

/// One exchange that lets in whoever has a ticket for this server. Made by [`Authenticator`].
pub struct Acceptor {
    server: Authenticator,
    level: AuthLevel,
    state: State,
}

enum State {
    Start,
    /// The client owes its own AP-REP.
    Answered(Box<ap::Acceptor>),
    Done,
}

impl crate::Acceptor for Acceptor {
    fn step(&mut self, input: &[u8]) -> Result<Step, Error> {
        match mem::replace(&mut self.state, State::Done) {
            State::Start => {
                let Authenticator { keys, replays, clock, .. } = &self.server;
                let policy = self.server.policy(self.level);
                let (acceptor, token) =
                    ap::Acceptor::accept(input, keys.as_ref(), replays, &policy, clock())?;
                if acceptor.awaits_client() {
                    self.state = State::Answered(Box::new(acceptor));
                    return Ok(Step { token, established: None });
                }
                Ok(Step { token, established: Some(established(acceptor.session())) })
            }
            State::Answered(acceptor) => {
                let established = established(acceptor.finish(input)?);
                Ok(Step { token: None, established: Some(established) })
            }
            State::Done => Err(Error::OutOfTurn("a token after the last one")),
        }
    }
}

fn established((acceptance, session): (Acceptance, Session)) -> Established {
    let flags = acceptance.flags;
    let impersonation = if flags.contains(GssFlags::IDENTIFY) {
        ImpersonationLevel::Identify
    } else if flags.contains(GssFlags::DELEGATE) {
        ImpersonationLevel::Delegate
    } else {
        ImpersonationLevel::Impersonate
    };
    let logon = acceptance.pac.and_then(|pac| pac.logon);
    let (sid, groups) = logon.map_or((None, Vec::new()), |logon| (Some(logon.sid), logon.groups));
    let client = acceptance.client;
    Established {
        context: Box::new(Context::new(session, flags)),
        identity: Identity {
            impersonation,
            sid,
            groups,
            ..Identity::new(AuthType::Kerberos, &client.realm, client.name())
        },
        mutual: true,
    }
}
