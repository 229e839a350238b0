//! The version that a body names, and the refusal when it is stale.

use serde_json::{Map, Value};

use crate::{
    options::Versions,
    platform::{call::Call, errors, options::MissingVersion},
    refusal::Checked,
    target::Target,
};

/// Where a body names the version, as a JSON Pointer.
pub(crate) const METADATA: &str = "/metadata/version";

/// The version at a place of a body; absent and `null` are none.
pub(crate) fn version_in(body: &Map<String, Value>, pointer: &str) -> Checked<Option<u64>> {
    let mut parts = pointer.split('/').skip(1);
    let first = parts.next().and_then(|name| body.get(name));
    let found = parts.fold(first, |value, name| value.and_then(|value| value.get(name)));
    match found {
        None | Some(Value::Null) => Ok(None),
        Some(value) => {
            let field = pointer.trim_start_matches('/').replace('/', ".");
            value.as_u64().map(Some).ok_or_else(|| errors::validation(field, "A version is a whole number"))
        }
    }
}

impl Target {
    /// Checks the version that a write names against the present one.
    pub(crate) fn check_version(&self, call: &Call, named: Option<u64>, current: u64) -> Checked<()> {
        match named {
            None => Err(self.version_missing()),
            Some(named) if named == current || self.options.versions == Versions::Ignored => Ok(()),
            Some(_) => Err(errors::stale(call.operation)),
        }
    }

    /// The refusal of a versioned write that names no version.
    pub(crate) fn version_missing(&self) -> Box<crate::refusal::Refusal> {
        match self.options.platform.missing_version {
            MissingVersion::Validation => errors::validation("metadata.version", "The version is required"),
            MissingVersion::BadRequest => errors::bad_request("The version is required"),
        }
    }

    /// Refuses a write to something locked.
    pub(crate) fn check_lock(&self, call: &Call, path: &str) -> Checked<()> {
        match self.locks.is_held(call.now, path) {
            true => Err(errors::conflict(call.operation)),
            false => Ok(()),
        }
    }
}
