//! The pure, deterministic three-way merge of JSON values.
//!
//! # Purpose
//! A source read a record (*base*), changed it (*local*), and meanwhile somebody else changed the same record in the
//! target (*remote*). [`merge`] combines both edits wherever they do not touch the same thing, and names every place
//! where they do. It never guesses: where both sides changed one value differently, the result keeps the remote side
//! and lists a [`Conflict`], unless a [`Policy`] named beforehand settles it, which is recorded as [`Resolved`].
//!
//! # The types to know
//! - [`Pointer`]: an address inside a document; elements of keyed lists are named by their key, never by position.
//! - [`Schema`]: which [`Strategy`] holds at which place. What it does not name: objects merge per member, scalars and
//!   arrays are atomic.
//! - [`Policies`]: what to do on a true conflict, per pointer, default [`Policy::Review`].
//! - [`IntervalNames`]: what makes an object an interval set, so that two sides may change different hours of it.
//! - [`Merged`]: the value, the conflicts, what a policy settled, and what the local side contributed.
//! - [`Change`]: one leaf of a difference; [`diff`], [`diff_members`], [`apply`] and [`patch_paths`] speak in it.
//!
//! # Contract
//! - Absence is distinct from `null`; numbers are equal by value (`1` is `1.0`); equal changes are no conflict.
//! - Delete against edit is a conflict at the path of what was deleted.
//! - `merge(b, x, b)` is `x`, `merge(b, b, y)` is `y`, `merge(b, x, x)` is `x`, for every schema and policy.
//! - Every list in the output is ordered by path; the same inputs give the same bytes.
//! - No clock, no randomness, no I/O, no panic on any JSON that `serde_json` reads. Limit: 50 µs for a document of
//!   10 KB; `benches/merge.rs` measures it, most of it is the copy that the result is.
//! - [`Strategy::Sum`] alone must not be merged twice: a base that is not moved after landing counts the addition again.
//!
//! Scalars and objects follow what the Internet-Draft "Deterministic Three-Way Merge for JSON Values"
//! (draft-jurkovikj-json-three-way-merge-00) sets out in its abstract: a restricted value domain, numbers by value,
//! explicit missing members, ordered structured conflicts. Its full text was not at hand, so no section is cited.
//! Differences by intent: integers are compared exactly instead of as binary64 (two record numbers above 2^53 must not
//! become equal); a value is returned beside the conflicts; arrays are allowed, atomic unless a strategy says otherwise.
//!
//! # Example
//! ```
//! use ifmatch_merge::{Policies, Schema, Sides, Strategy, merge};
//! use serde_json::json;
//!
//! let schema = Schema::new().rule("/shifts", Strategy::KeyedList { keys: vec!["id".into()] });
//! let base = json!({"shifts": [{"id": "a", "start": "08:00", "note": ""}]});
//! let local = json!({"shifts": [{"id": "a", "start": "09:00", "note": ""}]});
//! let remote = json!({"shifts": [{"id": "a", "start": "08:00", "note": "late bus"}]});
//! let sides = Sides { base: &base, local: &local, remote: &remote };
//! let merged = merge(&schema, &Policies::new(), "servicenow", &|_| None, sides);
//! assert_eq!(merged.value, json!({"shifts": [{"id": "a", "start": "09:00", "note": "late bus"}]}));
//! assert!(merged.conflicts.is_empty());
//! assert_eq!(merged.applied[0].path.as_str(), "/shifts/a/start");
//! ```
#![warn(missing_docs)]

mod apply;
mod change;
mod equal;
mod json_patch;
mod keyed;
mod merge;
mod outcome;
mod patch;
mod pointer;
mod policy;
mod schema;
mod sides;
mod timeline;

pub use apply::{apply, apply_to, get};
pub use change::{Change, diff, diff_member, diff_members};
pub use equal::{json_equal, same};
pub use json_patch::{PatchError, json_patch};
pub use merge::merge;
pub use outcome::{Conflict, Merged, Resolved, present};
pub use patch::{merge_patch, patch_paths};
pub use pointer::{Pointer, PointerError};
pub use policy::{Policies, Policy};
pub use schema::{Schema, Strategy};
pub use sides::Sides;
pub use timeline::{IntervalNames, Overriding, Stretch};
