//! The server's side of a negotiation.

use std::mem;
use std::sync::Arc;

use winreach_kerberos::messages::unframed;

use super::Failure;
use super::mechanism::{MechType, Mechanism};
use super::messages::{HINT_NAME, MechTypes, NegHints, NegState, NegTokenInit, NegTokenResp};
use super::mic::MicExchange;
use crate::{AuthLevel, AuthType, Error, Established, Step};

/// Makes SPNEGO acceptors over the mechanisms of a server.
#[derive(Clone)]
pub struct Authenticator {
    mechanisms: Arc<dyn crate::Authenticator>,
}

impl Authenticator {
    /// Acceptors that conduct Kerberos and NTLM by what `mechanisms` makes of
    /// [`AuthType::Kerberos`] and [`AuthType::Ntlm`]: one authenticator, or several as
    /// [`Authenticators`](crate::Authenticators).
    #[must_use]
    pub fn new(mechanisms: Arc<dyn crate::Authenticator>) -> Self {
        Self { mechanisms }
    }

    /// An acceptor of the mechanism, where the server has one.
    fn mechanism(
        &self,
        mechanism: Mechanism,
        level: AuthLevel,
    ) -> Option<(AuthType, Box<dyn crate::Acceptor>)> {
        let auth_type = mechanism.auth_type()?;
        Some((auth_type, self.mechanisms.acceptor(auth_type, level)?))
    }

    /// The mechanisms of the server, the best first.
    fn available(&self, level: AuthLevel) -> Vec<Mechanism> {
        let available = |mechanism: &Mechanism| self.mechanism(*mechanism, level).is_some();
        Mechanism::ALL.into_iter().filter(available).collect()
    }
}

impl crate::Authenticator for Authenticator {
    fn acceptor(&self, auth_type: AuthType, level: AuthLevel) -> Option<Box<dyn crate::Acceptor>> {
        if auth_type != AuthType::Spnego || self.available(level).is_empty() {
            return None;
        }
        let server = self.clone();
        Some(Box::new(Acceptor { server, level, state: State::Start { is_hinted: false } }))
    }
}

/// One negotiation and the exchange of the mechanism that comes out of it.
///
/// Made by [`Authenticator`]. It takes the first mechanism of the client's list that the server
/// has. A client whose first one it was not must sign its list.
///
/// An empty first token asks for a hint: what the server has. A client of Windows that has nothing
/// but NTLM sends its messages bare ([MS-SPNG] note 8), and is answered in the same way.
pub struct Acceptor {
    server: Authenticator,
    level: AuthLevel,
    state: State,
}

enum State {
    Start { is_hinted: bool },
    Agreed(Exchange),
    Bare(Box<dyn crate::Acceptor>),
    Done,
}

impl crate::Acceptor for Acceptor {
    fn step(&mut self, input: &[u8]) -> Result<Step, Error> {
        match mem::replace(&mut self.state, State::Done) {
            State::Start { is_hinted: false } if input.is_empty() => {
                self.state = State::Start { is_hinted: true };
                self.hint()
            }
            State::Start { .. } if input.starts_with(NTLM_SIGNATURE) => {
                let (_, acceptor) = self
                    .server
                    .mechanism(Mechanism::Ntlm, self.level)
                    .ok_or_else(|| Failure::NoCommonMechanism(Mechanism::Ntlm.to_string()))?;
                self.bare(acceptor, input)
            }
            State::Start { .. } => self.begin(&NegTokenInit::parse(input)?),
            State::Agreed(exchange) => {
                let message = NegTokenResp::parse(input)?;
                if message.state == Some(NegState::Reject) {
                    return Err(Failure::Rejected.into());
                }
                let (token, mic) = (message.response_token, message.mech_list_mic);
                self.go_on(exchange, token, mic, None)
            }
            State::Bare(acceptor) => self.bare(acceptor, input),
            State::Done => Err(Error::OutOfTurn("a token after the last one")),
        }
    }
}

/// What a bare NTLM message begins with.
const NTLM_SIGNATURE: &[u8] = b"NTLMSSP\0";

impl Acceptor {
    /// Says what the server has, to a client that has said nothing ([MS-SPNG] 3.2.5.2).
    fn hint(&self) -> Result<Step, Error> {
        let message = NegTokenInit {
            mech_types: MechTypes::new(&self.server.available(self.level))?,
            mech_token: None,
            hints: Some(NegHints { name: Some(HINT_NAME), address: None }),
            mech_list_mic: None,
        };
        Ok(Step::reply(message.encode()?))
    }

