//! Files: lists of what happened, and whole states, from a folder or by `ifmatch sources send`.
//!
//! `docs/design/029-files.md` has the flow. The parts, in its order:
//!
//! - [`Arrivals`]: which file of a folder rests and may be taken.
//! - [`FileId`]: what makes a file the same file, and the keys of its rows.
//! - [`Rows`]: the rows of a file, one after another, whatever its length.
//! - [`Meaning`]: what a row wants.
//! - [`Said`] and [`Difference`]: what a source said last of a record, and what a whole state changes of it.
//! - [`Census`] and [`Guard`]: what a whole state comes to, and whether that is too much to believe.
//! - [`Account`]: every row with what became of it, and where to go on after a crash.
//!
//! All of it decides; a shell moves files, reads the store, and carries intents to the engine. Readers are handed in opened.

mod account;
mod arrivals;
mod census;
mod guard;
mod id;
mod meaning;
mod rows;
mod said;

pub use account::{Account, Entry, Head, Outcome, Resumed, Tail, line};
pub use arrivals::{Arrivals, Glimpse};
pub use census::{Census, Seen, Sighting, Standing};
pub use guard::{Guard, Held};
pub use id::FileId;
pub use meaning::{Meaning, ScheduleOf};
pub use rows::{Bounds, Format, Row, RowFault, Rows, RowsEnd, RowsError};
pub(crate) use said::expressed;
pub use said::{Difference, Said, record_of, scope_of};
