//! JSON Patch (RFC 6902): all six operations, all or nothing.

use serde::Deserialize;
use serde_json::Value;

use crate::apply::array_index;
use crate::equal::json_equal;
use crate::pointer::Pointer;

#[cfg(test)]
mod tests;

/// Why a JSON Patch was not carried out; the document is unchanged then. `index` counts operations from 0.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatchError {
    /// The patch is not an array of operations.
    #[error("a JSON Patch is an array of operations")]
    NotAnArray,
    /// An operation lacks a member, has an unknown `op`, or a path that is no JSON Pointer.
    #[error("operation {index} is malformed: {reason}")]
    Malformed {
        /// Which operation.
        index: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// An operation names a place that the document does not have.
    #[error("operation {index}: nothing at \"{path}\"")]
    Missing {
        /// Which operation.
        index: usize,
        /// The place.
        path: Pointer,
    },
    /// A `test` found another value.
    #[error("operation {index}: the value at \"{path}\" is not the one tested for")]
    TestFailed {
        /// Which operation.
        index: usize,
        /// The place.
        path: Pointer,
    },
    /// A `move` would put a value into itself.
    #[error("operation {index}: \"{path}\" lies inside what is moved")]
    IntoItself {
        /// Which operation.
        index: usize,
        /// The place it would move to.
        path: Pointer,
    },
}

/// One operation as it is written; members that an operation does not define are ignored (RFC 6902 section 4).
#[derive(Deserialize)]
#[serde(tag = "op", rename_all = "lowercase")]
enum Operation {
    Add { path: Pointer, value: Value },
    Remove { path: Pointer },
    Replace { path: Pointer, value: Value },
    Move { from: Pointer, path: Pointer },
    Copy { from: Pointer, path: Pointer },
    Test { path: Pointer, value: Value },
}

/// Why one operation failed, before its index is known.
enum Failure {
    Missing(Pointer),
    TestFailed(Pointer),
    IntoItself(Pointer),
}

/// The document after a JSON Patch. Arrays are addressed by position, as RFC 6902 has it, whatever any schema says.
///
/// # Errors
/// [`PatchError`] names the first operation that cannot be carried out; nothing of the patch holds then.
pub fn json_patch(doc: &Value, ops: &Value) -> Result<Value, PatchError> {
    let ops = ops.as_array().ok_or(PatchError::NotAnArray)?;
    let mut result = doc.clone();
    for (index, op) in ops.iter().enumerate() {
        let op =
            Operation::deserialize(op).map_err(|error| PatchError::Malformed { index, reason: error.to_string() })?;
        perform(&mut result, op).map_err(|failure| match failure {
            Failure::Missing(path) => PatchError::Missing { index, path },
            Failure::TestFailed(path) => PatchError::TestFailed { index, path },
            Failure::IntoItself(path) => PatchError::IntoItself { index, path },
        })?;
    }
    Ok(result)
}

fn perform(doc: &mut Value, op: Operation) -> Result<(), Failure> {
    match op {
        Operation::Add { path, value } => add(doc, path, value),
        Operation::Remove { path } => remove(doc, path).map(|_| ()),
        Operation::Replace { path, value } => {
            *find(doc, path)? = value;
            Ok(())
        }
        Operation::Move { from, path } if from == path => find(doc, from).map(|_| ()),
        Operation::Move { from, path } if from.is_prefix_of(&path) => Err(Failure::IntoItself(path)),
        Operation::Move { from, path } => {
            let value = remove(doc, from)?;
            add(doc, path, value)
        }
        Operation::Copy { from, path } => {
            let value = find(doc, from)?.clone();
            add(doc, path, value)
        }
        Operation::Test { path, value } => {
            if json_equal(find(doc, path.clone())?, &value) {
                Ok(())
            } else {
                Err(Failure::TestFailed(path))
            }
        }
    }
}

fn find(doc: &mut Value, path: Pointer) -> Result<&mut Value, Failure> {
    doc.pointer_mut(path.as_str()).ok_or(Failure::Missing(path))
}

/// The container that holds a place, and the place's last segment; `None` at the root.
fn container<'v>(doc: &'v mut Value, path: &Pointer) -> Option<(&'v mut Value, String)> {
    let last = path.segments().next_back()?.into_owned();
    let container = doc.pointer_mut(path.parent()?.as_str())?;
    Some((container, last))
}

fn add(doc: &mut Value, path: Pointer, value: Value) -> Result<(), Failure> {
    if path.is_root() {
        *doc = value;
        return Ok(());
    }
    match container(doc, &path) {
        Some((Value::Object(members), name)) => {
            members.insert(name, value);
            Ok(())
        }
        Some((Value::Array(items), segment)) => {
            let index = if segment == "-" { Some(items.len()) } else { array_index(&segment) };
            match index.filter(|index| *index <= items.len()) {
                Some(index) => {
                    items.insert(index, value);
                    Ok(())
                }
                None => Err(Failure::Missing(path)),
            }
        }
        _ => Err(Failure::Missing(path)),
    }
}

fn remove(doc: &mut Value, path: Pointer) -> Result<Value, Failure> {
    if path.is_root() {
        return Ok(doc.take());
    }
    let removed = match container(doc, &path) {
        Some((Value::Object(members), name)) => members.remove(&name),
        Some((Value::Array(items), segment)) => {
            array_index(&segment).filter(|index| *index < items.len()).map(|index| items.remove(index))
        }
        _ => None,
    };
    removed.ok_or(Failure::Missing(path))
}
