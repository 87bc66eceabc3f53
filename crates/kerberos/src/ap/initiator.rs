//! The client's side.

use std::time::SystemTime;

use super::Session;
use crate::credential::Credential;
use crate::crypto::{Key, KeyUsage};
use crate::error::Error;
use crate::messages::{
    ApOptions, ApRep, ApReq, Authenticator, EncApRepPart, EncKrbCredPart, EncryptedData,
    EncryptionKey, ErrorCode, GssChecksum, GssFlags, KerberosFlags, KerberosString, KrbCred,
    KrbError, LooseU32, Message, PrincipalName, framed, unframed,
};
use crate::protection::Role;
use crate::random::random_sequence;
use crate::time::Moment;

/// What a client asks of an exchange.
#[derive(Debug, Clone, Default)]
pub struct InitiatorOptions {
    /// What it asks for; [`GssFlags::MUTUAL`] is added where DCE style takes it, and
    /// [`GssFlags::DELEGATE`] where there is something to delegate.
    pub flags: GssFlags,
    /// The MD5 hash of the channel that the client is bound to.
    pub channel_bindings: Option<[u8; 16]>,
    /// A forwarded ticket-granting ticket, for a service that is to act in the client's name.
    pub delegation: Option<Credential>,
}

/// A client that has shown its ticket and waits for the service's proof.
#[derive(Debug)]
pub struct Initiator {
    credential: Credential,
    subkey: Key,
    sequence: u32,
    /// What the authenticator said.
    sent: Moment,
    flags: GssFlags,
}

impl Initiator {
    /// The first leg.
    ///
    /// # Errors
    /// When the system has no random bytes.
    pub fn start(
        credential: Credential,
        options: InitiatorOptions,
        now: SystemTime,
    ) -> Result<(Self, Vec<u8>), Error> {
        let mut flags = options.flags;
        if flags.contains(GssFlags::DCE_STYLE) {
            flags = flags.union(GssFlags::MUTUAL);
        }
        let delegation = options
            .delegation
            .map(|forwarded| {
                flags = flags.union(GssFlags::DELEGATE);
                deliver(&forwarded, &credential.key, now)
            })
            .transpose()?;
        let checksum = GssChecksum {
            channel_bindings: options.channel_bindings.unwrap_or_default(),
            flags,
            delegation,
        };
        let checksum = checksum.to_checksum()?;
        let subkey =
            Key::random(credential.key.etype()).map_err(Error::crypto("choosing a key"))?;
        let wire_subkey = EncryptionKey::new(&subkey)?;
        let sequence = random_sequence().map_err(Error::crypto("choosing a number"))?;
        let mut ap_options = KerberosFlags::default();
        if flags.contains(GssFlags::MUTUAL) {
            ap_options = ap_options.union(ApOptions::MUTUAL_REQUIRED);
        }
        let mut sent = Moment::of(now);
        let request = authenticate(
            &credential,
            KeyUsage::AP_REQ_AUTHENTICATOR,
            ap_options,
            now,
            |authenticator| {
                authenticator.cksum = Some(checksum);
                authenticator.subkey = Some(wire_subkey);
                authenticator.seq_number = Some(LooseU32(sequence));
                sent = Moment { time: authenticator.ctime, microseconds: authenticator.cusec };
            },
        )?;
        let bytes = request.to_bytes()?;
        let token =
            if flags.contains(GssFlags::DCE_STYLE) { bytes } else { framed([1, 0], &bytes)? };
        Ok((Self { credential, subkey, sequence, sent, flags }, token))
    }

    /// Whether the service has to answer; otherwise [`finish_alone`](Self::finish_alone) ends the
    /// exchange.
    #[must_use]
    pub fn is_mutual(&self) -> bool {
        self.flags.contains(GssFlags::MUTUAL)
    }

    /// The session without the service's proof.
    #[must_use]
    pub fn finish_alone(self) -> Session {
        Session {
            key: self.subkey,
            acceptor_subkey: false,
            role: Role::Initiator,
            send_sequence: self.sequence,
            // Where the service names no number of its own, MIT Kerberos takes the client's.
            receive_sequence: self.sequence,
        }
    }

