//! The privilege attribute certificate: what a domain controller says about a client's rights
//! (`[MS-PAC]`).
//!
//! It comes inside a ticket, and a signature with the service's key shows that a KDC made it.

mod logon;
mod read;

use crate::crypto::Key;
use crate::messages::{AuthorizationData, EncTicketPart, ad_type, parse};
use crate::{Principal, Sid};

pub use read::PacError;

/// What a verified certificate says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pac {
    /// The account's name and domain as the domain controller writes them, and its identifiers.
    /// Missing from KDCs that are no domain controllers, such as MIT's.
    pub logon: Option<Logon>,
}

/// An account and its groups (KERB_VALIDATION_INFO, `[MS-PAC] 2.5`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logon {
    /// The account's name.
    pub user: String,
    /// The NetBIOS name of its domain.
    pub domain: String,
    /// The identifier of the account.
    pub sid: Sid,
    /// The groups that it is in and that are enabled for it.
    pub groups: Vec<Sid>,
}

impl Pac {
    /// The certificate in a ticket, verified with the key that the ticket was opened with; nothing
    /// where the ticket holds none.
    ///
    /// # Errors
    /// When it is malformed, not signed with the key, or about another client.
    pub fn of_ticket(
        ticket: &EncTicketPart,
        client: &Principal,
        key: &Key,
    ) -> Result<Option<Self>, PacError> {
        let Some(data) = &ticket.authorization_data else { return Ok(None) };
        match find(data)? {
            Some(bytes) => read::read(&bytes, ticket, client, key).map(Some),
            None => Ok(None),
        }
    }
}

/// The certificate stands among the data that need not be understood.
fn find(data: &AuthorizationData) -> Result<Option<Vec<u8>>, PacError> {
    for datum in data.iter().filter(|datum| datum.ad_type == ad_type::IF_RELEVANT) {
        let inner: AuthorizationData = parse("AD-IF-RELEVANT", datum.ad_data.as_bytes())?;
        if let Some(pac) = inner.iter().find(|datum| datum.ad_type == ad_type::WIN2K_PAC) {
            return Ok(Some(pac.ad_data.as_bytes().to_vec()));
        }
    }
    Ok(None)
}
