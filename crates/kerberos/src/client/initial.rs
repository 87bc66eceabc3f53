//! The first ticket, for a password or a key (RFC 4120 section 3.1).

use std::time::SystemTime;

use der::asn1::OctetString;

use super::key::KeyHints;
use super::reply::{open, refusal, refused};
use super::{Options, Request, Secret};
use crate::credential::Credential;
use crate::crypto::{EncryptionType, Key, KeyUsage};
use crate::error::{Asked, Error};
use crate::messages::{
    AsRep, AsReq, EncryptedData, ErrorCode, KdcOptions, KdcRep, KdcReq, KdcReqBody, KerberosFlags,
    KerberosString, KerberosTime, KrbError, LooseU32, Message, MessageError, MethodData, PaData,
    PaEncTsEnc, PrincipalName, encode, pa_type, parse,
};
use crate::random::random_u31;
use crate::time::{Moment, ahead, seconds_ahead};
use crate::{NameType, Principal};

/// How often a KDC may ask for more, or send to another realm.
const ROUNDS: usize = 8;

/// An exchange with the authentication service.
#[derive(Debug)]
pub struct AsExchange {
    client: Principal,
    secret: Secret,
    options: Options,
    rounds: usize,
    nonce: u32,
    /// What the KDC has said about the client's key.
    hints: KeyHints,
    /// The key by which the client pre-authenticates, once the KDC has asked for that.
    key: Option<Key>,
    /// What the KDC wants to see again.
    cookie: Option<PaData>,
    /// By how many seconds the KDC's clock is ahead of ours, where that is too much.
    clock_offset: i64,
    realms: Vec<String>,
}

impl AsExchange {
    /// Asks for a ticket-granting ticket for `client`, whose realm must be known.
    #[must_use]
    pub fn new(client: Principal, secret: Secret, options: Options) -> Self {
        Self {
            realms: vec![client.realm.clone()],
            client,
            secret,
            options,
            rounds: 0,
            nonce: 0,
            hints: KeyHints::default(),
            key: None,
            cookie: None,
            clock_offset: 0,
        }
    }

    /// The next thing to send.
    ///
    /// # Errors
    /// When the KDC does not come to an end, or no key of this side would do.
    pub fn request(&mut self, now: SystemTime) -> Result<Request, Error> {
        self.rounds += 1;
        if self.rounds > ROUNDS {
            return Err(Error::Rounds(self.client.realm.clone()));
        }
        self.nonce = random_u31().map_err(Error::crypto("choosing a nonce"))?;
        let request = KdcReq {
            pvno: 5,
            msg_type: 10,
            padata: Some(self.padata(now)?),
            req_body: self.body(now)?,
        };
        Ok(Request { realm: self.client.realm.clone(), bytes: AsReq(request).to_bytes()? })
    }

    fn body(&self, now: SystemTime) -> Result<KdcReqBody, Error> {
        let mut kdc_options = KdcOptions::RENEWABLE_OK;
        let mut set = |flag: KerberosFlags, wanted| {
            if wanted {
                kdc_options = kdc_options.union(flag);
            }
        };
        set(KdcOptions::FORWARDABLE, self.options.forwardable);
        set(KdcOptions::CANONICALIZE, self.options.canonicalize || self.is_enterprise());
        let etypes = self.secret.etypes(&self.options.etypes);
        if etypes.is_empty() {
            return Err(self.no_key());
        }
        let realm = &self.client.realm;
        let now = KerberosTime::of(ahead(now, self.clock_offset));
        Ok(KdcReqBody {
            kdc_options,
            cname: Some(PrincipalName::from(&self.client)),
            realm: KerberosString(realm.clone()),
            sname: Some(PrincipalName::from(&Principal::ticket_granting(realm, realm))),
            from: None,
            till: now.plus(self.options.lifetime),
            rtime: None,
            nonce: LooseU32(self.nonce),
            // The session key may be of any type that this side takes; the client's key need not.
            etype: self.preferring(&etypes),
            addresses: None,
            enc_authorization_data: None,
            additional_tickets: None,
        })
    }

    /// The types that may be used, those of the client's own keys first.
    fn preferring(&self, own: &[EncryptionType]) -> Vec<i32> {
        let others = self.options.etypes.iter().filter(|etype| !own.contains(etype));
        own.iter().chain(others).map(|etype| etype.code()).collect()
    }

