//! What can go wrong with a store, by what the caller should do.

use ifmatch_core::{IntentId, OrgName, Resource, Transition};

/// Why a store did not do it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The store cannot be reached or written: disk full, no rights, connection lost. Try again
    /// later; the store goes on working when the cause is gone.
    #[error("the store is unavailable: {cause}")]
    Unavailable {
        /// The cause, as the store's machinery words it.
        cause: String,
    },
    /// A fact forbids it: the lease is lost, or the operation is about another org. Trying again
    /// does not help.
    #[error("the store refuses: {fact}")]
    Precondition {
        /// The fact.
        fact: String,
    },
    /// What is stored contradicts the caller or cannot be read. A person must look.
    #[error("the store is inconsistent: {table}.{column} of {row} must be {expected} and is {found}")]
    Inconsistent {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// The row, by the key that a person would look it up with.
        row: String,
        /// What was expected there.
        expected: String,
        /// What was found.
        found: String,
    },
}

impl StoreError {
    /// The store cannot be used at the moment.
    pub fn unavailable(cause: impl ToString) -> Self {
        Self::Unavailable { cause: cause.to_string() }
    }

    /// A stored value is not what it must be.
    pub fn inconsistent(
        table: &'static str,
        column: &'static str,
        row: impl ToString,
        expected: impl ToString,
        found: impl ToString,
    ) -> Self {
        let (row, expected, found) = (row.to_string(), expected.to_string(), found.to_string());
        Self::Inconsistent { table, column, row, expected, found }
    }

    /// The caller names an intent that is not stored.
    #[must_use]
    pub fn no_intent(id: IntentId) -> Self {
        Self::inconsistent("head", "id", id, "a stored intent", "nothing")
    }

    /// Refuses a resource of another org: no operation crosses orgs.
    ///
    /// # Errors
    /// The resource belongs to another org.
    pub fn same_org(org: &OrgName, resource: &Resource) -> Result<(), Self> {
        if resource.org == *org {
            return Ok(());
        }
        let fact = format!("the resource {resource} belongs to org {}, not to {org}", resource.org);
        Err(Self::Precondition { fact })
    }

    /// Refuses a transition that does not begin at the stored state, or does not end at its own.
    ///
    /// # Errors
    /// The transition does not fit the stored state.
    pub fn fits(transition: &Transition, stored: ifmatch_core::State) -> Result<(), Self> {
        let wrong = |expected, found| Err(Self::inconsistent("head", "state", transition.intent, expected, found));
        if transition.from != stored {
            return wrong(transition.from, stored);
        }
        if transition.to != transition.status.state {
            return wrong(transition.to, transition.status.state);
        }
        Ok(())
    }
}
