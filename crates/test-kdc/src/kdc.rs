//! The KDC: whom a request is for, and what it is answered.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, SystemTime};

use futures_core::future::BoxFuture;
use winreach_kerberos::client::Clock;
use winreach_kerberos::crypto::{EncryptionType, Key};
use winreach_kerberos::messages::{
    AsReq, EncKdcRepPart, ErrorCode, KdcRep, KdcReq, Message as _, TgsReq,
};
use winreach_kerberos::transport::{KdcTransport, TransportError};

use crate::Realm;
use crate::refusal::Refusal;

/// The first bytes of AS-REQ and TGS-REQ.
const AS_REQ: u8 = 0x6A;
const TGS_REQ: u8 = 0x6C;

/// Changes something.
pub type Change<T> = Box<dyn Fn(&mut T) + Send + Sync>;

/// What a KDC that is not honest does to all of its answers.
pub enum Tamper {
    /// Changes what only the client can read of a ticket, before it is sealed.
    Part(Change<EncKdcRepPart>),
    /// Changes what stands around it.
    Reply(Change<KdcRep>),
    /// Changes the bytes of the answer, be it a ticket or a refusal.
    Bytes(Change<Vec<u8>>),
    /// Refuses with this code.
    Refusal(ErrorCode),
    /// Answers nothing.
    Silence,
}

/// The KDC of some realms. Clones are the same KDC.
#[derive(Clone)]
pub struct TestKdc {
    inner: Arc<Inner>,
    clock: Clock,
    /// How large an answer may be over UDP.
    pub(crate) udp_limit: usize,
}

struct Inner {
    realms: HashMap<String, Realm>,
    /// The keys that two realms share, by who issues tickets and who takes them.
    trusts: HashMap<(String, String), Key>,
    cookie: [u8; 16],
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    requests: Vec<Vec<u8>>,
    tamper: Option<Arc<Tamper>>,
}

impl TestKdc {
    /// The KDC of these realms.
    #[must_use]
    pub fn new(realms: impl IntoIterator<Item = Realm>) -> Self {
        let realms: HashMap<_, _> = realms.into_iter().map(|r| (r.name.clone(), r)).collect();
        let pairs = realms.values().flat_map(|realm| {
            realm.routes.values().map(|route| (realm.name.clone(), route.next.clone()))
        });
        let key = || Key::random(EncryptionType::Aes256CtsHmacSha1).unwrap();
        let trusts = pairs.map(|pair| (pair, key())).collect();
        let mut cookie = [0; 16];
        getrandom::fill(&mut cookie).unwrap();
        let inner = Inner { realms, trusts, cookie, state: Mutex::default() };
        Self { inner: Arc::new(inner), clock: Arc::new(SystemTime::now), udp_limit: usize::MAX }
    }

    /// Goes by another clock than the system's.
    #[must_use]
    pub fn with_clock(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }

    /// Sends no answers over UDP that are longer than this many bytes.
    #[must_use]
    pub fn with_udp_limit(self, udp_limit: usize) -> Self {
        Self { udp_limit, ..self }
    }

    /// Lies from now on.
    pub fn tamper(&self, tamper: Tamper) {
        self.state().tamper = Some(Arc::new(tamper));
    }

    /// Lies no more.
    pub fn be_honest(&self) {
        self.state().tamper = None;
    }

    /// All requests until now.
    #[must_use]
    pub fn requests(&self) -> Vec<Vec<u8>> {
        self.state().requests.clone()
    }

    /// How many AS-REQ have come.
    #[must_use]
    pub fn logons(&self) -> usize {
        self.count(AS_REQ)
    }

    /// How many TGS-REQ have come.
    #[must_use]
    pub fn ticket_requests(&self) -> usize {
        self.count(TGS_REQ)
    }

    fn count(&self, kind: u8) -> usize {
        self.state().requests.iter().filter(|request| request.first() == Some(&kind)).count()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.inner.state.lock().unwrap()
    }

    pub(crate) fn now(&self) -> SystemTime {
        (self.clock)()
    }

    pub(crate) fn cookie(&self) -> &[u8] {
        &self.inner.cookie
    }

    pub(crate) fn lie(&self) -> Option<Arc<Tamper>> {
        self.state().tamper.clone()
    }

    pub(crate) fn realms(&self) -> impl Iterator<Item = &Realm> {
        self.inner.realms.values()
    }

    pub(crate) fn realm(&self, name: &str) -> Option<&Realm> {
        self.inner.realms.get(name)
    }

    pub(crate) fn trust(&self, issuer: &str, taker: &str) -> Option<&Key> {
        self.inner.trusts.get(&(issuer.to_owned(), taker.to_owned()))
    }

    /// The answer to a request; none where the KDC is silent.
    #[must_use]
    pub fn answer(&self, request: &[u8]) -> Option<Vec<u8>> {
        self.state().requests.push(request.to_owned());
        let lie = self.lie();
        let (realm, answer) = match (lie.as_deref(), parse(request)) {
            (Some(Tamper::Silence), _) => return None,
            (Some(Tamper::Refusal(code)), _) => (String::new(), Err((*code).into())),
            (_, Err(refusal)) => (String::new(), Err(refusal)),
            (_, Ok((kind, request))) => {
                let name = request.req_body.realm.0.clone();
                let answer = match (self.realm(&name), kind) {
                    (None, _) => Err(ErrorCode::KDC_ERR_WRONG_REALM.into()),
                    (Some(realm), AS_REQ) => self.log_on(realm, request),
                    (Some(realm), _) => self.grant(realm, request),
                };
                (name, answer)
            }
        };
        let mut answer = answer.unwrap_or_else(|refusal: Refusal| refusal.answer(self, &realm));
        if let Some(Tamper::Bytes(change)) = lie.as_deref() {
            change(&mut answer);
        }
        Some(answer)
    }
}

fn parse(request: &[u8]) -> Result<(u8, KdcReq), Refusal> {
    match request.first() {
        Some(&AS_REQ) => Ok((AS_REQ, AsReq::parse(request)?.0)),
        Some(&TGS_REQ) => Ok((TGS_REQ, TgsReq::parse(request)?.0)),
        _ => Err(ErrorCode::KRB_AP_ERR_MSG_TYPE.into()),
    }
}

impl KdcTransport for TestKdc {
    fn exchange<'a>(
        &'a self,
        realm: &'a str,
        request: &'a [u8],
    ) -> BoxFuture<'a, Result<Vec<u8>, TransportError>> {
        Box::pin(async move {
            // As if it were far away: others get on meanwhile.
            tokio::task::yield_now().await;
            if self.realm(realm).is_none() {
                return Err(TransportError::NoKdc { realm: realm.to_owned(), looked: Vec::new() });
            }
            self.answer(request).ok_or_else(|| TransportError::Timeout {
                realm: realm.to_owned(),
                after: Duration::ZERO,
                attempts: Vec::new(),
            })
        })
    }
}

impl fmt::Debug for TestKdc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestKdc").field("realms", &self.inner.realms.keys()).finish_non_exhaustive()
    }
}
