//! How one API spells resources, versions, errors and limits: the trait that dialects implement.
//!
//! A dialect is pure: tables and functions over JSON. It builds requests ([`Dialect::request`]),
//! reads answers into facts ([`Dialect::reply`]) and knows each kind's merge schema, invariants,
//! keys and locks. It decides nothing about an intent.

use crate::errand::Notes;
use crate::evidence::{BudgetHint, Evidence};
use crate::ids::OrgName;
use crate::intent::{BaseHint, Change, IntentError, Resource, Verb};
use crate::local::Localised;
use crate::names::Names;
use crate::notices::Notices;
use crate::record::ConflictNote;
use crate::shadow::Snapshot;
use crate::wire::{Method, Request, Response};
use ifmatch_merge::{Pointer, Schema};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::borrow::Cow;
use std::fmt::Debug;
use std::sync::Arc;

/// How the target guards the records of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guard {
    /// By a version that only grows: copies of one conditional write land at most once.
    Monotonic,
    /// By a hash of the content: an older write can land again after A, B, A.
    ContentHash,
    /// Not at all.
    Unguarded,
    /// Not at all, and what stands for a version is the time of the last change: it grows, and says nothing of how many wrote.
    Dated,
}

impl Guard {
    /// Whether the target lets a write through whatever was written since.
    #[must_use]
    pub fn lets_through(self) -> bool {
        matches!(self, Self::Unguarded | Self::Dated)
    }
}

/// What the engine must know of a kind.
#[derive(Debug, Clone)]
pub struct KindSpec {
    /// The kind's name.
    pub name: Cow<'static, str>,
    /// How values of it merge.
    pub schema: Schema,
    /// Top-level fields that a client may write.
    pub writable: Names,
    /// Top-level fields that never change once the record exists.
    pub identity: Names,
    /// Server-managed fields that name the version, so that a pasted one proves nothing.
    pub version_fields: Names,
    /// Addresses in these that say when and by whom a representation was written. Pasted with the version they prove no more
    /// than it does; of representations that are equally near to a document they tell which one it was made from.
    pub stamps: Names,
    /// Fields of the natural key; empty when the kind has none.
    pub natural_key: Names,
    /// How writes are guarded.
    pub guard: Guard,
    /// Operations of the kind.
    pub operations: Names,
}

impl KindSpec {
    /// The part of a representation that a client may write, identity fields included.
    #[must_use]
    pub fn writable_part(&self, value: &Value) -> Value {
        let Value::Object(members) = value else { return Value::Object(serde_json::Map::new()) };
        let mine = |name: &&String| self.writable.contains(name) || self.identity.contains(name);
        Value::Object(members.iter().filter(|(name, _)| mine(name)).map(|(n, v)| (n.clone(), v.clone())).collect())
    }

    /// How the writable parts of two records differ.
    pub(crate) fn writable_diff(&self, from: &Value, to: &Value) -> Vec<ifmatch_merge::Change> {
        let mine = |name: &str| self.writable.contains(name) || self.identity.contains(name);
        ifmatch_merge::diff_members(&self.schema, from, to, mine)
    }
}

/// What an exchange with the target is for. Stored with the attempt, so that its answer can be
/// read after a restart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Call {
    /// Reads resources that share an envelope.
    Read(Vec<Resource>),
    /// Reads one resource by the request that tells when it was written and by whom, where the usual one does not.
    ReadStamps {
        /// The resource.
        resource: Resource,
        /// The representation that was read without them.
        known: Arc<Value>,
    },
    /// Looks for a record that a creation may have made, or that holds its natural key.
    Lookup(Creation),
    /// Writes resources that share an envelope.
    Write(Vec<WriteItem>),
    /// Creates a record.
    Create(Creation),
    /// Starts an operation.
    Start(OperationCall),
    /// Asks how an operation stands.
    Status(OperationCall),
    /// Reads a resource as it stood at a version, where the target keeps that ([`Dialect::keeps_versions`]).
    Past {
        /// The resource.
        resource: Resource,
        /// The version.
        version: u64,
    },
}

/// One resource in a write.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WriteItem {
    /// The resource.
    pub resource: Resource,
    /// What the write is made from.
    pub precondition: Precondition,
    /// The whole record as it stood when the write was made.
    pub from: Arc<Value>,
    /// The whole record as it shall stand; the dialect sends the difference as the target wants it.
    pub to: Arc<Value>,
}