    fn begin(&mut self, message: &NegTokenInit<'_>) -> Result<Step, Error> {
        let offered = &message.mech_types;
        let user_to_user = message.mech_token.is_some_and(asks_for_ticket);
        let known = |(index, mech_type): (usize, &MechType)| {
            let (auth_type, acceptor) =
                self.server.mechanism(mech_type.mechanism()?, self.level)?;
            let usable = auth_type != AuthType::Kerberos || !user_to_user;
            usable.then(|| (index, mech_type.clone(), auth_type, acceptor))
        };
        let (index, chosen, auth_type, acceptor) = offered
            .iter()
            .enumerate()
            .find_map(known)
            .ok_or_else(|| Failure::NoCommonMechanism(offered.to_string()))?;
        let mic = MicExchange::new(offered.as_der(), index > 0);
        let progress = Progress::Running(acceptor);
        let exchange = Exchange { auth_type, level: self.level, progress, mic };
        match message.mech_token {
            Some(token) if index == 0 => {
                self.go_on(exchange, Some(token), message.mech_list_mic, Some(chosen))
            }
            // The token, if there is one, is of a mechanism that the server does not have.
            _ => {
                let state =
                    if index > 0 { NegState::RequestMic } else { NegState::AcceptIncomplete };
                self.state = State::Agreed(exchange);
                reply(state, Some(chosen), None, None)
            }
        }
    }

    fn go_on(
        &mut self,
        exchange: Exchange,
        token: Option<&[u8]>,
        mic: Option<&[u8]>,
        chosen: Option<MechType>,
    ) -> Result<Step, Error> {
        let (step, exchange) = exchange.proceed(token, mic, chosen)?;
        self.state = exchange.map_or(State::Done, State::Agreed);
        Ok(step)
    }

    fn bare(
        &mut self,
        mut acceptor: Box<dyn crate::Acceptor>,
        input: &[u8],
    ) -> Result<Step, Error> {
        let step = acceptor.step(input)?;
        if step.established.is_none() {
            self.state = State::Bare(acceptor);
        }
        Ok(step)
    }
}

/// Whether a first token asks for the server's own ticket-granting ticket, for user-to-user
/// authentication (KERB-TGT-REQ, token identifier `04 00`). So Windows begins where it has no ticket
/// for the server, as recorded Windows 10 traffic shows; a service with keys has no such ticket, and
/// the next mechanism must do.
fn asks_for_ticket(token: &[u8]) -> bool {
    matches!(unframed(token), Ok(Some(([4, 0], _))))
}

/// The exchange of one mechanism.
struct Exchange {
    auth_type: AuthType,
    level: AuthLevel,
    progress: Progress,
    mic: MicExchange,
}

enum Progress {
    Running(Box<dyn crate::Acceptor>),
    Complete(Established),
}

impl Exchange {
    /// Takes a message of the client; the exchange comes back unless it is over. The first answer
    /// names the mechanism that was `chosen`.
    fn proceed(
        self,
        token: Option<&[u8]>,
        signature: Option<&[u8]>,
        chosen: Option<MechType>,
    ) -> Result<(Step, Option<Self>), Error> {
        let Self { auth_type, level, progress, mut mic } = self;
        let input = token.filter(|token| !token.is_empty());
        let (mut established, token) = match (progress, input) {
            (Progress::Running(mut acceptor), Some(input)) => {
                let Step { token, established } = acceptor.step(input)?;
                let Some(established) = established else {
                    if signature.is_some() {
                        return Err(Error::OutOfTurn("a mechListMIC"));
                    }
                    let step = reply(NegState::AcceptIncomplete, chosen, token.as_deref(), None)?;
                    let progress = Progress::Running(acceptor);
                    return Ok((step, Some(Self { auth_type, level, progress, mic })));
                };
                (established, token)
            }
            (Progress::Running(_), None) => return Err(Failure::NoToken(auth_type).into()),
            (Progress::Complete(established), None) => (established, None),
            (Progress::Complete(_), Some(_)) => {
                return Err(Error::OutOfTurn("a token of the mechanism after its last one"));
            }
        };

        let context = &mut *established.context;
        mic.demand_if(context.expects_mechanisms_signed());
        if !level.signs() && !context.can_sign_mechanisms() {
            // Samba's clients do so. Nobody on the way could be kept from changing what follows.
            mic.waive();
        }
        mic.verify(context, signature)?;
        if token.is_some() && mic.is_due() && !mic.is_verified() {
            // Ours was the last token of the mechanism, so we are to sign first.
            let signature = mic.sign(context)?;
            let state = NegState::AcceptIncomplete;
            let step = reply(state, chosen, token.as_deref(), signature.as_deref())?;
            let progress = Progress::Complete(established);
            return Ok((step, Some(Self { auth_type, level, progress, mic })));
        }
        mic.check()?;
        if mic.is_sent() {
            // Both have signed, and the client waits for nothing.
            return Ok((Step { token: None, established: Some(established) }, None));
        }
        let signature = if mic.is_verified() { mic.sign(context)? } else { None };
        let state = NegState::AcceptCompleted;
        let step = reply(state, chosen, token.as_deref(), signature.as_deref())?;
        Ok((Step { established: Some(established), ..step }, None))
    }
}

fn reply(
    state: NegState,
    chosen: Option<MechType>,
    token: Option<&[u8]>,
    mic: Option<&[u8]>,
) -> Result<Step, Error> {
    let message = NegTokenResp {
        state: Some(state),
        supported_mech: chosen,
        response_token: token,
        mech_list_mic: mic,
    };
    Ok(Step::reply(message.encode()?))
}
