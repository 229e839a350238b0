//! The scenario options: every point on which reports about the API contradict each other.
//!
//! The default of each is the first one that the specification names, or the lowest value of its range.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{platform::options::PlatformOptions, rng::Rng, silence::SilentRule};

/// Every setting of the emulated API. The sections named are those of the `wfm-v2` specification.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// Requests per client and window of 60 s; absent or 0 for no limit (section 1).
    pub rate_limit_per_minute: Option<u32>,
    /// Requests per client, endpoint family and window; families `scores`, `shifts`, `schedules`, `publish`, `recordings`.
    pub family_limits: BTreeMap<String, u32>,
    /// How a 429 says when to come back.
    pub retry_after: RetryAfter,
    /// Life of an access token in seconds.
    pub token_seconds: u32,
    /// Each write raises a version by 1 to this many (section 2; 1 to 5).
    pub version_step_max: u64,
    /// The entity tags.
    pub etag: EtagStyle,
    /// What a write that names no version gets.
    pub unversioned: Unversioned,
    /// Whether the version that a write names is looked at.
    pub versions: Versions,
    /// Whether a score or a trade can be read as it was at a version, with `?version=`.
    pub old_versions: OldVersions,
    /// How a stale write is refused.
    pub stale: StaleStatus,
    /// The text of a stale refusal (section 7).
    pub stale_text: StaleText,
    /// What a stale refusal tells about the current record.
    pub current_in_refusal: CurrentInRefusal,
    /// Whether a stale refusal carries the current `ETag`.
    pub etag_in_refusal: bool,
    /// A score posted with its natural key and a version, but no id (section 3).
    pub keyed_score_post: KeyedScorePost,
    /// A score created again with the same content (section 10).
    pub same_score_again: SameScoreAgain,
    /// Milliseconds from an approval to the exchange of the shifts (section 4; 0 to 30,000).
    pub exchange_ms: i64,
    /// What a write to one agent raises (section 5).
    pub agent_write_raises: AgentWriteRaises,
    /// Whether a change of availability alone raises `draft_revision`.
    pub availability_raises_draft: bool,
    /// What one refused agent does to a write of several.
    pub refused_agent: RefusedAgent,
    /// Minimum rest between two shifts, in minutes (0 to 660).
    pub rest_minutes_min: i64,
    /// The text of a lock's refusal.
    pub lock_text: LockText,
    /// Whether a lock's refusal names the agent where its envelope has room for details.
    pub lock_names_agent: bool,
    /// How far reads are behind, in milliseconds (0 to 60,000).
    pub replica_lag_ms: i64,
    /// Whether each read draws its own lag between 0 and `replica_lag_ms`.
    pub replica_lag_varies: bool,
    /// Whether reads may go back in time for one client (section 10).
    pub reads_may_go_back: bool,
    /// What an `Idempotency-Key` on a publish does (section 6).
    pub idempotency_key: IdempotencyKeys,
    /// Milliseconds that a publish takes (0 to 1,200,000).
    pub publish_ms: i64,
    /// Whether the start and the end of a publish raise the version of the document (section 10).
    pub publish_raises_version: bool,
    /// The error envelopes, taken in turn; one alone means that one always (section 7).
    pub envelopes: Vec<Envelope>,
    /// A write that changes nothing (section 10).
    pub unchanged_write: UnchangedWrite,
    /// The events feed (section 8).
    pub events: EventDelivery,
    /// Milliseconds for which the metadata of new recordings of a locked agent may be missing or wrong (0 to 600,000).
    pub recording_metadata_wrong_ms: i64,
    /// Milliseconds for which a recording export runs and locks its agents.
    pub recording_job_ms: i64,
    /// Unknown fields of a body (section 10).
    pub unknown_fields: UnknownFields,
    /// How instants come back (section 10).
    pub instants: Instants,
    /// Fields of accepted writes that are not applied as sent; none unless a scenario names some.
    pub silent_rules: Vec<SilentRule>,
    /// What the answer to such a write shows.
    pub silent_answer: SilentAnswer,
    /// Least milliseconds from a request to its response.
    pub latency_ms_min: i64,
    /// Most milliseconds from a request to its response.
    pub latency_ms_max: i64,
    /// What the platform API alone leaves open.
    pub platform: PlatformOptions,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            rate_limit_per_minute: Some(300),
            family_limits: BTreeMap::new(),
            retry_after: RetryAfter::Seconds,
            token_seconds: 3600,
            version_step_max: 1,
            etag: EtagStyle::Strong,
            unversioned: Unversioned::Refused,
            versions: Versions::Checked,
            old_versions: OldVersions::NotKept,
            stale: StaleStatus::Conflict,
            stale_text: StaleText::VersionMismatch,
            current_in_refusal: CurrentInRefusal::No,
            etag_in_refusal: false,
            keyed_score_post: KeyedScorePost::Create,
            same_score_again: SameScoreAgain::Record,
            exchange_ms: 0,
            agent_write_raises: AgentWriteRaises::AgentAndDocument,
            availability_raises_draft: false,
            refused_agent: RefusedAgent::RefusesWhole,
            rest_minutes_min: 0,
            lock_text: LockText::ModifiedSinceRead,
            lock_names_agent: true,
            replica_lag_ms: 0,
            replica_lag_varies: false,
            reads_may_go_back: false,
            idempotency_key: IdempotencyKeys::Ignored,
            publish_ms: 0,
            publish_raises_version: true,
            envelopes: vec![Envelope::E1],
            unchanged_write: UnchangedWrite::KeepsVersion,
            events: EventDelivery::Delivered,
            recording_metadata_wrong_ms: 0,
            recording_job_ms: 60_000,
            unknown_fields: UnknownFields::Ignored,
            instants: Instants::AsSent,
            silent_rules: Vec::new(),
            silent_answer: SilentAnswer::AsItStands,
            latency_ms_min: 40,
            latency_ms_max: 40,
            platform: PlatformOptions::default(),
        }
    }
}