/// The precondition of a write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Precondition {
    /// The version that must be current.
    pub version: Option<u64>,
    /// The tag that must be current, byte for byte.
    pub etag: Option<String>,
    /// Whether it is to be named in every place that the API has for it, since the target did not find it in the usual one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub everywhere: bool,
}

/// A record that shall exist.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Creation {
    /// The resource as the intent names it, by key, external id or id.
    pub resource: Resource,
    /// The record's writable fields.
    pub value: Value,
}

/// An operation on a resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperationCall {
    /// The resource.
    pub resource: Resource,
    /// The operation.
    pub name: String,
    /// The target's id of a job, where known: the one that is asked about, or for a start the one
    /// that had ended last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job: Option<String>,
}

/// What an answer says of one resource.
#[derive(Debug, Clone, PartialEq)]
pub enum Fact {
    /// The record as it stands.
    Observed(Box<Snapshot>),
    /// There is no such record, as far as this read goes.
    Absent,
    /// The write was accepted.
    Written(Written),
    /// The records that a look-up found, with their ids.
    Found(Vec<(String, Snapshot)>),
    /// How the operation stands.
    Operation(OperationStatus),
    /// The write was taken, and what becomes of it is told later.
    Processing(Processing),
    /// It was refused.
    Refused(Evidence),
}

/// A write that the target goes on with after its answer.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Processing {
    /// The target's name of it, as notices carry it.
    pub operation: Option<String>,
    /// The request that asks how it stands; its answer is read as one to the write. `None`: only the records themselves tell.
    pub status: Option<Request>,
}

/// An accepted write.
#[derive(Debug, Clone, PartialEq)]
pub struct Written {
    /// The target's id, where the write created the record.
    pub id: Option<String>,
    /// The record as it stands now. Where the target answers with a version only, the dialect
    /// puts that version on what was written.
    pub snapshot: Snapshot,
    /// Whether the answer shows the record, rather than that the write was accepted.
    pub shown: bool,
    /// Whether a creation met an equal record that existed before.
    pub existed: bool,
}

/// How an operation such as a publish stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperationStatus {
    /// The job, where the target names it.
    pub job: Option<String>,
    /// Whether a run is going on.
    pub running: bool,
    /// Whether the run that was asked about failed.
    pub failed: bool,
    /// The revision that a run that started now would carry.
    pub wanted: u64,
    /// The newest revision carried by a finished run.
    pub carried: u64,
    /// The revision of the run that is going on, where known.
    pub carrying: Option<u64>,
}

/// An answer, read.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    /// One fact per resource of the call, in its order; a refusal of the whole is repeated for each.
    pub facts: Vec<(Resource, Fact)>,
    /// What the headers say of budgets.
    pub budgets: Vec<BudgetHint>,
    /// The target's time when it answered, where it says so: `Date` (RFC 9110 §6.6.1).
    pub date: Option<Timestamp>,
    /// The request whose answer is the answer: this one says only where that lies. The facts are none then.
    pub rest: Option<Request>,
}

/// What a request that a client sent to the proxy means.
#[derive(Debug, Clone, PartialEq)]
pub enum Route {
    /// Reads one resource.
    Read(Resource),
    /// Changes one resource.
    Write {
        /// The resource.
        resource: Resource,
        /// What shall become of it.
        change: Change,
        /// The version that the client names.
        base: Option<BaseHint>,
        /// Whether the body is the whole wish (PUT, POST with id) rather than a patch.
        whole: bool,
    },
    /// Several changes in one request, answered item by item.
    Batch(Vec<Self>),
    /// A request that the dialect does not know as a change: to be passed through.
    Unknown,
}

/// A request to a known route whose body makes no sense: the caller's fault, in its own terms.
#[derive(Debug, Clone, PartialEq)]
pub struct RouteError(pub IntentError);

/// The argument of an exchanging verb that holds what its partner takes away, once that is known: `null` where that will
/// never be. No source may say it.
pub const TAKEN: &str = "taken";

/// The argument of an exchanging verb that holds what its partner was given of this record, once that has landed: nothing
/// else may be taken away here. No source may say it.
pub const GIVEN: &str = "given";

/// Why a verb cannot be carried out on a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VerbError {
    /// The kind has no such verb, or its arguments are wrong.
    Invalid(IntentError),
    /// The list element at this address is not there.
    Missing(Pointer),
    /// It makes no sense on this value, for a reason in one sentence.
    Refused(String),
    /// It leads to what the record does not allow: a step against its states, as approving a trade that was denied, or an
    /// element that cannot be, as a shift whose break ends after it.
    Misstep {
        /// Why, in one sentence.
        reason: String,
        /// Where the state, or the element, stands.
        path: Pointer,
        /// What it would lead to there.
        wanted: Value,
    },
}

