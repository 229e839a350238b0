//! Files that are written a line at a time, and read after a crash at any byte.

/// How many bytes of what is left of such a file are whole lines. A last line without its end was being written when the process died:
/// it counts as never written, and is cut off before anything is appended.
#[must_use]
pub fn whole(bytes: &[u8]) -> usize {
    bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1)
}
