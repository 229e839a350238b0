//! The findings by name, with the form of their values and what each means.

use serde_json::Value;

/// The form of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// One of these words.
    Word(&'static [&'static str]),
    /// `true` or `false`.
    Flag,
    /// A list of texts.
    Texts,
    /// An object; these members are whole numbers and must be there, others may be.
    Counts(&'static [&'static str]),
    /// A refusal: an object with a status, and what else was told.
    Refusal,
}

impl Form {
    /// Why a value is not of the form.
    pub(super) fn check(self, value: &Value) -> Result<(), String> {
        let fits = match self {
            Self::Word(words) => value.as_str().is_some_and(|word| words.contains(&word)),
            Self::Flag => value.is_boolean(),
            Self::Texts => value.as_array().is_some_and(|list| list.iter().all(Value::is_string)),
            Self::Counts(names) => names.iter().all(|name| value[*name].is_u64()),
            Self::Refusal => value["answer"] == "accepted" || value["status"].is_u64(),
        };
        if fits { Ok(()) } else { Err(format!("must be {}", self.said())) }
    }

    fn said(self) -> String {
        match self {
            Self::Word(words) => format!("one of {}", words.join(", ")),
            Self::Flag => "true or false".to_owned(),
            Self::Texts => "a list of texts".to_owned(),
            Self::Counts(names) => format!("an object with whole numbers in {}", names.join(", ")),
            Self::Refusal => "an object with a status, or with answer = \"accepted\"".to_owned(),
        }
    }
}

/// Name, form, and what it tells.
type Row = (&'static str, Form, &'static str);

/// All findings in the order in which they are shown; those of a kind first.
const TABLE: &[Row] = &[
    ("version_place", Form::Texts, "where a record tells its version"),
    ("version_tag", Form::Word(&["strong", "weak", "opaque", "none"]), "the entity tags of reads"),
    ("named_in", Form::Word(&["body", "header"]), "where a write must name its version"),
    ("guard", Form::Word(&["checked", "ignored"]), "whether a write from an older version is refused"),
    ("stale_answer", Form::Refusal, "what such a write answers"),
    ("stale_answer_by_tag", Form::Refusal, "the same where a tag names the version"),
    ("stale_upload", Form::Word(&["at_once", "later", "ignored"]), "when an upload from an older version is refused"),
    ("missing_version", Form::Refusal, "what a write without a version answers"),
    ("write_answer", Form::Word(&["record", "version", "nothing", "later"]), "what an accepted write answers with"),
    ("version_step", Form::Counts(&["least", "most", "writes"]), "by how much one write raised a version"),
    ("monotonic", Form::Flag, "whether versions only grew"),
    ("unchanged_write", Form::Word(&["keeps_version", "raises_version"]), "what a write of a record's own values does"),
    ("document_raised", Form::Flag, "whether a write of an agent raises the document's version"),
    ("batch", Form::Word(&["whole", "one_by_one", "ignored"]), "what one stale record does to a write of several"),
    ("old_versions", Form::Word(&["kept", "not_kept"]), "whether older versions can be read"),
    ("read_lag_ms", Form::Counts(&["at_least", "at_most", "writes"]), "how long reads did not show a write"),
    ("reads_go_back", Form::Flag, "whether a read showed less than an earlier one"),
    ("processing_ms", Form::Counts(&["at_least", "at_most", "writes"]), "how long an accepted write was processed"),
    ("lock_hold_ms", Form::Counts(&["at_least", "seen"]), "how long records were locked"),
    ("rate_window", Form::Counts(&["allowed", "seconds"]), "the window of requests"),
    ("rate_refusal", Form::Word(&["seconds", "date", "absent"]), "how a refusal says when to come back"),
    ("client_acts_as_user", Form::Flag, "whether client credentials act as a user"),
    ("jobs", Form::Word(&["at_once", "later", "both"]), "how a job that may be put off answered"),
    ("events", Form::Word(&["offered", "not_offered"]), "whether there is a feed of events"),
];

/// The form of a finding's value; `None` for an unknown name.
pub(super) fn form(name: &str) -> Option<Form> {
    TABLE.iter().find(|(known, ..)| *known == name).map(|(_, form, _)| *form)
}

/// What a finding tells, in a few words; empty for an unknown name.
#[must_use]
pub fn meaning(name: &str) -> &'static str {
    TABLE.iter().find(|(known, ..)| *known == name).map_or("", |(.., meaning)| meaning)
}

/// The place of a finding in the table.
pub(super) fn order(name: &str) -> usize {
    TABLE.iter().position(|(known, ..)| *known == name).unwrap_or(TABLE.len())
}
