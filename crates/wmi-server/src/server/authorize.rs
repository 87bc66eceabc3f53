//! Whether somebody who proved who he is may come in.

use std::sync::Arc;

use winreach_auth::{Acceptor, AuthLevel, AuthType, Authenticator, Error, Identity, Step};

use crate::accounts::Admission;

/// Lets in from the callers of other authenticators only those who are on a list.
///
/// NTLM has shown with the caller's password that he has an account. All that Kerberos shows is that
/// a domain knows him.
pub(super) struct Authorize {
    authenticator: Arc<dyn Authenticator>,
    list: Arc<dyn Admission>,
}

impl Authorize {
    pub(super) fn new(authenticator: Arc<dyn Authenticator>, list: Arc<dyn Admission>) -> Self {
        Self { authenticator, list }
    }
}

impl Authenticator for Authorize {
    fn acceptor(&self, auth_type: AuthType, level: AuthLevel) -> Option<Box<dyn Acceptor>> {
        let acceptor = self.authenticator.acceptor(auth_type, level)?;
        Some(Box::new(Checked { acceptor, list: Arc::clone(&self.list) }))
    }
}

struct Checked {
    acceptor: Box<dyn Acceptor>,
    list: Arc<dyn Admission>,
}

impl Acceptor for Checked {
    fn step(&mut self, input: &[u8]) -> Result<Step, Error> {
        let step = self.acceptor.step(input)?;
        match &step.established {
            Some(established) if !self.may_come_in(&established.identity) => {
                Err(Error::NotAdmitted(established.identity.to_string()))
            }
            _ => Ok(step),
        }
    }
}

impl Checked {
    fn may_come_in(&self, caller: &Identity) -> bool {
        match caller.auth_type {
            // Its password is in the list.
            AuthType::Ntlm => true,
            // A principal without a realm or a name would pass for an account of the server's own.
            AuthType::Kerberos if !caller.domain.is_empty() && !caller.user.is_empty() => {
                self.list.admits(caller)
            }
            _ => false,
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use winreach_auth::{Established, Pdu, SecurityContext};

    use super::*;
    use crate::accounts::{AccountSet, Permit};

    /// Proves on the first leg that its caller is this one.
    pub(crate) struct Proven(pub(crate) Identity);

    impl Authenticator for Proven {
        fn acceptor(&self, _: AuthType, _: AuthLevel) -> Option<Box<dyn Acceptor>> {
            Some(Box::new(Self(self.0.clone())))
        }
    }

    impl Acceptor for Proven {
        fn step(&mut self, _: &[u8]) -> Result<Step, Error> {
            let identity = self.0.clone();
            let established = Established { context: Box::new(Bare), identity, mutual: true };
            Ok(Step { token: None, established: Some(established) })
        }
    }

    struct Bare;

    impl SecurityContext for Bare {
        fn token_len(&self, _: AuthLevel) -> usize {
            0
        }

        fn protect(&mut self, _: AuthLevel, _: Pdu<'_>, _: &mut [u8]) -> Result<(), Error> {
            Ok(())
        }

        fn unprotect(&mut self, _: AuthLevel, _: Pdu<'_>, _: &[u8]) -> Result<(), Error> {
            Ok(())
        }

        fn sign_mechanisms(&mut self, _: &[u8]) -> Result<Vec<u8>, Error> {
            Ok(Vec::new())
        }

        fn verify_mechanisms(&mut self, _: &[u8], _: &[u8]) -> Result<(), Error> {
            Ok(())
        }
    }

    /// What becomes of a proven caller where alice is listed.
    pub(crate) fn authorize(caller: Identity) -> Authorize {
        let mut list = AccountSet::new();
        list.permit(Permit::Principal("alice@EXAMPLE.COM".parse().unwrap()));
        Authorize::new(Arc::new(Proven(caller)), Arc::new(list))
    }

    fn outcome(auth_type: AuthType, user: &str) -> Option<Error> {
        let authorize = authorize(Identity::new(auth_type, "EXAMPLE.COM", user));
        let mut acceptor = authorize.acceptor(AuthType::Spnego, AuthLevel::Privacy).unwrap();
        acceptor.step(&[]).err()
    }

    #[test]
    fn who_is_proven_and_not_listed_is_refused_unless_he_has_a_password_here() {
        assert_eq!(outcome(AuthType::Kerberos, "alice"), None);
        let bob = Error::NotAdmitted("bob@EXAMPLE.COM".to_owned());
        assert_eq!(outcome(AuthType::Kerberos, "bob"), Some(bob));
        assert_eq!(outcome(AuthType::Ntlm, "bob"), None);
        assert!(outcome(AuthType::Netlogon, "bob").is_some());
    }
}