    fn padata(&self, now: SystemTime) -> Result<Vec<PaData>, Error> {
        let mut padata = Vec::new();
        if let Some(key) = &self.key {
            let now = Moment::of(ahead(now, self.clock_offset));
            let time = PaEncTsEnc { patimestamp: now.time, pausec: Some(now.microseconds) };
            let time = encode("PA-ENC-TS-ENC", &time)?;
            let sealed = EncryptedData::seal(key, KeyUsage::PA_ENC_TIMESTAMP, &time)?;
            padata.push(pa_data(pa_type::ENC_TIMESTAMP, encode("EncryptedData", &sealed)?)?);
        }
        padata.extend(self.cookie.clone());
        // KERB-PA-PAC-REQUEST { include-pac [0] BOOLEAN: true }, [MS-KILE] 2.2.3.
        padata.push(pa_data(pa_type::PAC_REQUEST, vec![0x30, 0x05, 0xA0, 0x03, 0x01, 0x01, 0xFF])?);
        Ok(padata)
    }

    /// Takes an answer; gives the ticket, or nothing where [`request`](Self::request) has more to
    /// send.
    ///
    /// # Errors
    /// When the KDC refuses, or its answer cannot be used.
    pub fn answer(&mut self, answer: &[u8], now: SystemTime) -> Result<Option<Credential>, Error> {
        if let Some(error) = refusal(answer)? {
            return self.refused(error, now).map(|()| None);
        }
        let answer = AsRep::parse(answer)?.0;
        self.take(answer, now).map(Some)
    }

    /// Goes on after a KRB-ERROR, where there is a way.
    fn refused(&mut self, error: KrbError, now: SystemTime) -> Result<(), Error> {
        match ErrorCode(error.error_code) {
            ErrorCode::KDC_ERR_PREAUTH_REQUIRED if self.key.is_none() => {
                let methods: MethodData = match &error.e_data {
                    Some(data) => parse("METHOD-DATA", data.as_bytes())?,
                    None => Vec::new(),
                };
                self.preauthenticate(&methods)?;
                self.follow_clock(&error, now)
            }
            // MIT KDCs ask so for another round with the cookie that they give.
            ErrorCode::KDC_ERR_PREAUTH_EXPIRED if self.key.is_some() => {
                self.cookie = None;
                self.key = None;
                Ok(())
            }
            ErrorCode::KDC_ERR_WRONG_REALM => self.change_realm(error),
            // A KDC that puts up with less than this side does, and was not followed yet.
            ErrorCode::KRB_AP_ERR_SKEW
                if self.options.follow_kdc_clock
                    && self.clock_offset == 0
                    && error.stime != KerberosTime::of(now) =>
            {
                self.clock_offset = seconds_ahead(error.stime, now);
                Ok(())
            }
            ErrorCode::KRB_AP_ERR_SKEW => Err(self.skew(error.stime, now)),
            _ => Err(self.refusal(error)),
        }
    }

    fn refusal(&self, error: KrbError) -> Error {
        refused(error, &self.client.realm, Asked::Logon(self.client.clone()))
    }

    /// Chooses the key that the KDC wants to see used.
    fn preauthenticate(&mut self, methods: &[PaData]) -> Result<(), Error> {
        let realm = || self.client.realm.clone();
        if !methods.iter().any(|method| method.padata_type == pa_type::ENC_TIMESTAMP) {
            let offered = methods.iter().map(|method| method.padata_type).collect();
            return Err(Error::Preauthentication { realm: realm(), offered });
        }
        let hints = KeyHints::of(methods)?;
        let own = self.secret.etypes(&self.options.etypes);
        let etype = hints.preferred(&own).ok_or_else(|| match &self.secret {
            Secret::Keys(_) => self.no_key(),
            Secret::Password(_) => self.nothing_in_common(),
        })?;
        self.key = Some(self.secret.key(etype, &self.client, &hints, &self.options)?);
        self.cookie =
            methods.iter().find(|method| method.padata_type == pa_type::FX_COOKIE).cloned();
        self.hints = hints;
        Ok(())
    }

