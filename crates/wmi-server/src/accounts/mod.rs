//! Who may log on: a file of names and password hashes, apart from the machine's own accounts, and of
//! principals and groups of domains.
//!
//! * [`AccountSet`]: the accounts themselves, and their text form.
//! * [`Permit`]: who is let in because a domain vouches for him; [`Admission`] asks for it.
//! * [`AccountFile`]: the file they live in, changed as a whole or not at all.
//! * [`LiveAccounts`]: what a running server looks accounts up in; it follows changes of the file.
//!
//! Only NT hashes are kept: the proof of an NTLMv2 log-on is computed from them
//! (`[MS-NLMP] 3.3.2`), so that nothing weaker would do, and who reads one can log on with it.
//! Hence the file belongs to its owner alone.

mod file;
mod live;
mod name;
mod permit;
mod set;
mod text;

pub use file::{AccountFile, AccountFileError};
pub use live::LiveAccounts;
pub use name::{AccountName, AccountNameError};
pub use permit::{Admission, Permit, PrincipalName, PrincipalNameError};
pub use set::AccountSet;
pub use text::{AccountTextError, AccountTextProblem};

#[cfg(test)]
mod tests;
