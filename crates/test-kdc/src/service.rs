//! The ticket-granting service (RFC 4120 section 3.3.3, RFC 6806 section 8).

use der::Encode as _;
use winreach_kerberos::Principal;
use winreach_kerberos::crypto::{ChecksumType, EncryptionType, Key, KeyUsage};
use winreach_kerberos::messages::{
    ApReq, Authenticator, EncTgsRepPart, EncTicketPart, EncryptedData, EncryptionKey, ErrorCode,
    KdcOptions, KdcReq, KdcReqBody, KerberosFlags, KerberosTime, Message as _, TgsRep, Ticket,
    TicketFlags, pa_type,
};

use crate::Realm;
use crate::issue::Grant;
use crate::kdc::TestKdc;
use crate::logon::{SKEW, find};
use crate::realm::granting;
use crate::refusal::Refusal;

/// The service of a ticket to be: its name, its key, the version of that, and what flags it brings.
struct Service {
    name: Principal,
    key: Key,
    kvno: u32,
    session: EncryptionType,
    trusted: bool,
}

impl TestKdc {
    /// Answers a TGS-REQ.
    pub(crate) fn grant(&self, realm: &Realm, request: KdcReq) -> Result<Vec<u8>, Refusal> {
        let body = request.req_body;
        let padata = request.padata.unwrap_or_default();
        let shown = find(&padata, pa_type::TGS_REQ).ok_or(ErrorCode::KDC_ERR_PADATA_TYPE_NOSUPP)?;
        let shown = ApReq::parse(shown)?;
        let ticket = self.open_granting(realm, shown.ticket.open()?)?;
        let session = ticket.key.to_key()?;
        let authenticator = shown.authenticator.open(&session, KeyUsage::TGS_REQ_AUTHENTICATOR)?;
        let authenticator = Authenticator::parse(&authenticator)?;
        self.check(&ticket, &session, &authenticator, &body)?;

        let service = self.service(realm, &body)?;
        let mut flags = KerberosFlags::default();
        let forwardable = ticket.flags.contains(TicketFlags::FORWARDABLE);
        if body.kdc_options.contains(KdcOptions::FORWARDED) {
            if !forwardable {
                return Err(ErrorCode::KDC_ERR_BADOPTION.into());
            }
            flags = flags.union(TicketFlags::FORWARDED);
        }
        if body.kdc_options.contains(KdcOptions::FORWARDABLE) && forwardable {
            flags = flags.union(TicketFlags::FORWARDABLE);
        }
        if service.trusted {
            flags = flags.union(TicketFlags::OK_AS_DELEGATE);
        }
        let client = ticket.cname.in_realm(&ticket.crealm);
        let home = self.realm(&client.realm);
        let grant = Grant {
            rights: home.and_then(|home| home.account(&client)).and_then(|a| a.rights.clone()),
            client,
            server: service.name,
            server_key: service.key,
            kvno: service.kvno,
            session: Some(service.session),
            flags,
            auth_time: ticket.authtime,
            end_time: body.till.min(ticket.endtime),
        };
        let subkey = authenticator.subkey.as_ref().map(EncryptionKey::to_key).transpose()?;
        let (key, usage) = match &subkey {
            Some(subkey) => (subkey, KeyUsage::TGS_REP_SUBKEY),
            None => (&session, KeyUsage::TGS_REP_SESSION_KEY),
        };
        let mut reply = self.reply(grant, body.nonce, |part| {
            Ok(EncryptedData::seal(key, usage, &EncTgsRepPart(part).to_bytes()?)?)
        })?;
        reply.msg_type = 13;
        Ok(TgsRep(reply).to_bytes()?)
    }

    /// Opens a ticket for the ticket-granting service of a realm, whoever issued it.
    fn open_granting(&self, realm: &Realm, ticket: Ticket) -> Result<EncTicketPart, Refusal> {
        let server = ticket.sname.in_realm(&ticket.realm);
        if server.ticket_granting_realm() != Some(&realm.name) {
            return Err(ErrorCode::KRB_AP_ERR_NOT_US.into());
        }
        let key = if server.realm == realm.name {
            realm.account(&server).and_then(|account| account.keys.first())
        } else {
            self.trust(&server.realm, &realm.name)
        };
        let part =
            ticket.enc_part.open(key.ok_or(ErrorCode::KRB_AP_ERR_NOKEY)?, KeyUsage::TICKET)?;
        Ok(EncTicketPart::parse(&part)?)
    }

    /// Whether the client has this ticket, asks this, and asks now.
    fn check(
        &self,
        ticket: &EncTicketPart,
        session: &Key,
        authenticator: &Authenticator,
        body: &KdcReqBody,
    ) -> Result<(), Refusal> {
        let now = KerberosTime::of(self.now());
        if ticket.endtime < now {
            return Err(ErrorCode::KRB_AP_ERR_TKT_EXPIRED.into());
        }
        if authenticator.ctime.0.abs_diff(now.0) > SKEW {
            return Err(ErrorCode::KRB_AP_ERR_SKEW.into());
        }
        if (&authenticator.cname, &authenticator.crealm) != (&ticket.cname, &ticket.crealm) {
            return Err(ErrorCode::KRB_AP_ERR_BADMATCH.into());
        }
        let sum = authenticator.cksum.as_ref().ok_or(ErrorCode::KRB_AP_ERR_INAPP_CKSUM)?;
        let kind = ChecksumType::from_code(sum.cksumtype);
        let kind = kind.ok_or(ErrorCode::KDC_ERR_SUMTYPE_NOSUPP)?;
        let usage = KeyUsage::TGS_REQ_AUTHENTICATOR_CHECKSUM;
        session
            .verify_checksum(kind, usage, &[&body.to_der()?], sum.checksum.as_bytes())
            .map_err(|_| ErrorCode::KRB_AP_ERR_MODIFIED.into())
    }

    /// What is asked for, or where to ask for it.
    fn service(&self, realm: &Realm, body: &KdcReqBody) -> Result<Service, Refusal> {
        let unknown = ErrorCode::KDC_ERR_S_PRINCIPAL_UNKNOWN;
        let name = body.sname.as_ref().ok_or(unknown)?.in_realm(&body.realm);
        if let Some(account) = realm.account(&name) {
            let session = account.choose(&body.etype).ok_or(ErrorCode::KDC_ERR_ETYPE_NOSUPP)?;
            let trusted = account.is_trusted_for_delegation;
            let key = account.keys.first().ok_or(ErrorCode::KDC_ERR_NULL_KEY)?.clone();
            return Ok(Service { name, key, kvno: account.kvno, session, trusted });
        }
        let target = name.components.get(1).ok_or(unknown)?;
        let route = realm.routes.get(target).ok_or(unknown)?;
        let is_referral = name.ticket_granting_realm() != Some(&route.next);
        if is_referral && !body.kdc_options.contains(KdcOptions::CANONICALIZE) {
            return Err(unknown.into());
        }
        let key = self.trust(&realm.name, &route.next).ok_or(unknown)?.clone();
        let session = key.etype();
        let name = granting(&route.next, &realm.name);
        Ok(Service { name, key, kvno: 1, session, trusted: route.delegates })
    }
}