/// A rule that a record does not keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    /// What is wrong, in one sentence: `shifts a and b overlap`.
    pub reason: String,
    /// The elements of the record that do not go together, as `/shifts/a` and `/shifts/b`; none where it is a field's value.
    pub elements: Vec<Pointer>,
}

impl Breach {
    /// A breach of one sentence, by elements of a list.
    #[must_use]
    pub fn between<const N: usize>(reason: String, list: &str, ids: [&str; N]) -> Self {
        Self { reason, elements: ids.iter().map(|id| Pointer::from_segments([list, id])).collect() }
    }
}

impl From<String> for Breach {
    fn from(reason: String) -> Self {
        Self { reason, elements: Vec::new() }
    }
}

/// One API. Implementations are pure: same input, same output.
pub trait Dialect: Debug + Send + Sync {
    /// The dialect's name in the configuration.
    fn name(&self) -> &'static str;

    /// What the engine must know of a kind; `None` for a kind that the API does not have.
    fn kind(&self, kind: &str) -> Option<&KindSpec>;

    /// The kinds, for error messages and tables.
    fn kinds(&self) -> Vec<&str>;

    /// An intent in the spelling of the dialect's records, where its sender spelt it as the API's answers or requests do.
    fn understood(&self, intent: crate::Intent) -> crate::Intent {
        intent
    }

    /// Checks an intent as it comes in: kind, id form, fields, times with an offset or by a clock whose
    /// zone can be known, verb and its arguments. What passes may still be refused by the target.
    ///
    /// # Errors
    /// The field at fault and why.
    fn check(&self, intent: &crate::Intent) -> Result<(), IntentError>;

    /// The document whose version and stamps a representation of this resource bears, where writes of other records move that
    /// document too.
    fn stamped_by(&self, _resource: &Resource) -> Option<String> {
        None
    }

    /// The document that bears the stamps of this resource's last write, if that is not it itself.
    fn stamps(&self, _resource: &Resource) -> Option<String> {
        None
    }

    /// Resources with the same envelope may share one read or one write; `None`: always alone.
    fn envelope(&self, resource: &Resource) -> Option<String>;

    /// The most resources in one envelope.
    fn envelope_max(&self) -> usize;

    /// What the target serialises around a resource, for example `agent/6f1c…`.
    fn lock_domain(&self, resource: &Resource) -> String;

    /// The buckets that count a request, the widest first, for example `["tenant", "scores"]`.
    fn buckets(&self, request: &Request) -> Vec<String>;

    /// The bucket that a refusal for too many requests closes.
    fn throttled_bucket(&self, request: &Request, response: &Response) -> String;

    /// The next request that a call needs before it can be made, by what was told so far; it changes no record. `None` when
    /// there is none left. Whoever names one must take its answer in [`Dialect::note`].
    fn errand(&self, _call: &Call, _notes: &Notes) -> Option<Request> {
        None
    }

    /// Writes down what the answer to an errand tells.
    ///
    /// # Errors
    /// What it shows instead: the call cannot be made for now.
    fn note(&self, call: &Call, _notes: &mut Notes, _response: &Response) -> Result<(), Box<Evidence>> {
        unreachable!("no errand of {call:?} was named")
    }

    /// The request that makes a call, by what was told on the way to it. Without all of that: one of the same buckets.
    fn request(&self, call: &Call, notes: &Notes) -> Request;