    /// Takes the service's proof; gives the session and, in DCE style, the last leg.
    ///
    /// # Errors
    /// When the service refuses the ticket, or does not prove that it can read it.
    pub fn finish(
        self,
        token: &[u8],
        now: SystemTime,
    ) -> Result<(Session, Option<Vec<u8>>), Error> {
        let (identifier, message) = match unframed(token)? {
            Some((identifier, message)) => (Some(identifier), message),
            None => (None, token),
        };
        // Application tag 30.
        let is_error = message.first() == Some(&0x7E);
        if identifier.is_some_and(|id| id != if is_error { [3, 0] } else { [2, 0] }) {
            return Err(Error::Mismatch("a frame around something else than it says"));
        }
        if is_error {
            return Err(self.refused(KrbError::parse(message)?));
        }
        let key = &self.credential.key;
        let answer = ApRep::parse(message)?;
        let part = answer
            .enc_part
            .open(key, KeyUsage::AP_REP)
            .map_err(Error::crypto("opening the service's proof"))?;
        let part = EncApRepPart::parse(&part)?;
        if (part.ctime, part.cusec) != (self.sent.time, self.sent.microseconds) {
            return Err(Error::Mismatch("another time than the authenticator's"));
        }
        let receive_sequence = part.seq_number.map_or(0, |number| number.0);
        let theirs = part.subkey.as_ref().map(EncryptionKey::to_key).transpose();
        let theirs = theirs.map_err(Error::crypto("reading the service's key"))?;
        let acceptor_subkey = theirs.is_some();
        let last = if self.flags.contains(GssFlags::DCE_STYLE) {
            Some(third_leg(key, receive_sequence, now)?)
        } else {
            None
        };
        let session = Session {
            key: theirs.unwrap_or(self.subkey),
            acceptor_subkey,
            role: Role::Initiator,
            send_sequence: self.sequence,
            receive_sequence,
        };
        Ok((session, last))
    }

    fn refused(&self, error: KrbError) -> Error {
        let server = self.credential.server.clone();
        let code = ErrorCode(error.error_code);
        if code == ErrorCode::KRB_AP_ERR_SKEW {
            let (ours, theirs) = (self.sent.time.0.cast_signed(), error.stime.0.cast_signed());
            return Error::Skew { of: server.to_string(), seconds: ours.saturating_sub(theirs) };
        }
        Error::ServiceRefused { server, code, text: error.e_text.map(|text| text.0) }
    }
}

/// The client's own AP-REP: its present time, and the acceptor's number, under the key of the
/// ticket, as recorded Windows 10 traffic has it.
fn third_leg(key: &Key, sequence: u32, now: SystemTime) -> Result<Vec<u8>, Error> {
    let now = Moment::of(now);
    let part = EncApRepPart {
        ctime: now.time,
        cusec: now.microseconds,
        subkey: None,
        seq_number: Some(LooseU32(sequence)),
    };
    let enc_part = EncryptedData::seal(key, KeyUsage::AP_REP, &part.to_bytes()?)?;
    Ok(ApRep { pvno: 5, msg_type: 15, enc_part }.to_bytes()?)
}

/// An AP-REQ for a ticket, whose authenticator `fill` completes.
pub(crate) fn authenticate(
    credential: &Credential,
    usage: KeyUsage,
    ap_options: KerberosFlags,
    now: SystemTime,
    fill: impl FnOnce(&mut Authenticator),
) -> Result<ApReq, Error> {
    let now = Moment::of(now);
    let mut authenticator = Authenticator {
        authenticator_vno: 5,
        crealm: KerberosString(credential.client.realm.clone()),
        cname: PrincipalName::from(&credential.client),
        cksum: None,
        cusec: now.microseconds,
        ctime: now.time,
        subkey: None,
        seq_number: None,
        authorization_data: None,
    };
    fill(&mut authenticator);
    let authenticator = zeroize::Zeroizing::new(authenticator.to_bytes()?);
    let authenticator = EncryptedData::seal(&credential.key, usage, &authenticator)?;
    let ticket = credential.ticket.clone();
    Ok(ApReq { pvno: 5, msg_type: 14, ap_options, ticket, authenticator })
}

/// A KRB-CRED that hands a ticket and its key to the service.
fn deliver(forwarded: &Credential, key: &Key, now: SystemTime) -> Result<Vec<u8>, Error> {
    let now = Moment::of(now);
    let part = EncKrbCredPart {
        ticket_info: vec![forwarded.info()?],
        nonce: None,
        timestamp: Some(now.time),
        usec: Some(now.microseconds),
        s_address: None,
        r_address: None,
    };
    let part = zeroize::Zeroizing::new(part.to_bytes()?);
    let enc_part = EncryptedData::seal(key, KeyUsage::KRB_CRED, &part)?;
    let tickets = vec![forwarded.ticket.clone()];
    Ok(KrbCred { pvno: 5, msg_type: 22, tickets, enc_part }.to_bytes()?)
}
