//! The security contexts of a connection, from the first leg on (`[MS-RPCE] 3.3.1.5.2.1`).

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use winreach_auth::{Acceptor, AuthLevel, AuthType, Authenticator, Identity};

use crate::Fault;
use crate::channel::{Channel, Channels, effective_level};
use crate::pdu::{Auth, AuthTrailer, RejectReason};

/// All security contexts of a connection by their `auth_context_id`.
pub(super) struct Contexts {
    authenticator: Arc<dyn Authenticator>,
    limit: usize,
    states: HashMap<u32, State>,
    /// The keys of the finished ones.
    pub(super) channels: Channels,
}

enum State {
    /// Another leg of the client must come.
    Pending {
        acceptor: Box<dyn Acceptor>,
        auth_type: AuthType,
        level: AuthLevel,
    },
    Established {
        identity: Arc<Identity>,
        level: AuthLevel,
    },
    /// The client could not authenticate. Where the last leg is not answered, requests tell it so.
    Failed,
}

/// Why a leg was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// Nobody here speaks that security provider, or it has no such level.
    UnknownProvider,
    /// The client is not who it says, or its token is malformed.
    Denied,
    /// Too many contexts.
    Limit,
    /// The leg does not belong to the exchange.
    OutOfTurn,
}

impl Refusal {
    /// How a bind is answered.
    pub(super) fn reject_reason(self) -> RejectReason {
        match self {
            Self::UnknownProvider => RejectReason::AUTHENTICATION_TYPE_NOT_RECOGNIZED,
            Self::Denied => RejectReason::INVALID_CHECKSUM,
            Self::Limit => RejectReason::LOCAL_LIMIT_EXCEEDED,
            Self::OutOfTurn => RejectReason::NOT_SPECIFIED,
        }
    }

    /// How an alter_context is answered.
    pub(super) fn fault(self) -> Fault {
        match self {
            Self::UnknownProvider => Fault::UNKNOWN_AUTHN_SERVICE,
            Self::Denied => Fault::ACCESS_DENIED,
            Self::Limit | Self::OutOfTurn => Fault::PROTOCOL_ERROR,
        }
    }
}

/// How a request was protected and whose it is.
#[derive(Debug, Clone)]
pub(super) struct Protection {
    /// The security context; none at level none.
    pub(super) id: Option<u32>,
    pub(super) level: AuthLevel,
    pub(super) identity: Option<Arc<Identity>>,
}

impl Contexts {
    pub(super) fn new(authenticator: Arc<dyn Authenticator>, limit: usize) -> Self {
        Self { authenticator, limit, states: HashMap::new(), channels: Channels::new() }
    }

    /// Takes a leg that came in a bind or alter_context and returns what answers it.
    pub(super) fn leg(&mut self, auth: &Auth) -> Result<Option<Auth>, Refusal> {
        let result = self.step(auth);
        // Whoever fails keeps the place that it took: tries are limited as well.
        if result.is_err() && self.is_pending(auth.context_id) {
            self.states.insert(auth.context_id, State::Failed);
        }
        let token = result?;
        Ok(token.map(|token| Auth { padding: Bytes::new(), token: token.into(), ..auth.clone() }))
    }

    /// Takes a last leg that is not answered. Where it fails, the first request will tell.
    pub(super) fn last_leg(&mut self, auth: &Auth) -> Result<(), Refusal> {
        if !self.is_pending(auth.context_id) {
            return Err(Refusal::OutOfTurn);
        }
        let _ = self.step(auth);
        if self.is_pending(auth.context_id) {
            self.states.insert(auth.context_id, State::Failed);
        }
        Ok(())
    }

    fn is_pending(&self, id: u32) -> bool {
        matches!(self.states.get(&id), Some(State::Pending { .. }))
    }

    fn step(&mut self, auth: &Auth) -> Result<Option<Vec<u8>>, Refusal> {
        let id = auth.context_id;
        let auth_type = AuthType::from_code(auth.auth_type).ok_or(Refusal::UnknownProvider)?;
        let level = effective_level(auth.auth_level)
            .filter(|level| *level > AuthLevel::None)
            .ok_or(Refusal::UnknownProvider)?;
        if !self.states.contains_key(&id) {
            if self.states.len() >= self.limit {
                return Err(Refusal::Limit);
            }
            let acceptor =
                self.authenticator.acceptor(auth_type, level).ok_or(Refusal::UnknownProvider)?;
            self.states.insert(id, State::Pending { acceptor, auth_type, level });
        }
        let Some(State::Pending { acceptor, auth_type: begun_type, level: begun_level }) =
            self.states.get_mut(&id)
        else {
            return Err(Refusal::OutOfTurn);
        };
        if (*begun_type, *begun_level) != (auth_type, level) {
            return Err(Refusal::OutOfTurn);
        }
        let step = acceptor.step(&auth.token).map_err(|error| {
            tracing::info!(%error, ?auth_type, "a client could not authenticate");
            Refusal::Denied
        })?;
        if let Some(established) = step.established {
            let identity = Arc::new(established.identity);
            tracing::debug!(%identity, %level, context = id, "a client authenticated");
            self.states.insert(id, State::Established { identity, level });
            let context = established.context;
            self.channels.insert(id, Channel { auth_type, level, id, context });
        }
        Ok(step.token)
    }

    /// The protection of a request that carries `trailer`, already verified, or none.
    ///
    /// A request without a trailer is anonymous on a connection that never authenticated and stands
    /// under the one context of a connection at level connect (`[MS-RPCE] 3.3.1.5.4`). Anything else
    /// would lower the protection that was agreed.
    pub(super) fn protection(&self, trailer: Option<&AuthTrailer>) -> Result<Protection, Fault> {
        let (id, state) = match trailer {
            Some(trailer) => {
                let state = self.states.get(&trailer.context_id).ok_or(Fault::ACCESS_DENIED)?;
                (trailer.context_id, state)
            }
            None => {
                let mut states = self.states.iter();
                match (states.next(), states.next()) {
                    (None, _) => {
                        let level = AuthLevel::None;
                        return Ok(Protection { id: None, level, identity: None });
                    }
                    (Some((id, state)), None) => (*id, state),
                    _ => return Err(Fault::ACCESS_DENIED),
                }
            }
        };
        match state {
            State::Established { identity, level } if trailer.is_some() || !level.signs() => {
                let identity = Some(identity.clone());
                Ok(Protection { id: Some(id), level: *level, identity })
            }
            _ => Err(Fault::ACCESS_DENIED),
        }
    }

    /// Whether the exchange of this context failed in its last leg.
    pub(super) fn has_failed(&self, id: u32) -> bool {
        matches!(self.states.get(&id), Some(State::Failed))
    }
}