    /// Reckons with the KDC's clock, or refuses to. Nothing protects the time in a KRB-ERROR: it is
    /// used for the one time stamp that the KDC wants to see, which is what MIT Kerberos does.
    fn follow_clock(&mut self, error: &KrbError, now: SystemTime) -> Result<(), Error> {
        if !self.is_far_from(error.stime, now) {
            return Ok(());
        }
        if !self.options.follow_kdc_clock {
            return Err(self.skew(error.stime, now));
        }
        self.clock_offset = seconds_ahead(error.stime, now);
        Ok(())
    }

    /// Whether the KDC's clock and ours are further apart than they may be.
    fn is_far_from(&self, theirs: KerberosTime, now: SystemTime) -> bool {
        seconds_ahead(theirs, now).unsigned_abs() > self.options.clock_skew.as_secs()
    }

    fn skew(&self, theirs: KerberosTime, now: SystemTime) -> Error {
        let of = format!("the KDC of {}", self.client.realm);
        Error::Skew { of, seconds: seconds_ahead(theirs, now).saturating_neg() }
    }

    /// Goes to the realm that the KDC sends us to (RFC 6806 section 7).
    fn change_realm(&mut self, error: KrbError) -> Result<(), Error> {
        let Some(realm) = error.crealm.as_ref().map(|realm| realm.0.clone()) else {
            return Err(self.refusal(error));
        };
        if !self.options.canonicalize && !self.is_enterprise() {
            return Err(self.refusal(error));
        }
        let known = self.realms.contains(&realm);
        self.realms.push(realm.clone());
        if known || realm.is_empty() {
            return Err(Error::Referrals(std::mem::take(&mut self.realms)));
        }
        self.client.realm = realm;
        self.clock_offset = 0;
        self.key = None;
        self.cookie = None;
        self.hints = KeyHints::default();
        Ok(())
    }

    /// Opens the ticket and checks that it is the one that was asked for.
    fn take(&self, answer: KdcRep, now: SystemTime) -> Result<Credential, Error> {
        let hints = KeyHints::of(answer.padata.as_deref().unwrap_or_default())?;
        let hints = if hints.is_empty() { &self.hints } else { &hints };
        let etype = EncryptionType::from_code(answer.enc_part.etype)
            .filter(|etype| self.options.etypes.contains(etype))
            .ok_or_else(|| self.nothing_in_common())?;
        let named = answer.cname.in_realm(&answer.crealm);
        if !self.options.canonicalize && !self.is_enterprise() && named != self.client {
            return Err(Error::Mismatch("another client"));
        }
        // A key by which the client has pre-authenticated is the right one.
        let proven = self.key.as_ref().filter(|key| key.etype() == etype);
        let key = match proven {
            Some(key) => key.clone(),
            None => self.secret.key(etype, &named, hints, &self.options)?,
        };
        let opened = open(answer, &key, KeyUsage::AS_REP, self.nonce, &self.options.etypes)?;
        let credential = opened.map_err(|error| match proven {
            Some(_) => Error::crypto("opening the KDC's answer")(error),
            None => Error::WrongPassword { client: self.client.clone() },
        })?;
        let realm = &self.client.realm;
        if credential
            .server
            .ticket_granting_realm()
            .is_none_or(|r| !r.eq_ignore_ascii_case(realm) && !self.options.canonicalize)
        {
            return Err(Error::Mismatch("another service than the ticket-granting one"));
        }
        self.check_clock(&credential, now)?;
        Ok(credential)
    }

    /// The answer is protected, and says what time it is.
    fn check_clock(&self, credential: &Credential, now: SystemTime) -> Result<(), Error> {
        if self.is_far_from(credential.auth_time, now) && !self.options.follow_kdc_clock {
            return Err(self.skew(credential.auth_time, now));
        }
        Ok(())
    }

    fn is_enterprise(&self) -> bool {
        self.client.name_type == NameType::ENTERPRISE
    }

    fn nothing_in_common(&self) -> Error {
        Error::EncryptionTypes {
            with: format!("the KDC of {}", self.client.realm),
            wanted: self.options.etypes.clone(),
        }
    }

    fn no_key(&self) -> Error {
        Error::NoKey { principal: self.client.clone(), wanted: self.options.etypes.clone() }
    }
}

/// One piece of pre-authentication data.
pub(super) fn pa_data(padata_type: i32, value: Vec<u8>) -> Result<PaData, MessageError> {
    let padata_value =
        OctetString::new(value).map_err(|error| MessageError::new("PA-DATA", error))?;
    Ok(PaData { padata_type, padata_value })
}
