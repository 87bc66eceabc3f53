//! The authentication service (RFC 4120 section 3.1.2).

use der::asn1::OctetString;
use der::{Decode as _, Encode as _};
use winreach_kerberos::NameType;
use winreach_kerberos::crypto::{EncryptionType, KeyUsage};
use winreach_kerberos::messages::{
    AsRep, EncAsRepPart, EncryptedData, ErrorCode, EtypeInfo2, EtypeInfo2Entry, KdcOptions, KdcReq,
    KerberosString, KerberosTime, Message as _, MethodData, PaData, PaEncTsEnc, PrincipalName,
    TicketFlags, pa_type,
};

use crate::issue::Grant;
use crate::kdc::TestKdc;
use crate::refusal::Refusal;
use crate::{Account, Realm};

/// How far clocks may be apart, in seconds.
pub(crate) const SKEW: u64 = 300;

impl TestKdc {
    /// Answers an AS-REQ.
    pub(crate) fn log_on(&self, realm: &Realm, request: KdcReq) -> Result<Vec<u8>, Refusal> {
        let body = request.req_body;
        let padata = request.padata.unwrap_or_default();
        let asked = body.cname.ok_or(ErrorCode::KDC_ERR_C_PRINCIPAL_UNKNOWN)?;
        let account = self.client(realm, &asked)?;
        if account.is_disabled {
            return Err(ErrorCode::KDC_ERR_CLIENT_REVOKED.into());
        }
        let etype = account.choose(&body.etype).ok_or(ErrorCode::KDC_ERR_ETYPE_NOSUPP)?;
        let etype = match find(&padata, pa_type::ENC_TIMESTAMP) {
            Some(timestamp) => self.preauthenticate(account, timestamp, &padata)?,
            None if account.preauthenticates => {
                let methods = self.methods(realm, account, &body.etype);
                return Err(Refusal::with_data(ErrorCode::KDC_ERR_PREAUTH_REQUIRED, methods));
            }
            None => etype,
        };
        if account.is_expired {
            return Err(ErrorCode::KDC_ERR_KEY_EXPIRED.into());
        }
        let server = body.sname.ok_or(ErrorCode::KDC_ERR_S_PRINCIPAL_UNKNOWN)?;
        let server = server.in_realm(&body.realm);
        let service = realm.account(&server).ok_or(ErrorCode::KDC_ERR_S_PRINCIPAL_UNKNOWN)?;

        let canonicalize = body.kdc_options.contains(KdcOptions::CANONICALIZE);
        let client = if canonicalize { account.name.clone() } else { asked.in_realm(&body.realm) };
        let now = KerberosTime::of(self.now());
        let mut flags = TicketFlags::INITIAL;
        if body.kdc_options.contains(KdcOptions::FORWARDABLE) {
            flags = flags.union(TicketFlags::FORWARDABLE);
        }
        let grant = Grant {
            client,
            rights: account.rights.clone(),
            server,
            server_key: service.keys.first().ok_or(ErrorCode::KDC_ERR_NULL_KEY)?.clone(),
            kvno: service.kvno,
            session: body.etype.iter().find_map(|code| EncryptionType::from_code(*code)),
            flags,
            auth_time: now,
            end_time: body.till,
        };
        let key = account.key(etype).ok_or(ErrorCode::KDC_ERR_ETYPE_NOSUPP)?;
        let mut reply = self.reply(grant, body.nonce, |part| {
            let part = EncAsRepPart(part).to_bytes()?;
            Ok(EncryptedData::seal(key, KeyUsage::AS_REP, &part)?)
        })?;
        reply.msg_type = 11;
        reply.padata = Some(vec![info(realm, account, &[etype.code()])]);
        Ok(AsRep(reply).to_bytes()?)
    }

    /// Who asks.
    fn client<'a>(&self, realm: &'a Realm, name: &PrincipalName) -> Result<&'a Account, Refusal> {
        let unknown = || ErrorCode::KDC_ERR_C_PRINCIPAL_UNKNOWN.into();
        let [KerberosString(first), ..] = name.name_string.as_slice() else {
            return Err(unknown());
        };
        if name.name_type != NameType::ENTERPRISE.0 {
            let name = name.in_realm(&KerberosString(realm.name.clone()));
            return realm.account(&name).ok_or_else(unknown);
        }
        if let Some(account) = realm.account_of(first) {
            return Ok(account);
        }
        let home = self.realms().find(|other| other.account_of(first).is_some());
        Err(home.map_or_else(unknown, |home| Refusal::at_home_in(&home.name)))
    }

    /// Checks that the client knows its key, now; gives the type of that key.
    fn preauthenticate(
        &self,
        account: &Account,
        timestamp: &[u8],
        padata: &[PaData],
    ) -> Result<EncryptionType, Refusal> {
        if find(padata, pa_type::FX_COOKIE) != Some(self.cookie()) {
            return Err(Refusal::because(ErrorCode::KRB_ERR_GENERIC, "not the cookie"));
        }
        let sealed = EncryptedData::from_der(timestamp)?;
        let etype = EncryptionType::from_code(sealed.etype);
        let key = etype.and_then(|etype| account.key(etype));
        let key = key.ok_or(ErrorCode::KDC_ERR_ETYPE_NOSUPP)?;
        let opened = sealed.open(key, KeyUsage::PA_ENC_TIMESTAMP);
        let time = PaEncTsEnc::from_der(&opened.map_err(|_| ErrorCode::KDC_ERR_PREAUTH_FAILED)?)?;
        if time.patimestamp.0.abs_diff(KerberosTime::of(self.now()).0) > SKEW {
            return Err(ErrorCode::KRB_AP_ERR_SKEW.into());
        }
        Ok(key.etype())
    }

    /// How the client may show that it knows its key.
    fn methods(&self, realm: &Realm, account: &Account, wanted: &[i32]) -> Vec<u8> {
        let methods: MethodData = vec![
            info(realm, account, wanted),
            pa_data(pa_type::ENC_TIMESTAMP, Vec::new()),
            pa_data(pa_type::FX_COOKIE, self.cookie().to_vec()),
        ];
        methods.to_der().unwrap()
    }
}

/// ETYPE-INFO2: the types that were asked for and that the account has, and how to make its keys.
fn info(realm: &Realm, account: &Account, wanted: &[i32]) -> PaData {
    let etypes = wanted.iter().filter_map(|code| account.choose(&[*code]));
    let entries: EtypeInfo2 = etypes
        .map(|etype| EtypeInfo2Entry {
            etype: etype.code(),
            // RC4 knows no salt, [MS-KILE] 3.1.5.2.
            salt: (!etype.is_weak()).then(|| KerberosString(account.salt(&realm.name))),
            s2kparams: None,
        })
        .collect();
    pa_data(pa_type::ETYPE_INFO2, entries.to_der().unwrap())
}

fn pa_data(padata_type: i32, value: Vec<u8>) -> PaData {
    PaData { padata_type, padata_value: OctetString::new(value).unwrap() }
}

pub(crate) fn find(padata: &[PaData], kind: i32) -> Option<&[u8]> {
    padata.iter().find(|data| data.padata_type == kind).map(|data| data.padata_value.as_bytes())
}
