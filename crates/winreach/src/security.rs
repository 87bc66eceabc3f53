//! What a command line and a moniker together ask of security.

use winreach_auth::{Account, AuthLevel, ImpersonationLevel};
use winreach_cim::moniker::{self, Authority, Security};
use winreach_logon::Mechanism;

use crate::arguments::{Auth, Impersonation, Level};
use crate::failure::Failure;

/// The level asked for on the command line, as it stands there; else by the moniker, else privacy.
///
/// Below integrity no server takes a call since the hardening of DCOM; Windows' client raises such a
/// level of a moniker, and so is it done here. Who asks for one on the command line wants to see
/// what happens.
pub(crate) fn level(argument: Option<Level>, security: &Security) -> AuthLevel {
    use moniker::AuthenticationLevel as Asked;
    match (argument, security.authentication) {
        (Some(Level::None), _) => AuthLevel::None,
        (Some(Level::Connect), _) => AuthLevel::Connect,
        (Some(Level::Call), _) => AuthLevel::Call,
        (Some(Level::Packet), _) => AuthLevel::Packet,
        (Some(Level::Integrity), _) => AuthLevel::Integrity,
        (Some(Level::Privacy), _) | (None, None | Some(Asked::Default | Asked::PktPrivacy)) => {
            AuthLevel::Privacy
        }
        (None, Some(_)) => AuthLevel::Integrity,
    }
}

/// What the server may do with the caller's identity: by the command line, else by the moniker.
/// WMI needs impersonation; less is sent as asked, and refused by the server.
pub(crate) fn impersonation(
    argument: Option<Impersonation>,
    security: &Security,
) -> ImpersonationLevel {
    use moniker::ImpersonationLevel as Asked;
    match (argument, security.impersonation) {
        (Some(Impersonation::Anonymous), _) | (None, Some(Asked::Anonymous)) => {
            ImpersonationLevel::Anonymous
        }
        (Some(Impersonation::Identify), _) | (None, Some(Asked::Identify)) => {
            ImpersonationLevel::Identify
        }
        (Some(Impersonation::Impersonate), _) | (None, None | Some(Asked::Impersonate)) => {
            ImpersonationLevel::Impersonate
        }
        (Some(Impersonation::Delegate), _) | (None, Some(Asked::Delegate)) => {
            ImpersonationLevel::Delegate
        }
    }
}

/// By what to prove who one is: by the command line, else by the moniker's authority.
pub(crate) fn mechanism(argument: Option<Auth>, security: &Security) -> Result<Mechanism, Failure> {
    let asked = match argument {
        Some(Auth::Negotiate) => Some(Mechanism::Negotiate),
        Some(Auth::Kerberos) => Some(Mechanism::Kerberos),
        Some(Auth::Ntlm) => Some(Mechanism::Ntlm),
        None => None,
    };
    let authority = match &security.authority {
        Some(Authority::Kerberos(_)) => Some(Mechanism::Kerberos),
        Some(Authority::NtlmDomain(_)) => Some(Mechanism::Ntlm),
        None => None,
    };
    match (asked, authority) {
        (Some(asked), Some(authority)) if asked != authority => Err(Failure::usage(
            "--auth asks for another mechanism than the moniker's authority \
             (WBEM_E_INVALID_PARAMETER, 0x80041008)",
        )),
        (asked, authority) => Ok(asked.or(authority).unwrap_or_default()),
    }
}

/// The principal that the target must prove to be: by the command line, else by the moniker's
/// authority.
pub(crate) fn service<'a>(
    argument: Option<&'a str>,
    security: &'a Security,
) -> Result<Option<&'a str>, Failure> {
    match (argument, &security.authority) {
        (Some(_), Some(Authority::Kerberos(_))) => Err(Failure::usage(
            "the target's principal stands both in --spn and in the moniker's authority",
        )),
        (None, Some(Authority::Kerberos(principal))) => Ok(Some(principal)),
        (argument, _) => Ok(argument),
    }
}