    /// The buckets that count the write of a resource and not its read. A turn begins where they have room as well.
    fn write_buckets(&self, _resource: &Resource) -> &'static [&'static str] {
        &[]
    }

    /// How many requests a usual turn of a resource takes: its read, what the write needs, and the write. They are admitted
    /// together.
    fn turn_requests(&self, _resource: &Resource) -> u64 {
        2
    }

    /// Whether one version guards everything that an envelope carries, so that no two turns of it may write at once. What
    /// stands above the records of an envelope, and has its name for an id, is written under that version as well.
    fn one_writer(&self, _resource: &Resource) -> bool {
        false
    }

    /// Reads the answer to a call.
    fn reply(&self, now: Timestamp, call: &Call, response: &Response) -> Reply;

    /// The call that tells when a record was written and by whom, where the usual read of its kind does not. `None` where
    /// it does, or where nothing tells.
    fn read_stamps(&self, _resource: &Resource, _known: &Arc<Value>) -> Option<Call> {
        None
    }

    /// How the target tells things by itself; `None` where it does not.
    fn notices(&self) -> Option<&dyn Notices> {
        None
    }

    /// Carries out a verb on a record.
    ///
    /// # Errors
    /// Why it cannot be: wrong arguments, a missing element, or no sense on this value.
    fn verb(&self, kind: &str, verb: &Verb, value: &Value) -> Result<Value, VerbError>;

    /// The other half of a verb that is about two records: which record that is, and what is done there. `None` for a verb
    /// that is about one. Such a verb takes one element of a list from its record and puts the one there that its partner
    /// takes away; the engine names both to [`Dialect::verb`] by the arguments [`GIVEN`] and [`TAKEN`].
    fn exchange(&self, _resource: &Resource, _verb: &Verb) -> Option<(Resource, Verb)> {
        None
    }

    /// The rules that a record must keep whatever was merged, and does not.
    fn breaches(&self, kind: &str, value: &Value) -> Vec<Breach>;

    /// What one write cannot make of a record, whatever the values themselves are worth: a step that
    /// its states do not allow. Empty where the kind has no states.
    fn missteps(&self, _kind: &str, _from: &Value, _to: &Value) -> Vec<Breach> {
        Vec::new()
    }

    /// Reads the local times in a wish by the clock of the zone that it names itself, else of the zone of
    /// the `record` that it is about (an empty object where there is none). `None` when it holds none.
    ///
    /// # Errors
    /// It holds one, and no zone is known.
    fn localise(&self, _kind: &str, _wish: &Value, _record: &Value) -> Result<Option<Localised>, IntentError> {
        Ok(None)
    }

    /// Whether two values mean the same, however they are spelt: an instant in two offsets, say.
    fn alike(&self, a: &Value, b: &Value) -> bool {
        ifmatch_merge::json_equal(a, b)
    }

    /// Whether the target may be asked what a record of a kind was at an older version. One that answers with
    /// another version than was asked for keeps none, and is not asked again.
    fn keeps_versions(&self, _kind: &str) -> bool {
        false
    }

    /// Whether the target was seen to count a version only where its header names it, so that a write names its precondition
    /// in every place from the first one on.
    fn names_everywhere(&self, _kind: &str) -> bool {
        false
    }

    /// Whether a found record is the one that a creation means (its own mark, such as a
    /// correlation id, agrees), rather than another one with the same natural key.
    fn is_same(&self, creation: &Creation, found: &Value) -> bool;

    /// The id that a creation itself gives to its record: one of another id was made by somebody else.
    fn own_id(&self, _creation: &Creation) -> Option<String> {
        None
    }

    /// When a record ends by itself, as it says: an open trade expires. What waits for a lock of it until then waits in vain.
    fn lapses(&self, _kind: &str, _value: &Value) -> Option<Timestamp> {
        None
    }

    /// Whether the target refuses a copy of a creation, by an id or a key that the copy names as well. Where it takes one, a
    /// creation is only repeated when no copy of it can land any more.
    fn refuses_copy(&self, _kind: &str) -> bool {
        true
    }

    /// Whether the target refuses a second record of one natural key. Where it takes one, a record that somebody else made is
    /// looked for before one is made.
    fn refuses_second(&self, _kind: &str) -> bool {
        true
    }

    /// What a client's request means. `headers` in lower case.
    ///
    /// # Errors
    /// The route is known and the body is at fault.
    fn route(&self, org: &OrgName, request: &Request) -> Result<Route, RouteError>;

    /// The answer in the target's own model for a change that landed or was satisfied.
    fn render(&self, method: Method, resource: &Resource, snapshot: &Snapshot, created: bool) -> Response;

    /// The target's own refusal for a true conflict.
    fn refusal(&self, resource: &Resource, conflict: &[ConflictNote], current: Option<&Snapshot>) -> Response;

    /// The request for a token by client credentials, without them: the shell adds Basic
    /// authentication.
    fn token_request(&self) -> Request;
}

/// Whether two values that may be absent mean the same to the target; absent is not `null`.
pub(crate) fn alike(dialect: &dyn Dialect, a: Option<&Value>, b: Option<&Value>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => dialect.alike(a, b),
        (a, b) => a.is_none() && b.is_none(),
    }
}
