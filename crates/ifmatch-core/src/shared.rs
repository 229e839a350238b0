//! A value that many hold and few change.

use serde::{Deserialize, Serialize};
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

/// A value that is copied when one of its holders changes it, and not before.
///
/// What is known of a resource and what became of an intent goes from the store to the engine, into a commit and back
/// into the store, and stays as it is on most of these ways. A holder reads it as if it were the value; the first change
/// through [`DerefMut`] makes it that holder's own. It is written and read as the value alone.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Shared<T>(Arc<T>);

impl<T> Shared<T> {
    /// A value with one holder.
    pub fn new(value: T) -> Self {
        Self(Arc::new(value))
    }
}

impl<T: Clone> Shared<T> {
    /// The value itself, copied where others hold it too.
    #[must_use]
    pub fn into_inner(self) -> T {
        Arc::unwrap_or_clone(self.0)
    }
}

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> From<T> for Shared<T> {
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

impl<T> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: Clone> DerefMut for Shared<T> {
    fn deref_mut(&mut self) -> &mut T {
        Arc::make_mut(&mut self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Shared;

    #[test]
    fn a_change_is_its_holders_own() {
        let stored = Shared::new(vec![1]);
        let mut held = stored.clone();
        held.push(2);
        assert_eq!((&*stored, &*held), (&vec![1], &vec![1, 2]));
    }

    #[test]
    fn the_only_holder_changes_it_in_place() {
        let mut held = Shared::new(vec![1]);
        let place = held.as_ptr();
        held[0] = 2;
        assert_eq!((held.as_ptr(), held.into_inner()), (place, vec![2]));
    }

    #[test]
    fn it_is_spelt_as_the_value() {
        let text = serde_json::to_string(&Shared::new("a".to_owned())).expect("text is JSON");
        let back: Shared<String> = serde_json::from_str(&text).expect("as it was written");
        assert_eq!((text.as_str(), back.as_str()), ("\"a\"", "a"));
    }
}