/// The user, in the domain that a moniker's authority names.
pub(crate) fn account(user: &str, security: &Security) -> Result<String, Failure> {
    match (&security.authority, Account::parse(user)) {
        (None | Some(Authority::Kerberos(_)), account) => Ok(account.to_string()),
        (Some(Authority::NtlmDomain(domain)), Account::Plain { user }) => {
            Ok(format!("{domain}\\{user}"))
        }
        (Some(Authority::NtlmDomain(_)), _) => Err(Failure::usage(
            "the domain stands both in --user and in the moniker's authority \
             (WBEM_E_INVALID_PARAMETER, 0x80041008)",
        )),
    }
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum;

    use super::*;

    fn security(text: &str) -> Security {
        format!(r"winmgmts:{{{text}}}!\\box\root").parse::<moniker::Moniker>().unwrap().security
    }

    #[test]
    fn privacy_is_the_default_and_weak_levels_of_a_moniker_are_raised() {
        let of = |text: &str| level(None, &security(text));
        assert_eq!(level(None, &Security::default()), AuthLevel::Privacy);
        assert_eq!(of("authenticationLevel=default"), AuthLevel::Privacy);
        assert_eq!(of("authenticationLevel=pktPrivacy"), AuthLevel::Privacy);
        assert_eq!(of("authenticationLevel=pktIntegrity"), AuthLevel::Integrity);
        for weak in ["none", "connect", "call", "pkt"] {
            assert_eq!(of(&format!("authenticationLevel={weak}")), AuthLevel::Integrity, "{weak}");
        }
    }

    #[test]
    fn the_command_line_has_its_way() {
        let names = ["none", "connect", "call", "packet", "integrity", "privacy"];
        for name in names {
            let argument = Some(Level::from_str(name, false).unwrap());
            for moniker in [Security::default(), security("authenticationLevel=pktIntegrity")] {
                assert_eq!(level(argument, &moniker).to_string(), name);
            }
        }
        let identify = security("impersonationLevel=identify");
        for name in ["anonymous", "identify", "impersonate", "delegate"] {
            let argument = Some(Impersonation::from_str(name, false).unwrap());
            for moniker in [&Security::default(), &identify] {
                assert_eq!(impersonation(argument, moniker).to_string(), name);
            }
        }
        assert_eq!(impersonation(None, &identify), ImpersonationLevel::Identify);
        assert_eq!(impersonation(None, &Security::default()), ImpersonationLevel::Impersonate);
    }

    #[test]
    fn a_domain_is_named_once() {
        let ntlm = security("authority=ntlmdomain:LAB");
        assert_eq!(account("alice", &ntlm).unwrap(), r"LAB\alice");
        assert!(account(r"OTHER\alice", &ntlm).is_err());
        assert!(account("alice@other", &ntlm).is_err());
        assert_eq!(account("alice@realm", &Security::default()).unwrap(), "alice@realm");
    }

    #[test]
    fn an_authority_asks_for_its_mechanism() {
        let kerberos = security("authority=kerberos:HOST/box");
        assert_eq!(account("alice", &kerberos).unwrap(), "alice");
        assert_eq!(mechanism(None, &kerberos).unwrap(), Mechanism::Kerberos);
        assert_eq!(service(None, &kerberos).unwrap(), Some("HOST/box"));
        assert!(service(Some("HOST/other"), &kerberos).is_err());
        assert!(mechanism(Some(Auth::Ntlm), &kerberos).is_err());
        let ntlm = security("authority=ntlmdomain:LAB");
        assert_eq!(mechanism(None, &ntlm).unwrap(), Mechanism::Ntlm);
        assert_eq!(mechanism(Some(Auth::Ntlm), &ntlm).unwrap(), Mechanism::Ntlm);
        assert!(mechanism(Some(Auth::Negotiate), &ntlm).is_err());
        assert_eq!(mechanism(None, &Security::default()).unwrap(), Mechanism::Negotiate);
    }
}
