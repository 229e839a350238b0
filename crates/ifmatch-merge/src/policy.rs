//! What to do on a true conflict, per place.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::pointer::Pointer;

#[cfg(test)]
mod tests;

/// What to do where both sides changed one value differently and no strategy combines them.
///
/// Shape: `"review"`, `"remote-wins"`, `"local-wins"`, `"append"`, `"max"`, `"min"`, `{"priority": ["hr", "planner"]}`.
/// A policy that cannot be carried out on the values at hand (the maximum of two objects) leaves the conflict.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Policy {
    /// A person decides; the conflict is listed.
    #[default]
    Review,
    /// The target's value stays.
    RemoteWins,
    /// The source's value is written.
    LocalWins,
    /// Both sides' additions to a string or an array are kept.
    Append,
    /// The larger of two numbers or strings.
    Max,
    /// The smaller of two numbers or strings.
    Min,
    /// The writer that this list names first wins; a writer it does not name loses to one that it names.
    ///
    /// The conflict stays if it names neither, if both are the same, or if the remote writer is not known: the
    /// unknown one could be the very writer that comes first.
    Priority(Vec<String>),
}

/// Policies by place: the one with the longest matching pointer holds, `""` covers everything.
///
/// Shape: `{"": "remote-wins", "/comments": "append"}`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Policies(BTreeMap<Pointer, Policy>);

impl Policies {
    /// No policies: everything is [`Policy::Review`].
    pub fn new() -> Self {
        Self::default()
    }

    /// One policy for the whole document.
    pub fn all(policy: Policy) -> Self {
        Self::new().with(Pointer::root(), policy)
    }

    /// The same policies with this one added or replaced.
    #[must_use]
    pub fn with(mut self, at: Pointer, policy: Policy) -> Self {
        self.insert(at, policy);
        self
    }

    /// Adds or replaces the policy of one place.
    pub fn insert(&mut self, at: Pointer, policy: Policy) {
        self.0.insert(at, policy);
    }

    /// Whether nothing is named.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is named, in the order of the pointers.
    pub fn iter(&self) -> impl Iterator<Item = (&Pointer, &Policy)> {
        self.0.iter()
    }

    /// The policy named for this place, by the longest matching pointer; `None` if none matches.
    pub fn named_for(&self, path: &Pointer) -> Option<&Policy> {
        let mut matching = self.0.iter().filter(|(at, _)| at.is_prefix_of(path));
        // Matching pointers are prefixes of one path, so the last in order is the longest.
        matching.next_back().map(|(_, policy)| policy)
    }

    /// The policy that holds at this place, [`Policy::Review`] if none is named.
    pub fn policy_for(&self, path: &Pointer) -> &Policy {
        self.named_for(path).unwrap_or(&Policy::Review)
    }

    /// These policies where they name something, and `fallback` elsewhere: an intent's over its source's.
    ///
    /// A pointer of `fallback` at or below one of these is dropped.
    #[must_use]
    pub fn over(mut self, fallback: &Self) -> Self {
        let added: Vec<_> = fallback
            .iter()
            .filter(|(at, _)| self.named_for(at).is_none())
            .map(|(at, policy)| (at.clone(), policy.clone()))
            .collect();
        self.0.extend(added);
        self
    }
}

impl From<BTreeMap<Pointer, Policy>> for Policies {
    fn from(named: BTreeMap<Pointer, Policy>) -> Self {
        Self(named)
    }
}

impl FromIterator<(Pointer, Policy)> for Policies {
    fn from_iter<I: IntoIterator<Item = (Pointer, Policy)>>(named: I) -> Self {
        Self(named.into_iter().collect())
    }
}
