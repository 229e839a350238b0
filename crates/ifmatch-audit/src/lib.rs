//! The tamper-evident log of one org: every leaf is chained to the one before it.
//!
//! Each intake and each transition of an intent appends one [`Leaf`], in the same commit as the
//! state that it explains. A leaf's bytes are hashed together with the hash before it, so a
//! [`Record`] (place, hash, leaf) cannot be changed, dropped, swapped or inserted without breaking
//! every hash after it.
//!
//! # The five types to know
//! - [`Leaf`]: one decision, as JSON in canonical form.
//! - [`ChainHash`]: the hash after a leaf; [`ChainHash::genesis`] stands before the first one.
//! - [`Chain`]: where the log of an org ends; appends leaves.
//! - [`Record`]: a leaf in its place with its hash; one line of `records.ndjson`.
//! - [`Checkpoint`]: how long the log was and its last hash; the file `checkpoint`.
//!
//! [`Verifier`] walks records and names the first bad one.
//!
//! # What is there, and what it proves
//! A linear hash chain. With the records and a checkpoint that was kept elsewhere, anybody can
//! check that nothing up to that checkpoint was touched. It does not prove a single leaf without
//! the whole log, because there is no Merkle tree over it. The chain alone says nothing about its
//! own end: somebody who can write the store can cut records off, or write the tail anew with
//! fresh hashes. A checkpoint outside the store shows both.

mod body;
mod checkpoint;
mod hash;
mod leaf;
mod record;
mod verify;

pub use body::{Body, Members};
pub use checkpoint::{Checkpoint, CheckpointError};
pub use hash::{ChainHash, ChainHashError, link};
pub use leaf::{Kind, Leaf, LeafError};
pub use record::{Chain, Record, RecordError};
pub use verify::{Fault, FaultKind, Verifier, verify_export};
