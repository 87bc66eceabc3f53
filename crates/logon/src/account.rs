//! The principal behind an account.

use winreach_auth::Account;
use winreach_kerberos::credentials::Config;
use winreach_kerberos::{NameType, Principal};

use crate::LogonError;

/// How the realm of an account without one is said.
const SAY_REALM: &str = "write user@REALM, or set default_realm in krb5.conf";

/// The principal of an account.
///
/// * `user@realm` is a user of that realm where the configuration or the default realm says so, or
///   where nothing says otherwise. Beside a default realm that has another name it is a user
///   principal name, whose suffix need not be a realm: the default realm is asked for it (RFC 6806
///   section 5).
/// * `DOMAIN\user`: a DNS name is a realm; a NetBIOS name is looked for among the first labels of the
///   configured realms.
/// * `user`: of the default realm.
pub(crate) fn principal(account: &Account, config: &Config) -> Result<Principal, LogonError> {
    let default = config.libdefaults().default_realm.as_deref();
    let unknown = |why| LogonError::NoRealm(account.to_string(), why);
    match account {
        Account::Principal { user, realm } => Ok(match (known_realm(realm, config), default) {
            (Some(known), _) => Principal::new([user.as_str()], known),
            (None, Some(default)) => {
                Principal::new([format!("{user}@{realm}")], default).with_type(NameType::ENTERPRISE)
            }
            (None, None) => Principal::new([user.as_str()], realm.to_ascii_uppercase()),
        }),
        Account::Domain { domain, user } => {
            let realm = known_realm(domain, config)
                .map(str::to_owned)
                .or_else(|| domain.contains('.').then(|| domain.to_ascii_uppercase()))
                .or_else(|| realm_of_netbios_name(domain, config));
            let realm = realm.ok_or_else(|| unknown(SAY_REALM))?;
            Ok(Principal::new([user.as_str()], realm))
        }
        Account::Plain { user } => {
            let realm = default.ok_or_else(|| unknown(SAY_REALM))?;
            Ok(Principal::new([user.as_str()], realm))
        }
    }
}

/// The realms that the configuration knows, the default one first.
fn realms(config: &Config) -> impl Iterator<Item = &str> {
    let listed = config.profile().root().section("realms");
    let listed = listed.into_iter().flat_map(|section| section.sections().map(|(name, _)| name));
    config.libdefaults().default_realm.as_deref().into_iter().chain(listed)
}

fn known_realm<'a>(name: &str, config: &'a Config) -> Option<&'a str> {
    realms(config).find(|realm| realm.eq_ignore_ascii_case(name))
}

fn realm_of_netbios_name(domain: &str, config: &Config) -> Option<String> {
    let first_label = |realm: &&str| {
        realm.split('.').next().is_some_and(|label| label.eq_ignore_ascii_case(domain))
    };
    realms(config).find(first_label).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use winreach_kerberos::credentials::config::Profile;

    use super::*;

    const CORP: &str = "[libdefaults]\ndefault_realm = CORP.EXAMPLE\n[realms]\nLAB.TEST = {\n}\n";

    fn of(account: &str, config: &str) -> Result<String, LogonError> {
        let config = Config::new(Profile::parse("krb5.conf", config.as_bytes()).unwrap()).unwrap();
        principal(&Account::parse(account), &config).map(|principal| principal.to_string())
    }

    #[test]
    fn every_form_of_an_account_finds_its_realm() {
        assert_eq!(of("alice", CORP).unwrap(), "alice@CORP.EXAMPLE");
        assert_eq!(of("alice@lab.test", CORP).unwrap(), "alice@LAB.TEST");
        assert_eq!(of("alice@corp.example", CORP).unwrap(), "alice@CORP.EXAMPLE");
        assert_eq!(of(r"CORP\alice", CORP).unwrap(), "alice@CORP.EXAMPLE");
        assert_eq!(of(r"lab\alice", CORP).unwrap(), "alice@LAB.TEST");
        assert_eq!(of(r"other.example\alice", CORP).unwrap(), "alice@OTHER.EXAMPLE");
        assert_eq!(of("alice@else.example", "").unwrap(), "alice@ELSE.EXAMPLE");
    }

    #[test]
    fn a_suffix_that_is_no_known_realm_is_left_to_the_default_realm() {
        assert_eq!(of("alice@mail.example", CORP).unwrap(), r"alice\@mail.example@CORP.EXAMPLE");
    }

    #[test]
    fn an_account_without_a_realm_is_told_so() {
        assert!(matches!(of("alice", ""), Err(LogonError::NoRealm(..))));
        assert!(matches!(of(r"CORP\alice", ""), Err(LogonError::NoRealm(..))));
    }
}
