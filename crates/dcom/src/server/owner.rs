//! To whom references belong.

use winreach_auth::Identity;

/// An account, for comparison: names do not differ by case.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Owner {
    domain: String,
    user: String,
}

impl From<&Identity> for Owner {
    fn from(identity: &Identity) -> Self {
        Self { domain: identity.domain.to_lowercase(), user: identity.user.to_lowercase() }
    }
}
