//! The description of a kind of records: pure data, as it stands under `[[org.kind]]`.

use ifmatch_core::Class;
use ifmatch_merge::Strategy;
use serde::Deserialize;
use std::collections::BTreeMap;

/// One kind of records. What a preset says holds where the description says nothing.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Description {
    /// The kind's name; intents name it.
    pub name: String,
    /// Whose habits hold where nothing else is said; default none.
    pub preset: Option<Preset>,
    /// Where a record lies, `{id}` in it: `/api/now/table/u_review/{id}`. May be left out for `zendesk-ticket`.
    pub path: Option<String>,
    /// What every request for a record asks besides: `sysparm_exclude_reference_link=true`; default none.
    pub query: Option<String>,
    /// The top-level fields that may be written, each with its type.
    pub fields: BTreeMap<String, FieldType>,
    /// Top-level fields that never change once the record exists, each with its type; default none.
    #[serde(default)]
    pub identity: BTreeMap<String, FieldType>,
    /// The field that holds a record's id; default `id`.
    pub id: Option<String>,
    /// The method of a write; default `patch`.
    pub write: Option<WriteMethod>,
    /// What a write sends; default `record` for `put`, else `changes`.
    pub sends: Option<Sent>,
    /// The member that a request's record stands in, such as `ticket`; default none.
    pub wrap: Option<String>,
    /// Where an answer has the record, such as `/result`; default the answer is the record.
    pub record: Option<String>,
    /// Where the version is; default `etag`.
    pub version: Option<VersionPlace>,
    /// Further top-level fields that name the version, so that a pasted one proves nothing; default none.
    #[serde(default)]
    pub version_fields: Vec<String>,
    /// How a write names the version that it was made from; default `if-match` for a tag, else `none`.
    pub precondition: Option<PreconditionPlace>,
    /// How values are spelt; default `plain`.
    pub spelling: Option<Spelling>,
    /// Where a record says when it was changed; default nowhere.
    pub modified_at: Option<String>,
    /// Where a record says by whom; default nowhere.
    pub modified_by: Option<String>,
    /// How values merge, by place: `"/u_tags" = "append"`; default as JSON merges.
    #[serde(default)]
    pub merge: BTreeMap<String, Strategy>,
    /// The fields of the natural key; default none, and records are named by id only.
    #[serde(default)]
    pub key: Vec<String>,
    /// The field whose value tells a record of ours from another one with the same key; default none.
    pub mark: Option<String>,
    /// The request that looks for records of a key, with `{field}` for its values.
    pub lookup: Option<String>,
    /// Where the answer to that has its list, such as `/results`; default as `record`.
    pub records: Option<String>,
    /// Where records are created by POST; default nowhere.
    pub create: Option<String>,
    /// What refusals mean, looked at before the common table.
    #[serde(default)]
    pub errors: Vec<ErrorHint>,
    /// The headers that tell a budget; default none.
    pub rate: Option<RateHeaders>,
}

/// The habits of a family of APIs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Preset {
    /// A ServiceNow table by its Table API: counted, never guarded, everything is text.
    ServicenowTable,
    /// A Zendesk ticket: guarded by the time of its last update.
    ZendeskTicket,
    /// Plain JSON with `ETag` and `If-Match`.
    Etag,
}

/// What values a field has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FieldType {
    /// Text.
    Text,
    /// A number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// An instant; in text spelling `2026-10-25 00:59:59`, UTC.
    Instant,
    /// The id of another record; in text spelling also an object with that id as `value`.
    Reference,
    /// Any JSON, taken as it is.
    Json,
}

/// The method of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WriteMethod {
    /// PATCH.
    Patch,
    /// PUT.
    Put,
    /// POST.
    Post,
}

/// What a write sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sent {
    /// The fields that change, nested ones by merge patch (RFC 7396).
    Changes,
    /// Every writable field.
    Record,
}

/// Where the version of a record is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum VersionPlace {
    /// A number in the record that each change raises, also where it is written as text.
    Count(String),
    /// The time of the last change.
    Stamp(String),
    /// An opaque `ETag`.
    Etag,
    /// An `ETag` that is a number in quotes, which each change raises.
    EtagCount,
}

/// How a write names the version that it was made from.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PreconditionPlace {
    /// Not at all: the target lets every write through.
    None,
    /// In `If-Match`, byte for byte.
    IfMatch,
    /// In the body of the request.
    Body {
        /// Where, such as `/ticket/updated_stamp`.
        at: String,
        /// Where `true` has to stand beside it, such as `/ticket/safe_update`.
        flag: Option<String>,
    },
}

/// How values are spelt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Spelling {
    /// As JSON.
    Plain,
    /// As text: `"85"`, `"true"`, and the empty text for nothing.
    Text,
}

/// What a refusal means. What is given must hold.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorHint {
    /// Its status; default any.
    #[serde(default)]
    pub status: Vec<u16>,
    /// Where the body has its machine code; default any code in it.
    pub at: Option<String>,
    /// That code.
    pub code: Option<String>,
    /// Words of it, in any case.
    pub words: Option<String>,
    /// Its class.
    pub class: Class,
}

/// The headers of an answer that tell a budget: all three, or nothing is told.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateHeaders {
    /// Requests of a window.
    pub limit: String,
    /// What is left of them.
    pub remaining: String,
    /// When the window ends.
    pub reset: String,
    /// Whether that is an instant in seconds since 1970; default it is seconds from now.
    #[serde(default)]
    pub reset_is_instant: bool,
}

/// A description that makes no sense: where, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {reason}")]
pub struct DescriptionError {
    /// The field at fault, such as `path`.
    pub field: String,
    /// What is wrong with it.
    pub reason: String,
}

impl DescriptionError {
    pub(super) fn new(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { field: field.into(), reason: reason.into() }
    }
}
