//! Tickets for services, for a ticket-granting ticket (RFC 4120 section 3.3, RFC 6806 section 8).

use std::time::{Duration, SystemTime};

use super::initial::pa_data;
use super::reply::{open, refusal, refused};
use super::{Options, Request};
use crate::Principal;
use crate::ap::authenticate;
use crate::credential::Credential;
use crate::crypto::KeyUsage;
use crate::error::{Asked, Error};
use crate::messages::{
    ApReq, Checksum, ErrorCode, KdcOptions, KdcReq, KdcReqBody, KerberosFlags, KerberosString,
    KerberosTime, KrbError, LooseU32, Message, MessageError, PrincipalName, TgsRep, TgsReq,
    TicketFlags, encode, pa_type,
};
use crate::random::random_u31;
use crate::time::seconds_ahead;

/// How many realms may stand between the client's and the service's.
const REALMS: usize = 10;

/// An exchange with ticket-granting services: with that of the client's realm, and with those that
/// it refers to.
#[derive(Debug)]
pub struct TgsExchange {
    server: Principal,
    /// Where to look when the realm that is asked first does not know the service.
    fallback_realm: Option<String>,
    /// The ticket for the service that is asked now.
    granting: Credential,
    /// The realms that were asked.
    realms: Vec<String>,
    /// Whether every realm on the way is trusted with delegated credentials.
    trusted_way: bool,
    options: Options,
    /// More than the options ask for.
    extra: KerberosFlags,
    nonce: u32,
}

impl TgsExchange {
    /// Asks for a ticket for `server`. Where its realm is empty, the realm of the ticket-granting
    /// ticket is asked, which may know better.
    #[must_use]
    pub fn new(granting: Credential, server: Principal, options: Options) -> Self {
        let realm = granting.server.ticket_granting_realm().unwrap_or(&granting.server.realm);
        Self {
            realms: vec![realm.to_owned()],
            server,
            trusted_way: true,
            fallback_realm: None,
            granting,
            options,
            extra: KerberosFlags::default(),
            nonce: 0,
        }
    }

    /// Looks in this realm for the service.
    #[must_use]
    pub fn in_realm(mut self, realm: impl Into<String>) -> Self {
        self.server.realm = realm.into();
        self
    }

    /// Looks in another realm for what the first one does not know.
    #[must_use]
    pub fn with_fallback_realm(mut self, realm: impl Into<String>) -> Self {
        self.fallback_realm = Some(realm.into());
        self
    }

    /// Asks for a forwarded ticket-granting ticket: one for a service that is to act in the client's
    /// name.
    ///
    /// # Errors
    /// When the client's own ticket is not forwardable.
    pub fn forwarded(granting: Credential, options: Options) -> Result<Self, Error> {
        if !granting.flags.contains(TicketFlags::FORWARDABLE) {
            return Err(Error::Delegation(format!(
                "the ticket of {} is not forwardable, as delegation needs it: get one with kinit -f, \
                 or set forwardable = true in krb5.conf",
                granting.client
            )));
        }
        let server = granting.server.clone();
        let mut exchange = Self::new(granting, server, options);
        exchange.extra = KdcOptions::FORWARDABLE.union(KdcOptions::FORWARDED);
        Ok(exchange)
    }

    /// The realm whose KDC is asked next.
    fn realm(&self) -> &str {
        self.realms.last().map_or("", String::as_str)
    }

    /// What is asked next: the service, or the way to its realm.
    fn wanted(&self) -> Principal {
        let here = self.realm();
        if self.server.realm.is_empty() || self.server.realm == here || self.is_granting_ticket() {
            Principal { realm: here.to_owned(), ..self.server.clone() }
        } else {
            Principal::ticket_granting(&self.server.realm, here)
        }
    }

    fn is_granting_ticket(&self) -> bool {
        self.server.ticket_granting_realm().is_some()
    }

    /// The next thing to send.
    ///
    /// # Errors
    /// When the ticket-granting ticket has expired.
    pub fn request(&mut self, now: SystemTime) -> Result<Request, Error> {
        if !self.granting.is_good_at(KerberosTime::of(now), Duration::ZERO) {
            return Err(Error::Expired {
                server: self.granting.server.clone(),
                seconds: seconds_ahead(self.granting.end_time, now).saturating_neg(),
            });
        }
        self.nonce = random_u31().map_err(Error::crypto("choosing a nonce"))?;
        let body = self.body(now);
        let covered = encode("KDC-REQ-BODY", &body)?;
        let key = &self.granting.key;
        let checksum = Checksum {
            cksumtype: key.etype().checksum_type().code(),
            checksum: der::asn1::OctetString::new(
                key.checksum(KeyUsage::TGS_REQ_AUTHENTICATOR_CHECKSUM, &[&covered]),
            )
            .map_err(|error| MessageError::new("Checksum", error))?,
        };
        let ap_req: ApReq = authenticate(
            &self.granting,
            KeyUsage::TGS_REQ_AUTHENTICATOR,
            KerberosFlags::default(),
            now,
            |authenticator| authenticator.cksum = Some(checksum),
        )?;
        let padata = vec![pa_data(pa_type::TGS_REQ, ap_req.to_bytes()?)?];
        let request = KdcReq { pvno: 5, msg_type: 12, padata: Some(padata), req_body: body };
        Ok(Request { realm: self.realm().to_owned(), bytes: TgsReq(request).to_bytes()? })
    }

