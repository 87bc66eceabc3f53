//! The client's side of a negotiation.

use std::mem;

use super::Failure;
use super::mechanism::Mechanism;
use super::messages::{MechTypes, NegState, NegTokenInit, NegTokenResp};
use super::mic::MicExchange;
use crate::{AuthType, Error, Established, LeftOut, Problem, Step};

/// One negotiation and the exchange of the mechanism that comes out of it.
///
/// Made by [`Source`](super::Source). It signs its offer whenever the mechanism can, and demands
/// the server's signature where the server chose anything but the first that was offered.
pub struct Initiator {
    mech_types: MechTypes,
    left_out: Option<LeftOut>,
    state: State,
}

/// A mechanism, by all its names, that may be begun.
pub(super) struct Offer {
    pub(super) mechanisms: &'static [Mechanism],
    pub(super) initiator: Box<dyn crate::Initiator>,
}

enum State {
    Start {
        first: Offer,
        others: Vec<Offer>,
    },
    /// The server is to choose.
    Offered {
        first: Exchange,
        first_names: &'static [Mechanism],
        first_token: Vec<u8>,
        others: Vec<Offer>,
    },
    Agreed(Exchange),
    Done,
}

impl Initiator {
    pub(super) fn new(
        first: Offer,
        others: Vec<Offer>,
        left_out: Option<LeftOut>,
    ) -> Result<Self, Error> {
        let names: Vec<Mechanism> = [&first]
            .into_iter()
            .chain(&others)
            .flat_map(|offer| offer.mechanisms)
            .copied()
            .collect();
        let mech_types = MechTypes::new(&names)?;
        Ok(Self { mech_types, left_out, state: State::Start { first, others } })
    }

    fn offer(&mut self, first: Offer, others: Vec<Offer>) -> Result<Step, Error> {
        let mic = MicExchange::new(self.mech_types.as_der(), false);
        let (exchange, token) = Exchange::begin(first.initiator, mic)?;
        let message = NegTokenInit {
            mech_types: self.mech_types.clone(),
            mech_token: Some(&token),
            hints: None,
            mech_list_mic: None,
        };
        let message = message.encode()?;
        let first_names = first.mechanisms;
        self.state = State::Offered { first: exchange, first_names, first_token: token, others };
        Ok(Step::reply(message))
    }

    /// The mechanism that the server chose, and where it stands in the list.
    fn chosen(&self, answer: &NegTokenResp<'_>, end: usize) -> Result<(usize, Mechanism), Error> {
        let chosen = answer.supported_mech.as_ref().ok_or(Error::Malformed {
            message: "NegTokenResp",
            field: "supportedMech",
            offset: end,
            problem: Problem::Missing,
        })?;
        let found = self.mech_types.iter().position(|offered| offered == chosen);
        found.zip(chosen.mechanism()).ok_or_else(|| Failure::NotOffered(chosen.to_string()).into())
    }

    fn go_on(&mut self, exchange: Exchange, answer: &NegTokenResp<'_>) -> Result<Step, Error> {
        let (step, exchange) = exchange.proceed(answer)?;
        self.state = exchange.map_or(State::Done, State::Agreed);
        Ok(step)
    }
}

impl crate::Initiator for Initiator {
    fn auth_type(&self) -> AuthType {
        AuthType::Spnego
    }

    fn step(&mut self, input: Option<&[u8]>) -> Result<Step, Error> {
        match (mem::replace(&mut self.state, State::Done), input) {
            (State::Start { first, others }, None) => self.offer(first, others),
            (State::Offered { mut first, first_names, first_token, others }, Some(input)) => {
                let answer = NegTokenResp::parse(input)?;
                if answer.state == Some(NegState::Reject) {
                    return Err(first.rejected(&answer));
                }
                let (index, mechanism) = self.chosen(&answer, input.len())?;
                if first_names.contains(&mechanism) {
                    first.mic.demand_if(index > 0);
                    let is_incomplete = answer.state != Some(NegState::AcceptCompleted);
                    if index > 0 && is_incomplete && first.is_running() && !has_token(&answer) {
                        // By its first name the server does not know it: the token was passed over.
                        self.state = State::Agreed(first);
                        return reply(NegState::AcceptIncomplete, Some(&first_token), None);
                    }
                    return self.go_on(first, &answer);
                }
                let offer = others.into_iter().find(|offer| offer.mechanisms.contains(&mechanism));
                let offer = offer.ok_or_else(|| Failure::NotOffered(mechanism.to_string()))?;
                let (exchange, token) = self.begin_afresh(offer, &answer)?;
                self.state = State::Agreed(exchange);
                reply(NegState::AcceptIncomplete, Some(&token), None)
            }
            (State::Agreed(exchange), Some(input)) => {
                let answer = NegTokenResp::parse(input)?;
                if answer.state == Some(NegState::Reject) {
                    return Err(exchange.rejected(&answer));
                }
                self.go_on(exchange, &answer)
            }
            (State::Done, _) => Err(Error::OutOfTurn("a token after the last one")),
            (_, _) => Err(Error::OutOfTurn("a token of the negotiation")),
        }
    }

    fn left_out(&self) -> Option<&LeftOut> {
        self.left_out.as_ref()
    }
}

