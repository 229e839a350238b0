//! The hash of the log up to a leaf.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;
use std::str::FromStr;

/// Separates the hash before the first leaf from every other use of SHA-256.
const GENESIS: &[u8] = b"ifmatch audit genesis v1\0";

/// Separates the hash of a link from every other use of SHA-256.
const LINK: &[u8] = b"ifmatch audit link v1\0";

/// The SHA-256 hash of the log up to a leaf, printed as `sha256:` and 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChainHash(pub [u8; 32]);

impl ChainHash {
    /// The hash before the first leaf of an org. It differs between orgs, so that no record fits
    /// into another org's log.
    #[must_use]
    pub fn genesis(org: &str) -> Self {
        Self(Sha256::new_with_prefix(GENESIS).chain_update(org).finalize().into())
    }
}

/// The hash after a leaf: over the hash before it, the leaf's length and its canonical bytes.
#[must_use]
pub fn link(previous: &ChainHash, leaf_bytes: &[u8]) -> ChainHash {
    let hash = Sha256::new_with_prefix(LINK)
        .chain_update(previous.0)
        .chain_update((leaf_bytes.len() as u64).to_be_bytes())
        .chain_update(leaf_bytes)
        .finalize();
    ChainHash(hash.into())
}

impl fmt::Display for ChainHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        f.write_str("sha256:")?;
        self.0.iter().try_for_each(|byte| {
            fmt::Write::write_char(f, char::from(DIGITS[usize::from(byte >> 4)]))?;
            fmt::Write::write_char(f, char::from(DIGITS[usize::from(byte & 15)]))
        })
    }
}

impl fmt::Debug for ChainHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A text that is no hash.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not sha256: and 64 hexadecimal digits in lower case")]
pub struct ChainHashError(String);

impl FromStr for ChainHash {
    type Err = ChainHashError;

    /// Takes exactly the printed form, so that one hash has one spelling.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digit = |letter: u8| match letter {
            b'0'..=b'9' => Some(letter - b'0'),
            b'a'..=b'f' => Some(letter - b'a' + 10),
            _ => None,
        };
        let parse = || {
            let hex = text.strip_prefix("sha256:")?.as_bytes();
            let mut bytes = [0; 32];
            if hex.len() != 64 {
                return None;
            }
            for (byte, pair) in bytes.iter_mut().zip(hex.chunks_exact(2)) {
                *byte = digit(pair[0])? << 4 | digit(pair[1])?;
            }
            Some(Self(bytes))
        };
        parse().ok_or_else(|| ChainHashError(text.chars().take(80).collect()))
    }
}

impl Serialize for ChainHash {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ChainHash {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