macro_rules! choice {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum $name { $($(#[$vdoc])* $variant),+ }

        impl $name {
            /// Every choice, in the order of the specification.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
        }
    };
}

pub(crate) use choice;

impl Options {
    /// For whom a limit counts: the client, on the job routes of shift trading the user for whom it acts.
    pub(crate) fn counted(&self, client: &str, family: &str) -> String {
        let user = self.platform.clients_user.as_ref().filter(|_| family == "shifttrading");
        user.map_or_else(|| client.to_owned(), |user| format!("user {user}"))
    }

    /// By how much a write raises a version.
    pub(crate) fn step(&self, rng: &mut Rng) -> u64 {
        let most = i64::try_from(self.version_step_max.max(1)).unwrap_or(1);
        if most == 1 { 1 } else { u64::try_from(rng.between(1, most)).unwrap_or(1) }
    }

    /// The narrower limit of a family, requests per window.
    pub(crate) fn family_limit(&self, family: &str) -> Option<u32> {
        let own = self.family_limits.get(family).copied();
        own.or(if family == "shifttrading" { self.platform.shift_trading_per_minute } else { None })
    }
}

choice!(
    /// The form of `Retry-After`.
    RetryAfter {
        /// Whole seconds.
        Seconds,
        /// An HTTP date.
        HttpDate,
        /// Not sent.
        Absent,
    }
);
choice!(
    /// The form of `ETag`.
    EtagStyle {
        /// `"12"`.
        Strong,
        /// `W/"12"`.
        Weak,
        /// Not sent; only bodies name versions.
        Missing,
        /// A token that changes with every version and does not tell it.
        Opaque,
    }
);
choice!(
    /// What a write that names no version gets.
    Unversioned {
        /// 409 `version_required`.
        Refused,
        /// It is accepted: the last writer wins.
        Accepted,
        /// 428 `precondition_required`, also where the body alone names a version: only `If-Match` counts.
        HeaderRequired,
    }
);
choice!(
    /// How a stale write is refused.
    StaleStatus {
        /// 409 always.
        Conflict,
        /// 412 when `If-Match` was used, else 409.
        PreconditionFailed,
        /// 400 with the text "does not match the current version".
        BadRequest,
    }
);
choice!(
    /// The text of a stale refusal.
    StaleText {
        /// "version mismatch".
        VersionMismatch,
        /// "stale resource_version".
        StaleResourceVersion,
        /// "entity_version mismatch".
        EntityVersionMismatch,
        /// "The resource has been modified since last read".
        ModifiedSinceRead,
    }
);
choice!(
    /// What a stale refusal tells about the current record.
    CurrentInRefusal {
        /// Nothing.
        No,
        /// `current_version`.
        Version,
        /// `current_version` and the whole record as `current`.
        Record,
    }
);
choice!(
    /// Whether the version that a write names is looked at.
    Versions {
        /// A write made from an older version is refused.
        Checked,
        /// The last writer wins, whatever version it names.
        Ignored,
    }
);
choice!(
    /// Whether records can be read as they were.
    OldVersions {
        /// `?version=` is an unknown parameter, and ignored.
        NotKept,
        /// A GET of a score or a trade with `?version=` shows that version, or 404.
        Kept,
    }
);
choice!(
    /// A score posted with its natural key and a version, but no id.
    KeyedScorePost {
        /// Still a create.
        Create,
        /// Updates the record of that key, version checked.
        Update,
    }
);
choice!(
    /// A score created again with the same content.
    SameScoreAgain {
        /// 200 with the record, no new version.
        Record,
        /// 409 `duplicate`.
        Duplicate,
    }
);
choice!(
    /// What a write to one agent raises.
    AgentWriteRaises {
        /// The agent's version and the document's.
        AgentAndDocument,
        /// The agent's version only.
        AgentOnly,
    }
);
choice!(
    /// What one refused agent does to a write of several.
    RefusedAgent {
        /// The whole write is refused.
        RefusesWhole,
        /// The rest lands, 207.
        RestLands,
    }
);
choice!(
    /// The text of a lock's refusal.
    LockText {
        /// `ResourceConflictException`, "The resource has been modified since last read".
        ModifiedSinceRead,
        /// `conflict`, "The requested resource is currently being modified by another process".
        BeingModified,
    }
);
choice!(
    /// What an `Idempotency-Key` on a publish does.
    IdempotencyKeys {
        /// Nothing.
        Ignored,
        /// The same key gets the first answer.
        Honoured,
    }
);
choice!(
    /// A write that changes nothing.
    UnchangedWrite {
        /// Does not raise the version.
        KeepsVersion,
        /// Raises the version.
        RaisesVersion,
    }
);
choice!(
    /// The events feed.
    EventDelivery {
        /// Every event once, in order.
        Delivered,
        /// Some are lost, repeated or reordered.
        Unreliable,
        /// 404.
        NotOffered,
    }
);
choice!(
    /// Unknown fields of a body.
    UnknownFields {
        /// Left out.
        Ignored,
        /// 400 `invalid_field`.
        Refused,
    }
);
choice!(
    /// How instants come back.
    Instants {
        /// As sent.
        AsSent,
        /// Normalised to UTC.
        Utc,
    }
);

choice!(
    /// What the answer to a write shows of a field that was not applied as sent.
    SilentAnswer {
        /// What stands.
        AsItStands,
        /// What was sent.
        AsSent,
    }
);

/// The shapes of an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Envelope {
    /// `{code, message, status, errors[]}`
    E1,
    /// `{errors: [{code, message}]}`, the code sometimes the status as text.
    E2,
    /// `{errorCode, message, details: "text"}`
    E3,
    /// `{status, code, message, details: {field, error}}`
    E4,
    /// `{statusCode: 207, entities: [{id, status, errors: [{code, message}]}]}`, on writes with HTTP 207.
    E5,
    /// `{error, message}`
    E6,
    /// `{error_code, detail}`
    E7,
    /// `{code: 409, message}`
    E8,
    /// An empty body or an HTML page.
    E9,
    /// `{message, errors: [{message, type}]}`
    E10,
}

impl Envelope {
    /// All ten, the rotating setting.
    pub const ALL: &'static [Self] =
        &[Self::E1, Self::E2, Self::E3, Self::E4, Self::E5, Self::E6, Self::E7, Self::E8, Self::E9, Self::E10];
}
