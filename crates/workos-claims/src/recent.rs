//! A small cache of results for the keys that were used last. A key is found by comparing all its bytes. The number
//! of entries and the total size of the keys are limited.

use std::ffi::{CStr, CString};

const MOST: usize = 64;
const MOST_BYTES: usize = 256 * 1024;

pub struct Recent<T> {
    /// The entry that was used last is the first.
    entries: Vec<Box<(CString, T)>>,
    bytes: usize,
}

impl<T> Recent<T> {
    pub const fn new() -> Recent<T> {
        Recent { entries: Vec::new(), bytes: 0 }
    }

    pub fn clear(&mut self) {
        *self = Recent::new();
    }

    /// The entry that was used last.
    #[inline]
    pub fn first(&mut self) -> Option<(&CStr, &mut T)> {
        self.entries.first_mut().map(|entry| (&*entry.0, &mut entry.1))
    }

    /// Moves the entry of this key to the front, if there is one.
    pub fn find(&mut self, key: &CStr) -> bool {
        let found = self.entries.iter().position(|entry| *entry.0 == *key);
        if let Some(at) = found {
            self.entries[..=at].rotate_right(1);
        }
        found.is_some()
    }

    /// Adds an entry at the front, and drops the entries that were not used for the longest time.
    pub fn add(&mut self, key: CString, value: T) {
        self.bytes += key.count_bytes();
        self.entries.insert(0, Box::new((key, value)));
        while self.entries.len() > MOST || (self.bytes > MOST_BYTES && self.entries.len() > 1) {
            let last = self.entries.pop();
            self.bytes -= last.map_or(0, |entry| entry.0.count_bytes());
        }
    }
}

impl<T> Default for Recent<T> {
    fn default() -> Recent<T> {
        Recent::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(n: usize, length: usize) -> CString {
        CString::new(format!("{n:length$}")).unwrap()
    }

    #[test]
    fn found_by_the_whole_key() {
        let mut recent = Recent::new();
        recent.add(key(1, 800), 1);
        recent.add(key(2, 800), 2);
        assert!(recent.find(&key(1, 800)));
        assert_eq!(recent.first(), Some((&*key(1, 800), &mut 1)));
        assert!(!recent.find(&key(3, 800)));
        assert!(!recent.find(&key(1, 799)));
        assert_eq!(recent.first().unwrap().1, &1);
        recent.clear();
        assert!(!recent.find(&key(1, 800)));
        assert_eq!(recent.first(), None);
    }

    #[test]
    fn bounded_in_number() {
        let mut recent = Recent::new();
        (0..MOST).for_each(|n| recent.add(key(n, 8), n));
        assert!(recent.find(&key(0, 8)), "used again");
        recent.add(key(MOST, 8), MOST);
        assert!(!recent.find(&key(1, 8)), "the one not used for the longest time is gone");
        assert!(recent.find(&key(0, 8)) && recent.find(&key(2, 8)) && recent.find(&key(MOST, 8)));
        assert_eq!(recent.entries.len(), MOST);
        assert_eq!(recent.bytes, MOST * 8);
    }

    #[test]
    fn bounded_in_bytes() {
        let mut recent = Recent::new();
        (0..40).for_each(|n| recent.add(key(n, 16 * 1024), n));
        assert_eq!(recent.entries.len(), 16);
        assert_eq!(recent.bytes, MOST_BYTES);
        recent.add(CString::new(vec![b'x'; MOST_BYTES + 1]).unwrap(), 99);
        assert_eq!(recent.entries.len(), 1, "one always has room");
        recent.add(key(1, 8), 1);
        assert_eq!((recent.entries.len(), recent.bytes), (1, 8));
    }
}