    fn body(&self, now: SystemTime) -> KdcReqBody {
        let wanted = self.wanted();
        let mut kdc_options = self.extra;
        let mut set = |flag: KerberosFlags, wanted| {
            if wanted {
                kdc_options = kdc_options.union(flag);
            }
        };
        set(KdcOptions::CANONICALIZE, self.options.canonicalize);
        let forwardable = self.granting.flags.contains(TicketFlags::FORWARDABLE);
        set(KdcOptions::FORWARDABLE, self.options.forwardable && forwardable);
        let till = KerberosTime::of(now).plus(self.options.lifetime).min(self.granting.end_time);
        KdcReqBody {
            kdc_options,
            cname: None,
            realm: KerberosString(wanted.realm.clone()),
            sname: Some(PrincipalName::from(&wanted)),
            from: None,
            till,
            rtime: None,
            nonce: LooseU32(self.nonce),
            etype: self.options.etype_codes(),
            addresses: None,
            enc_authorization_data: None,
            additional_tickets: None,
        }
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
        let answer = TgsRep::parse(answer)?.0;
        if answer.cname.in_realm(&answer.crealm) != self.granting.client {
            return Err(Error::Mismatch("another client"));
        }
        let key = self.granting.key.clone();
        let wanted_types = &self.options.etypes;
        let credential =
            open(answer, &key, KeyUsage::TGS_REP_SESSION_KEY, self.nonce, wanted_types)?
                .map_err(Error::crypto("opening a ticket from the KDC"))?;
        let wanted = self.wanted();
        if credential.server.same_name_ignoring_case(&wanted) {
            return if self.is_the_service(&wanted) {
                self.check(credential).map(Some)
            } else {
                self.go_to(credential).map(|()| None)
            };
        }
        match credential.server.ticket_granting_realm() {
            Some(_) if self.options.canonicalize || wanted.ticket_granting_realm().is_some() => {
                self.go_to(credential).map(|()| None)
            }
            // A KDC may give a service another name than it was asked for under RFC 6806 section 6;
            // the ticket is then for whoever it says, and that is not who was asked for.
            _ => Err(Error::Mismatch("a ticket for another service")),
        }
    }

    fn is_the_service(&self, wanted: &Principal) -> bool {
        wanted.same_name_ignoring_case(&self.server)
    }

    /// A service in another realm is trusted with delegated credentials as far as the realms on the
    /// way are.
    fn check(&self, mut credential: Credential) -> Result<Credential, Error> {
        if !self.trusted_way {
            credential.flags = credential.flags.without(TicketFlags::OK_AS_DELEGATE);
        }
        if self.extra.contains(KdcOptions::FORWARDED)
            && !credential.flags.contains(TicketFlags::FORWARDED)
        {
            return Err(Error::Delegation("the KDC did not forward the ticket".to_owned()));
        }
        Ok(credential)
    }

    /// Goes on with the ticket-granting service of another realm.
    fn go_to(&mut self, granting: Credential) -> Result<(), Error> {
        let realm = granting.server.ticket_granting_realm().unwrap_or_default().to_owned();
        let known = self.realms.contains(&realm);
        self.realms.push(realm);
        if known || self.realms.len() > REALMS {
            return Err(Error::Referrals(std::mem::take(&mut self.realms)));
        }
        self.trusted_way &= granting.flags.contains(TicketFlags::OK_AS_DELEGATE);
        self.granting = granting;
        Ok(())
    }

    /// Goes on after a KRB-ERROR, where there is a way.
    fn refused(&mut self, error: KrbError, now: SystemTime) -> Result<(), Error> {
        let code = ErrorCode(error.error_code);
        if code == ErrorCode::KDC_ERR_S_PRINCIPAL_UNKNOWN
            && self.server.realm.is_empty()
            && let Some(fallback) = self.fallback_realm.take()
            && !self.realms.contains(&fallback)
        {
            self.server.realm = fallback;
            return Ok(());
        }
        if code == ErrorCode::KRB_AP_ERR_SKEW {
            return Err(Error::Skew {
                of: format!("the KDC of {}", self.realm()),
                seconds: seconds_ahead(error.stime, now).saturating_neg(),
            });
        }
        let asked = Principal { realm: String::new(), ..self.server.clone() };
        Err(refused(error, self.realm(), Asked::Ticket(asked)))
    }
}
