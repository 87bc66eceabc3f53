//! Association groups: the connections of one client process (`[MS-RPCE] 3.3.1.5.7`).

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The association groups of a server.
///
/// A group lives as long as one of its connections. Nothing in this crate is kept by group; the
/// number is given out because clients expect it and join by it.
#[derive(Debug, Default)]
pub struct Groups {
    table: Mutex<Table>,
}

#[derive(Debug, Default)]
struct Table {
    last: u32,
    groups: HashMap<u32, Group>,
}

#[derive(Debug)]
struct Group {
    peer: Option<IpAddr>,
    connections: usize,
}

/// A connection's place in a group; dropping it leaves the group.
#[derive(Debug)]
pub(super) struct Membership {
    groups: Arc<Groups>,
    pub(super) id: u32,
}

impl Groups {
    fn lock(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Joins the group `wanted`, if it exists and was made from the same address; otherwise makes a
    /// new one.
    pub(super) fn join(self: &Arc<Self>, wanted: u32, peer: Option<IpAddr>) -> Membership {
        let mut table = self.lock();
        let id = match table.groups.get_mut(&wanted) {
            Some(group) if group.peer == peer => {
                group.connections += 1;
                wanted
            }
            _ => {
                let id = table.free_id();
                table.groups.insert(id, Group { peer, connections: 1 });
                id
            }
        };
        Membership { groups: self.clone(), id }
    }
}

impl Table {
    /// A number that no group has; never 0, which asks for a new group.
    fn free_id(&mut self) -> u32 {
        loop {
            self.last = self.last.wrapping_add(1).max(1);
            if !self.groups.contains_key(&self.last) {
                return self.last;
            }
        }
    }
}

impl Drop for Membership {
    fn drop(&mut self) {
        let mut table = self.groups.lock();
        if let Some(group) = table.groups.get_mut(&self.id) {
            group.connections -= 1;
            if group.connections == 0 {
                table.groups.remove(&self.id);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_joined_from_its_own_address_and_ends_with_its_last_connection() {
        let groups = Arc::new(Groups::default());
        let ours = Some(IpAddr::from([192, 0, 2, 1]));
        let theirs = Some(IpAddr::from([192, 0, 2, 2]));
        let first = groups.join(0, ours);
        assert_ne!(first.id, 0);
        let second = groups.join(first.id, ours);
        assert_eq!(second.id, first.id);
        assert_ne!(groups.join(first.id, theirs).id, first.id);
        let id = first.id;
        drop((first, second));
        assert_ne!(groups.join(id, ours).id, id);
    }
}
