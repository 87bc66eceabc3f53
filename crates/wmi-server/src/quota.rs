//! Shares of a resource: so many in all, so many for each holder.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

/// Counts what is taken of a resource.
#[derive(Debug)]
pub(crate) struct Quota<K> {
    most: usize,
    most_each: usize,
    taken: Mutex<Taken<K>>,
}

#[derive(Debug)]
struct Taken<K> {
    total: usize,
    by_holder: HashMap<K, usize>,
}

/// One piece of the resource; dropping it gives it back.
#[derive(Debug)]
pub(crate) struct Share<K: Eq + Hash> {
    quota: Arc<Quota<K>>,
    holder: K,
}

/// Which bound a request went beyond.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum Exceeded {
    /// That of all together.
    #[error("there are {0} in all, and no more are allowed")]
    Total(usize),
    /// That of each holder.
    #[error("there are {0} of the same holder, and no more are allowed")]
    Each(usize),
}

impl<K: Clone + Eq + Hash> Quota<K> {
    /// At most `most` in all, and at most `most_each` for each holder.
    pub(crate) fn new(most: usize, most_each: usize) -> Arc<Self> {
        let taken = Taken { total: 0, by_holder: HashMap::new() };
        Arc::new(Self { most, most_each, taken: Mutex::new(taken) })
    }

    /// Takes one, if there is one left.
    pub(crate) fn take(self: &Arc<Self>, holder: K) -> Result<Share<K>, Exceeded> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if taken.total >= self.most {
            return Err(Exceeded::Total(taken.total));
        }
        let count = taken.by_holder.get(&holder).copied().unwrap_or_default();
        if count >= self.most_each {
            return Err(Exceeded::Each(count));
        }
        taken.total += 1;
        taken.by_holder.insert(holder.clone(), count + 1);
        Ok(Share { quota: Arc::clone(self), holder })
    }
}

impl<K: Eq + Hash> Drop for Share<K> {
    fn drop(&mut self) {
        let mut taken = self.quota.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.total -= 1;
        if let Some(count) = taken.by_holder.get_mut(&self.holder) {
            *count -= 1;
            if *count == 0 {
                taken.by_holder.remove(&self.holder);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_bound_holds_and_what_is_given_back_can_be_taken_again() {
        let quota = Quota::new(3, 2);
        let first = quota.take('a').unwrap();
        let _second = quota.take('a').unwrap();
        assert_eq!(quota.take('a').unwrap_err(), Exceeded::Each(2));
        let third = quota.take('b').unwrap();
        assert_eq!(quota.take('b').unwrap_err(), Exceeded::Total(3));
        drop(first);
        let _fourth = quota.take('a').unwrap();
        drop(third);
        assert_eq!(
            quota.taken.lock().unwrap().by_holder.len(),
            1,
            "who holds nothing is forgotten"
        );
    }
}
