//! Tickets.

use std::time::Duration;

use der::Encode as _;
use der::asn1::OctetString;
use winreach_kerberos::crypto::{EncryptionType, Key, KeyUsage};
use winreach_kerberos::messages::{
    AuthorizationData, AuthorizationDatum, EncKdcRepPart, EncTicketPart, EncryptedData,
    EncryptionKey, ErrorCode, KdcRep, KerberosFlags, KerberosString, KerberosTime, LastReq,
    LooseU32, Message as _, OpaqueTicket, PrincipalName, Ticket, TicketFlags, TransitedEncoding,
    ad_type,
};
use winreach_kerberos::{Credential, Principal};

use crate::kdc::{Tamper, TestKdc};
use crate::pac::{self, Rights};
use crate::realm::granting;
use crate::refusal::Refusal;

/// How long a ticket is good at most.
const LIFETIME: Duration = Duration::from_secs(10 * 3600);

/// What a ticket is to say.
pub(crate) struct Grant {
    pub(crate) client: Principal,
    pub(crate) rights: Option<Rights>,
    pub(crate) server: Principal,
    pub(crate) server_key: Key,
    pub(crate) kvno: u32,
    /// The type of the session key; none where no type is in common.
    pub(crate) session: Option<EncryptionType>,
    pub(crate) flags: KerberosFlags,
    pub(crate) auth_time: KerberosTime,
    pub(crate) end_time: KerberosTime,
}

impl TestKdc {
    /// An answer that brings a ticket.
    pub(crate) fn reply(
        &self,
        grant: Grant,
        nonce: LooseU32,
        seal: impl FnOnce(EncKdcRepPart) -> Result<EncryptedData, Refusal>,
    ) -> Result<KdcRep, Refusal> {
        let lie = self.lie();
        let credential = self.issue(grant)?;
        let mut part = EncKdcRepPart {
            key: EncryptionKey::new(&credential.key)?,
            last_req: vec![LastReq { lr_type: 0, lr_value: credential.auth_time }],
            nonce,
            key_expiration: None,
            flags: credential.flags,
            authtime: credential.auth_time,
            starttime: Some(credential.start_time),
            endtime: credential.end_time,
            renew_till: None,
            srealm: KerberosString(credential.server.realm.clone()),
            sname: PrincipalName::from(&credential.server),
            caddr: None,
            encrypted_pa_data: None,
        };
        if let Some(Tamper::Part(change)) = lie.as_deref() {
            change(&mut part);
        }
        let mut reply = KdcRep {
            pvno: 5,
            msg_type: 0,
            padata: None,
            crealm: KerberosString(credential.client.realm.clone()),
            cname: PrincipalName::from(&credential.client),
            ticket: credential.ticket,
            enc_part: seal(part)?,
        };
        if let Some(Tamper::Reply(change)) = lie.as_deref() {
            change(&mut reply);
        }
        Ok(reply)
    }

    /// A ticket with what its client knows of it.
    fn issue(&self, grant: Grant) -> Result<Credential, Refusal> {
        let session = grant.session.ok_or(ErrorCode::KDC_ERR_ETYPE_NOSUPP)?;
        let key = Key::random(session)?;
        let now = KerberosTime::of(self.now());
        let part = EncTicketPart {
            flags: grant.flags,
            key: EncryptionKey::new(&key)?,
            crealm: KerberosString(grant.client.realm.clone()),
            cname: PrincipalName::from(&grant.client),
            transited: TransitedEncoding { tr_type: 1, contents: OctetString::new([])? },
            authtime: grant.auth_time,
            starttime: Some(now),
            endtime: grant.end_time.min(now.plus(LIFETIME)),
            renew_till: None,
            caddr: None,
            authorization_data: self.authorization_data(&grant)?,
        };
        let mut enc_part =
            EncryptedData::seal(&grant.server_key, KeyUsage::TICKET, &part.to_bytes()?)?;
        enc_part.kvno = Some(LooseU32(grant.kvno));
        let ticket = Ticket {
            tkt_vno: 5,
            realm: KerberosString(grant.server.realm.clone()),
            sname: PrincipalName::from(&grant.server),
            enc_part,
        };
        Ok(Credential {
            client: grant.client,
            server: grant.server,
            key,
            flags: part.flags,
            auth_time: part.authtime,
            start_time: now,
            end_time: part.endtime,
            renew_till: None,
            ticket: OpaqueTicket::parse_whole("Ticket", &ticket.to_bytes()?)?,
        })
    }

    fn authorization_data(&self, grant: &Grant) -> Result<Option<AuthorizationData>, Refusal> {
        let Some(rights) = &grant.rights else { return Ok(None) };
        let realm = &grant.server.realm;
        let kdc = self.realm(realm).and_then(|r| r.account(&granting(realm, realm)));
        let kdc =
            kdc.and_then(|account| account.keys.first()).ok_or(ErrorCode::KDC_ERR_NULL_KEY)?;
        let name = grant.client.components.join("/");
        let pac = pac::certificate(rights, &name, grant.auth_time, &grant.server_key, kdc);
        Ok(Some(pac::authorization_data(pac)))
    }

    /// A ticket of `client` for `service`, both with their realms, without any exchange.
    ///
    /// # Panics
    /// Where the KDC knows one of them not.
    #[must_use]
    pub fn credential(&self, client: &str, service: &str) -> Credential {
        let account = |name: &str| {
            let name: Principal = name.parse().unwrap();
            self.realm(&name.realm).and_then(|realm| realm.account(&name)).expect("an account")
        };
        let (client, service) = (account(client), account(service));
        let now = KerberosTime::of(self.now());
        let mut flags = TicketFlags::FORWARDABLE;
        if service.is_trusted_for_delegation {
            flags = flags.union(TicketFlags::OK_AS_DELEGATE);
        }
        let grant = Grant {
            client: client.name.clone(),
            rights: client.rights.clone(),
            server: service.name.clone(),
            server_key: service.keys.first().expect("a key").clone(),
            kvno: service.kvno,
            session: service.keys.first().map(Key::etype),
            flags,
            auth_time: now,
            end_time: now.plus(LIFETIME),
        };
        self.issue(grant).expect("a ticket")
    }
}

/// Authorization data that need not be understood.
pub(crate) fn if_relevant(ad_type: i32, data: Vec<u8>) -> AuthorizationData {
    let datum = |ad_type, data| {
        let ad_data = OctetString::new(data).unwrap();
        vec![AuthorizationDatum { ad_type, ad_data }]
    };
    datum(ad_type::IF_RELEVANT, datum(ad_type, data).to_der().unwrap())
}
