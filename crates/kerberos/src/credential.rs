//! A ticket with what its client knows of it.

use std::time::Duration;

use crate::Principal;
use crate::credentials::ccache::Credential as CachedCredential;
use crate::crypto::{CryptoError, EncryptionType, Key};
use crate::error::Error;
use crate::messages::{
    EncKdcRepPart, EncryptionKey, KdcRep, KerberosFlags, KerberosString, KerberosTime, KrbCredInfo,
    MessageError, OpaqueTicket, PrincipalName, TicketFlags,
};

/// A ticket and the key that goes with it.
#[derive(Debug, Clone)]
pub struct Credential {
    /// Whose ticket it is.
    pub client: Principal,
    /// For which service.
    pub server: Principal,
    /// The key that both share; secret.
    pub key: Key,
    /// [`TicketFlags`].
    pub flags: KerberosFlags,
    /// When the client proved who it is.
    pub auth_time: KerberosTime,
    /// From when on it is good.
    pub start_time: KerberosTime,
    /// Until when.
    pub end_time: KerberosTime,
    /// Until when at most after renewals.
    pub renew_till: Option<KerberosTime>,
    /// The ticket.
    pub ticket: OpaqueTicket,
}

impl TryFrom<&CachedCredential> for Credential {
    type Error = Error;

    /// A ticket out of a credential cache.
    fn try_from(cached: &CachedCredential) -> Result<Self, Error> {
        let etype = EncryptionType::from_code(cached.key.etype)
            .ok_or(CryptoError::EncryptionType(cached.key.etype));
        let key = etype.and_then(|etype| Key::new(etype, &cached.key.bytes));
        let time = |seconds: u32| KerberosTime(seconds.into());
        Ok(Self {
            client: cached.client.clone(),
            server: cached.server.clone(),
            key: key.map_err(Error::crypto("reading a key in a credential cache"))?,
            flags: KerberosFlags(cached.ticket_flags),
            auth_time: time(cached.times.auth),
            start_time: time(match cached.times.start {
                0 => cached.times.auth,
                start => start,
            }),
            end_time: time(cached.times.end),
            renew_till: (cached.times.renew_till != 0).then(|| time(cached.times.renew_till)),
            ticket: OpaqueTicket::parse_whole("Ticket", &cached.ticket)?,
        })
    }
}

impl Credential {
    /// Whether the ticket is good for `leeway` longer than `now`.
    #[must_use]
    pub fn is_good_at(&self, now: KerberosTime, leeway: Duration) -> bool {
        now.plus(leeway) < self.end_time && !self.flags.contains(TicketFlags::INVALID)
    }

    /// What a KDC's answer, opened with `part`, gives.
    pub(crate) fn of(answer: KdcRep, part: &EncKdcRepPart, key: Key) -> Self {
        Self {
            client: answer.cname.in_realm(&answer.crealm),
            server: part.sname.in_realm(&part.srealm),
            key,
            flags: part.flags,
            auth_time: part.authtime,
            start_time: part.starttime.unwrap_or(part.authtime),
            end_time: part.endtime,
            renew_till: part.renew_till,
            ticket: answer.ticket,
        }
    }

    /// What goes with the ticket in a KRB-CRED.
    pub(crate) fn info(&self) -> Result<KrbCredInfo, MessageError> {
        Ok(KrbCredInfo {
            key: EncryptionKey::new(&self.key)?,
            prealm: Some(KerberosString(self.client.realm.clone())),
            pname: Some(PrincipalName::from(&self.client)),
            flags: Some(self.flags),
            authtime: Some(self.auth_time),
            starttime: Some(self.start_time),
            endtime: Some(self.end_time),
            renew_till: self.renew_till,
            srealm: Some(KerberosString(self.server.realm.clone())),
            sname: Some(PrincipalName::from(&self.server)),
            caddr: None,
        })
    }
}
