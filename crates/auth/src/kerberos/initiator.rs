//! The client's side.

use std::mem;
use std::sync::Arc;

use futures_core::future::BoxFuture;
use winreach_kerberos::ap::{self, InitiatorOptions};
use winreach_kerberos::client::{Issued, Tickets};
use winreach_kerberos::messages::{GssFlags, TicketFlags};
use winreach_kerberos::{Credential, Error as KerberosError, Principal};

use super::context::Context;
use super::target;
use crate::{
    AuthLevel, AuthType, Error, Established, Identity, ImpersonationLevel, InitiatorSource, Step,
};

/// Makes Kerberos initiators for one client.
///
/// Tickets are got when a service is first asked for, and shared by all exchanges.
#[derive(Clone)]
pub struct Source {
    tickets: Arc<Tickets>,
    impersonation: ImpersonationLevel,
    channel_binding: Option<[u8; 16]>,
    service: Option<Principal>,
}

impl Source {
    /// Initiators that show these tickets, and let the server impersonate.
    #[must_use]
    pub fn new(tickets: Arc<Tickets>) -> Self {
        Self {
            tickets,
            impersonation: ImpersonationLevel::Impersonate,
            channel_binding: None,
            service: None,
        }
    }

    /// Lets servers do so much in the client's name. [`ImpersonationLevel::Delegate`] hands them a
    /// ticket-granting ticket, which they can use wherever the client could, and takes a
    /// forwardable ticket and a service that the KDC trusts with it.
    #[must_use]
    pub fn with_impersonation(self, impersonation: ImpersonationLevel) -> Self {
        Self { impersonation, ..self }
    }

    /// Binds exchanges to a channel: the MD5 hash of its `gss_channel_bindings_struct`
    /// (RFC 4121 section 4.1.1.2).
    #[must_use]
    pub fn with_channel_binding(self, hash: [u8; 16]) -> Self {
        Self { channel_binding: Some(hash), ..self }
    }

    /// Asks for tickets for this service, whatever the service is called that is connected to.
    #[must_use]
    pub fn with_service(self, service: Principal) -> Self {
        Self { service: Some(service), ..self }
    }

    async fn start(&self, spn: &str, level: AuthLevel) -> Result<Initiator, Error> {
        if self.impersonation == ImpersonationLevel::Anonymous {
            return Err(Error::AnonymousRefused);
        }
        let service = match &self.service {
            Some(service) => service.clone(),
            None => target::service(spn)
                .map_err(|error| Error::ServiceName { name: spn.to_owned(), error })?,
        };
        let Issued { credential, clock_offset } = self.tickets.ticket(&service).await?;
        let options = InitiatorOptions {
            flags: self.flags(level),
            channel_bindings: self.channel_binding,
            delegation: self.delegation(&credential).await?,
        };
        Ok(Initiator {
            state: State::Start { credential, options },
            service,
            impersonation: self.impersonation,
            tickets: Arc::clone(&self.tickets),
            clock_offset,
        })
    }

    /// What recorded Windows 10 traffic asks for, and always what notices replays.
    fn flags(&self, level: AuthLevel) -> GssFlags {
        let mut flags = GssFlags::DCE_STYLE
            .union(GssFlags::MUTUAL)
            .union(GssFlags::INTEGRITY)
            .union(GssFlags::REPLAY)
            .union(GssFlags::SEQUENCE);
        if level.seals() {
            flags = flags.union(GssFlags::CONFIDENTIALITY);
        }
        if self.impersonation == ImpersonationLevel::Identify {
            flags = flags.union(GssFlags::IDENTIFY);
        }
        flags
    }

    /// The ticket to hand to the service, where that is wanted.
    async fn delegation(&self, service: &Credential) -> Result<Option<Credential>, Error> {
        if self.impersonation != ImpersonationLevel::Delegate {
            return Ok(None);
        }
        if !service.flags.contains(TicketFlags::OK_AS_DELEGATE) {
            return Err(KerberosError::Delegation(format!(
                "the KDC does not trust {} with delegated credentials: have its account trusted for \
                 delegation, or ask for impersonation level impersonate",
                service.server
            ))
            .into());
        }
        Ok(Some(self.tickets.forwarded().await?))
    }
}

impl InitiatorSource for Source {
    fn initiator<'a>(
        &'a self,
        target_spn: &'a str,
        level: AuthLevel,
    ) -> BoxFuture<'a, Result<Box<dyn crate::Initiator>, Error>> {
        Box::pin(async move {
            let initiator = self.start(target_spn, level).await?;
            Ok(Box::new(initiator) as Box<dyn crate::Initiator>)
        })
    }
}

/// One exchange. Made by [`Source`].
pub struct Initiator {
    state: State,
    service: Principal,
    impersonation: ImpersonationLevel,
    tickets: Arc<Tickets>,
    /// The exchange goes by the KDC's clock, as the ticket does.
    clock_offset: i64,
}

enum State {
    Start { credential: Credential, options: InitiatorOptions },
    Shown { client: Principal, flags: GssFlags, exchange: ap::Initiator },
    Done,
}

impl crate::Initiator for Initiator {
    fn auth_type(&self) -> AuthType {
        AuthType::Kerberos
    }

    fn step(&mut self, input: Option<&[u8]>) -> Result<Step, Error> {
        let now = self.tickets.time(self.clock_offset);
        match (mem::replace(&mut self.state, State::Done), input) {
            (State::Start { credential, options }, None) => {
                let (client, flags) = (credential.client.clone(), options.flags);
                let (exchange, token) = ap::Initiator::start(credential, options, now)?;
                self.state = State::Shown { client, flags, exchange };
                Ok(Step::reply(token))
            }
            (State::Shown { client, flags, exchange }, Some(answer)) => {
                let finished = exchange.finish(answer, now);
                if matches!(finished, Err(KerberosError::ServiceRefused { .. })) {
                    // The service may have another key since the ticket was issued.
                    self.tickets.forget(&self.service);
                }
                let (session, token) = finished?;
                let established = Established {
                    context: Box::new(Context::new(session, flags)),
                    identity: Identity {
                        impersonation: self.impersonation,
                        ..Identity::new(AuthType::Kerberos, &client.realm, client.name())
                    },
                    mutual: true,
                };
                Ok(Step { token, established: Some(established) })
            }
            (State::Start { .. } | State::Shown { .. }, _) => Err(Error::OutOfTurn("an AP-REP")),
            (State::Done, _) => Err(Error::OutOfTurn("a token after the last one")),
        }
    }
}
