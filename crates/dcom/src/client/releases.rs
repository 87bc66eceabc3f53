//! References that nobody needs any more, until they are given back.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::wire::rem_unknown::{InterfaceRefs, RemInterfaceRef};

/// How many interfaces one call gives back at most.
const MAX_INTERFACES: usize = 1000;

/// References to give back, collected so that one call does for many.
#[derive(Debug, Default)]
pub(crate) struct Releases {
    references: BTreeMap<Uuid, u32>,
}

impl Releases {
    /// References to an interface that are to be given back.
    pub(crate) fn add(&mut self, ipid: Uuid, references: u32) {
        let count = self.references.entry(ipid).or_default();
        *count = count.saturating_add(references);
    }

    /// What to give back in the next call.
    pub(crate) fn take(&mut self) -> Option<InterfaceRefs> {
        let references: Vec<RemInterfaceRef> = self
            .references
            .iter()
            .take(MAX_INTERFACES)
            .map(|(&ipid, &public_refs)| RemInterfaceRef { ipid, public_refs, private_refs: 0 })
            .collect();
        for reference in &references {
            self.references.remove(&reference.ipid);
        }
        (!references.is_empty()).then(|| InterfaceRefs { references: references.into() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_to_one_interface_add_up_and_many_interfaces_go_in_several_calls() {
        let mut releases = Releases::default();
        assert_eq!(releases.take(), None);
        (0..1500u128).for_each(|ipid| releases.add(Uuid::from_u128(ipid), 5));
        releases.add(Uuid::from_u128(0), 4);
        let first = releases.take().unwrap().references.0;
        assert_eq!((first.len(), first[0].public_refs, first[1].public_refs), (1000, 9, 5));
        assert_eq!(releases.take().unwrap().references.0.len(), 500);
        assert_eq!(releases.take(), None);
    }
}