impl Initiator {
    /// The exchange of a mechanism that was not the first, and its first token.
    fn begin_afresh(
        &self,
        offer: Offer,
        answer: &NegTokenResp<'_>,
    ) -> Result<(Exchange, Vec<u8>), Error> {
        if has_token(answer) || answer.mech_list_mic.is_some() {
            return Err(Error::OutOfTurn("a token of a mechanism that has not begun"));
        }
        let mic = MicExchange::new(self.mech_types.as_der(), true);
        let (exchange, token) = Exchange::begin(offer.initiator, mic)?;
        if answer.state == Some(NegState::AcceptCompleted) {
            return Err(Failure::CompletedEarly(exchange.auth_type).into());
        }
        Ok((exchange, token))
    }
}

/// The exchange of one mechanism.
struct Exchange {
    auth_type: AuthType,
    progress: Progress,
    mic: MicExchange,
}

enum Progress {
    Running(Box<dyn crate::Initiator>),
    Complete(Established),
}

impl Exchange {
    /// Takes the first leg of the mechanism.
    fn begin(
        mut initiator: Box<dyn crate::Initiator>,
        mic: MicExchange,
    ) -> Result<(Self, Vec<u8>), Error> {
        let auth_type = initiator.auth_type();
        let Step { token, established } = initiator.step(None)?;
        let progress = established.map_or(Progress::Running(initiator), Progress::Complete);
        let token = token.ok_or(Failure::NoToken(auth_type))?;
        Ok((Self { auth_type, progress, mic }, token))
    }

    fn is_running(&self) -> bool {
        matches!(self.progress, Progress::Running(_))
    }

    /// Why the server gave up: the mechanism may know.
    fn rejected(self, answer: &NegTokenResp<'_>) -> Error {
        match (self.progress, answer.response_token) {
            (Progress::Running(mut initiator), Some(token)) => initiator.step(Some(token)).err(),
            _ => None,
        }
        .unwrap_or(Failure::Rejected.into())
    }

    /// Takes an answer of the server; the exchange comes back unless it is over.
    fn proceed(mut self, answer: &NegTokenResp<'_>) -> Result<(Step, Option<Self>), Error> {
        let token = self.step(answer)?;
        let Self { auth_type, progress, mut mic } = self;
        let early = Failure::CompletedEarly(auth_type);
        mic.demand_if(answer.state == Some(NegState::RequestMic));

        let mut established = match progress {
            Progress::Complete(established) => established,
            Progress::Running(_) if answer.state == Some(NegState::AcceptCompleted) => {
                return Err(early.into());
            }
            Progress::Running(_) if answer.mech_list_mic.is_some() => {
                return Err(Error::OutOfTurn("a mechListMIC"));
            }
            Progress::Running(_) => {
                let token = token.ok_or(Failure::NoToken(auth_type))?;
                let step = reply(NegState::AcceptIncomplete, Some(&token), None)?;
                return Ok((step, Some(Self { auth_type, progress, mic })));
            }
        };

        let context = &mut *established.context;
        mic.verify(context, answer.mech_list_mic)?;
        if token.is_none() {
            // Whatever the server has to sign with, it has by now.
            mic.check()?;
        }
        let is_completed = match answer.state {
            Some(state) => state == NegState::AcceptCompleted,
            // The state of the mechanism is to tell (RFC 4178 section 4.2.2).
            None => token.is_none() && (mic.is_sent() || !mic.is_verified()),
        };
        if is_completed {
            return match token {
                Some(_) => Err(early.into()),
                None => Ok((Step { token: None, established: Some(established) }, None)),
            };
        }
        let signature = mic.sign(context)?;
        match (&token, &signature) {
            (None, None) => Err(Error::OutOfTurn("an answer that asks for more than there is")),
            // The server has signed already, and will say no more.
            (None, Some(signature)) if mic.is_verified() => {
                let Step { token, .. } = reply(NegState::AcceptCompleted, None, Some(signature))?;
                Ok((Step { token, established: Some(established) }, None))
            }
            _ => {
                let state = NegState::AcceptIncomplete;
                let step = reply(state, token.as_deref(), signature.as_deref())?;
                let progress = Progress::Complete(established);
                Ok((step, Some(Self { auth_type, progress, mic })))
            }
        }
    }

    /// Hands the server's token, if there is one, to the mechanism; what that has to answer.
    fn step(&mut self, answer: &NegTokenResp<'_>) -> Result<Option<Vec<u8>>, Error> {
        let input = answer.response_token.filter(|token| !token.is_empty());
        match (&mut self.progress, input) {
            (Progress::Running(initiator), Some(input)) => {
                let Step { token, established } = initiator.step(Some(input))?;
                if let Some(established) = established {
                    self.progress = Progress::Complete(established);
                }
                Ok(token)
            }
            (Progress::Running(_), None) => Err(match answer.state {
                Some(NegState::AcceptCompleted) => Failure::CompletedEarly(self.auth_type).into(),
                _ => Failure::NoToken(self.auth_type).into(),
            }),
            (Progress::Complete(_), None) => Ok(None),
            (Progress::Complete(_), Some(_)) => {
                Err(Error::OutOfTurn("a token of the mechanism after its last one"))
            }
        }
    }
}

fn has_token(answer: &NegTokenResp<'_>) -> bool {
    answer.response_token.is_some_and(|token| !token.is_empty())
}

fn reply(state: NegState, token: Option<&[u8]>, mic: Option<&[u8]>) -> Result<Step, Error> {
    let message = NegTokenResp {
        state: Some(state),
        supported_mech: None,
        response_token: token,
        mech_list_mic: mic,
    };
    Ok(Step::reply(message.encode()?))
}
