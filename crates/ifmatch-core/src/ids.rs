//! Names and numbers of things. All of them are given to the engine; it draws none.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// Names one intent: 128 bits, time-ordered when the caller draws a UUIDv7, printed as
/// `int_` and 26 letters of Crockford's Base32, for example `int_01JD4Q2N3V8Z6T0C5R7K9M1P2X`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IntentId(pub u128);

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// The place of each letter in the alphabet; 255 for what is none.
const DECODED: [u8; 256] = {
    let mut decoded = [255; 256];
    let mut place = 0;
    while place < 32 {
        decoded[ALPHABET[place as usize] as usize] = place;
        place += 1;
    }
    decoded
};

impl fmt::Display for IntentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let letter = |group: usize| ALPHABET[(self.0 >> (group * 5)) as usize & 31];
        let letters: [u8; 26] = std::array::from_fn(|at| letter(25 - at));
        f.write_str("int_")?;
        f.write_str(std::str::from_utf8(&letters).expect("the alphabet is ASCII"))
    }
}

impl fmt::Debug for IntentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A text that is no intent id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no intent id, which looks like int_01JD4Q2N3V8Z6T0C5R7K9M1P2X")]
pub struct IntentIdError(String);

impl FromStr for IntentId {
    type Err = IntentIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fail = || IntentIdError(text.chars().take(64).collect());
        let letters = text.strip_prefix("int_").ok_or_else(fail)?;
        if letters.len() != 26 {
            return Err(fail());
        }
        let mut id: u128 = 0;
        for (at, letter) in letters.bytes().enumerate() {
            let five = usize::from(DECODED[usize::from(letter.to_ascii_uppercase())]);
            if five > 31 {
                return Err(fail());
            }
            // 26 letters carry 130 bits, so the first one holds three.
            if at == 0 && five > 7 {
                return Err(fail());
            }
            id = (id << 5) | five as u128;
        }
        Ok(Self(id))
    }
}

impl Serialize for IntentId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for IntentId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(IdText)
    }
}

struct IdText;

impl serde::de::Visitor<'_> for IdText {
    type Value = IntentId;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an intent id")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<IntentId, E> {
        text.parse().map_err(E::custom)
    }
}

macro_rules! number {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub u64);
    };
}

number!(
    /// Numbers the exchanges with the target of one org, from 1, never used twice.
    AttemptId
);
number!(
    /// Numbers the commits of one engine since its start.
    CommitId
);
number!(
    /// Numbers the turns of one engine since its start.
    TurnId
);
number!(
    /// A caller's own number for a request that it waits for; the engine hands it back.
    Ticket
);

macro_rules! name {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.into())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

name!(
    /// The name of an org, as in the configuration.
    OrgName
);
name!(
    /// The name of a source, as in the configuration.
    SourceName
);

#[cfg(test)]
mod tests;
