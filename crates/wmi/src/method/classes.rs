//! The classes whose methods were called.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::time::Instant;
use winreach_ndr::Bstr;
use winreach_wmi_proto::services::GetObject;
use winreach_wmi_proto::{Flags, Slot};
use winreach_wmio::{ClassUnit, Unit};

use crate::error::Cause;
use crate::invoke::invoke;
use crate::session::Session;

/// A definition is fetched once for all the calls over one connection: a call then takes one round
/// trip.
#[derive(Debug, Default)]
pub(crate) struct Classes(Mutex<HashMap<String, Arc<ClassUnit>>>);

/// So many definitions are kept; beyond that the store starts anew.
const MOST: usize = 256;

impl Classes {
    fn known(&self, path: &str) -> Option<Arc<ClassUnit>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&key(path)).cloned()
    }

    fn keep(&self, path: &str, class: &Arc<ClassUnit>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(key(path), Arc::clone(class));
    }

    /// The server has another definition by now.
    pub(super) fn forget(&self, path: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&key(path));
    }
}

/// Paths compare without regard to case.
fn key(path: &str) -> String {
    path.to_lowercase()
}

/// The class at a path, with the layouts of its methods' parameters.
pub(super) async fn class(
    session: &Session,
    path: &str,
    deadline: Instant,
) -> Result<Arc<ClassUnit>, Cause> {
    if let Some(class) = session.classes.known(path) {
        return Ok(class);
    }
    let request = GetObject {
        path: Bstr::from(path),
        flags: Flags::empty(),
        context: None,
        object: Slot::Empty,
        call: Slot::Absent,
    };
    let object = invoke(&session.services, &request, deadline).await?.out.object.filled();
    let object = object.ok_or(Cause::Protocol("a success without an object"))?;
    match Unit::decode(&object.0)? {
        Unit::Class(class) => {
            let class = Arc::new(class);
            session.classes.keep(path, &class);
            Ok(class)
        }
        Unit::Instance(_) => Err(Cause::Protocol("an instance where a class was asked for")),
    }
}
