//! The guard of a write: which version it names, and whether that is the current one (sections 2 and 10).

use serde_json::{Map, Value};

use crate::{
    options::{EtagStyle, Options, Unversioned, Versions},
    refusal::{Checked, Refusal},
    rng::{hash, mix},
};

/// The three body spellings of a version.
pub(crate) const SPELLINGS: [&str; 3] = ["version", "resource_version", "entity_version"];

/// The versions that a write names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Named {
    /// `If-Match: *`.
    any: bool,
    /// The entity tags of `If-Match`, as sent.
    tags: Vec<String>,
    /// The version in the body.
    body: Option<u64>,
    /// Whether nobody looks at any of them.
    ignored: bool,
}

impl Named {
    /// The versions named by header and body. Refused: body spellings that differ, a version that is no integer, header and
    /// body that differ.
    pub(crate) fn read(if_match: Option<&str>, body: &Map<String, Value>, options: &Options) -> Checked<Self> {
        let mut named =
            Self { body: body_version(body)?, ignored: options.versions == Versions::Ignored, ..Self::default() };
        match if_match.map(str::trim) {
            Some("*") => named.any = true,
            Some(list) if options.etag != EtagStyle::Missing => named.tags = split_tags(list),
            _ => {}
        }
        if let Some(version) = named.body
            && options.etag != EtagStyle::Opaque
            && !named.tags.is_empty()
            && !named.tags.iter().any(|tag| tag_number(tag) == Some(version))
        {
            return Err(Refusal::new(400, "version_ambiguous", "If-Match and the version in the body differ"));
        }
        Ok(named)
    }

    /// Whether anything names a version or asks for existence only.
    pub(crate) fn is_given(&self) -> bool {
        self.any || !self.tags.is_empty() || self.body.is_some()
    }

    /// Whether `If-Match` carried a tag; decides between 412 and 409.
    pub(crate) fn by_header(&self) -> bool {
        !self.tags.is_empty()
    }

    /// 409 `version_required` where the API insists.
    pub(crate) fn require(&self, options: &Options) -> Checked<()> {
        if options.unversioned == Unversioned::HeaderRequired && !self.any && self.tags.is_empty() {
            let message = "This request must be conditional: If-Match is required";
            return Err(Refusal::new(428, "precondition_required", message));
        }
        if self.is_given() || options.unversioned == Unversioned::Accepted {
            return Ok(());
        }
        Err(Refusal::new(409, "version_required", "The version of the record is required"))
    }

    /// Whether what is named is current, or nobody looks. An unguarded write is.
    pub(crate) fn is_current(&self, version: u64, tag: Option<&str>) -> bool {
        let body = self.body.is_none_or(|named| named == version);
        let header = self.tags.is_empty() || self.tags.iter().any(|named| Some(named.as_str()) == tag);
        self.ignored || (body && header)
    }
}

/// The version that a body names.
pub(crate) fn body_version(body: &Map<String, Value>) -> Checked<Option<u64>> {
    let mut found = None;
    for spelling in SPELLINGS {
        let Some(value) = body.get(spelling).filter(|value| !value.is_null()) else {
            continue;
        };
        let Some(version) = value.as_u64() else {
            return Err(Refusal::field(spelling, "a version is a whole number"));
        };
        if found.is_some_and(|other| other != version) {
            return Err(Refusal::new(400, "version_ambiguous", "The versions in the body differ"));
        }
        found = Some(version);
    }
    Ok(found)
}

/// The entity tag of a version of a record, in the style of the scenario.
pub(crate) fn etag(options: &Options, path: &str, version: u64) -> Option<String> {
    match options.etag {
        EtagStyle::Strong => Some(format!("\"{version}\"")),
        EtagStyle::Weak => Some(format!("W/\"{version}\"")),
        EtagStyle::Missing => None,
        EtagStyle::Opaque => {
            Some(format!("\"{:016x}\"", mix(hash(path.as_bytes()) ^ version.wrapping_mul(0x9E37_79B9))))
        }
    }
}

fn split_tags(list: &str) -> Vec<String> {
    list.split(',').map(|tag| tag.trim().to_owned()).filter(|tag| !tag.is_empty()).collect()
}

fn tag_number(tag: &str) -> Option<u64> {
    tag.strip_prefix("W/").unwrap_or(tag).trim_matches('"').parse().ok()
}
