//! A kind of records as its description says, checked and ready for use.

use super::description::{
    Description, DescriptionError, ErrorHint, FieldType, PreconditionPlace, RateHeaders, Sent, Spelling, VersionPlace,
    WriteMethod,
};
use super::presets;
use super::template::{Filled, Place, escaped};
use ifmatch_core::{Guard, KindSpec, Method, Names};
use ifmatch_merge::{Pointer, Schema};
use std::collections::BTreeMap;

/// A kind.
#[derive(Debug, Clone)]
pub(super) struct Kind {
    pub(super) spec: KindSpec,
    pub(super) place: Place,
    pub(super) query: String,
    /// The fields that are told of, writable or not.
    pub(super) fields: BTreeMap<String, FieldType>,
    pub(super) id: String,
    pub(super) method: Method,
    pub(super) sends: Sent,
    pub(super) wrap: Option<String>,
    pub(super) record: String,
    pub(super) records: String,
    pub(super) version: VersionPlace,
    pub(super) precondition: PreconditionPlace,
    pub(super) spelling: Spelling,
    pub(super) modified_at: Option<String>,
    pub(super) modified_by: Option<String>,
    pub(super) mark: Option<String>,
    pub(super) lookup: Option<Filled>,
    pub(super) create: Option<String>,
    pub(super) errors: Vec<ErrorHint>,
    pub(super) rate: Option<RateHeaders>,
}

impl Kind {
    /// # Errors
    /// The field that makes no sense.
    pub(super) fn new(given: Description) -> Result<Self, DescriptionError> {
        let given = presets::filled(given);
        if !is_name(&given.name) {
            return Err(wrong("name", "must be 1 to 64 small letters, digits and '-'"));
        }
        let Some(path) = &given.path else { return Err(wrong("path", "is needed, such as /api/records/{id}")) };
        let place = Place::parse(path)
            .ok_or_else(|| wrong("path", "must begin with '/' and have {id} once; what is asked besides is `query`"))?;
        if given.fields.is_empty() {
            return Err(wrong("fields", "name at least one field that may be written, with its type"));
        }
        let both = given.fields.keys().find(|name| given.identity.contains_key(*name));
        if let Some(name) = both {
            return Err(wrong("identity", format!("{name:?} is also among the fields that may be written")).below(name));
        }
        let version = given.version.clone().unwrap_or(VersionPlace::Etag);
        let tagged = matches!(version, VersionPlace::Etag | VersionPlace::EtagCount);
        let precondition = given.precondition.clone().unwrap_or(match tagged {
            true => PreconditionPlace::IfMatch,
            false => PreconditionPlace::None,
        });
        pointers(&given, &version, &precondition)?;
        let known = |name: &String| given.fields.contains_key(name) || given.identity.contains_key(name);
        if let Some(name) = given.key.iter().find(|name| !known(name)) {
            return Err(wrong("key", format!("{name:?} is neither among fields nor among identity")));
        }
        if let Some(mark) = given.mark.as_ref().filter(|mark| !known(mark)) {
            return Err(wrong("mark", format!("{mark:?} is neither among fields nor among identity")));
        }
        let lookup = match &given.lookup {
            None => None,
            Some(text) => {
                let filled = Filled::parse(text);
                Some(filled.ok_or_else(|| wrong("lookup", "must begin with '/', with {field} for the key's values"))?)
            }
        };
        if let Some(field) = lookup.iter().flat_map(Filled::fields).find(|field| !known(&(*field).to_owned())) {
            return Err(wrong("lookup", format!("{{{field}}} is neither among fields nor among identity")));
        }
        if given.create.is_some() && (lookup.is_none() || given.key.is_empty()) {
            let reason =
                "needs `key` and `lookup`: a creation whose answer is lost is looked for before it is repeated";
            return Err(wrong("create", reason));
        }
        let spec = KindSpec {
            name: given.name.clone().into(),
            schema: schema(&given)?,
            writable: Names::from(given.fields.keys().cloned().collect::<Vec<_>>()),
            identity: Names::from(given.identity.keys().cloned().collect::<Vec<_>>()),
            version_fields: Names::from([version_fields(&version), given.version_fields].concat()),
            stamps: Names::NONE,
            natural_key: Names::from(given.key),
            guard: guard(&version, &precondition),
            operations: Names::NONE,
        };
        let method = match given.write.unwrap_or(WriteMethod::Patch) {
            WriteMethod::Patch => Method::Patch,
            WriteMethod::Put => Method::Put,
            WriteMethod::Post => Method::Post,
        };
        let whole = method == Method::Put;
        let mut fields = given.fields;
        fields.extend(given.identity);
        let record = given.record.unwrap_or_default();
        Ok(Self {
            spec,
            place,
            query: given.query.map(|query| escaped(&query)).unwrap_or_default(),
            fields,
            id: given.id.unwrap_or_else(|| "id".to_owned()),
            method,
            sends: given.sends.unwrap_or(if whole { Sent::Record } else { Sent::Changes }),
            wrap: given.wrap,
            records: given.records.unwrap_or_else(|| record.clone()),
            record,
            version,
            precondition,
            spelling: given.spelling.unwrap_or(Spelling::Plain),
            modified_at: given.modified_at,
            modified_by: given.modified_by,
            mark: given.mark,
            lookup,
            create: given.create.map(|path| escaped(&path)),
            errors: given.errors,
            rate: given.rate,
        })
    }

    /// The path of a record.
    pub(super) fn path(&self, id: &str) -> String {
        self.asked(&self.place.of(id))
    }

    /// A path with what every request for a record asks besides.
    pub(super) fn asked(&self, path: &str) -> String {
        match self.query.as_str() {
            "" => path.to_owned(),
            query => format!("{path}?{query}"),
        }
    }
}

fn wrong(field: &str, reason: impl Into<String>) -> DescriptionError {
    DescriptionError::new(field, reason)
}

impl DescriptionError {
    fn below(mut self, name: &str) -> Self {
        self.field = format!("{}.{name}", self.field);
        self
    }
}

fn is_name(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=64).contains(&name.len()) && name.bytes().all(fits)
}

/// Every address is one.
fn pointers(
    given: &Description,
    version: &VersionPlace,
    precondition: &PreconditionPlace,
) -> Result<(), DescriptionError> {
    let text = |field: &'static str, at: &Option<String>| at.clone().map(|at| (field, at));
    let mut all = vec![
        text("record", &given.record),
        text("records", &given.records),
        text("modified_at", &given.modified_at),
        text("modified_by", &given.modified_by),
    ];
    if let VersionPlace::Count(at) | VersionPlace::Stamp(at) = version {
        all.push(Some(("version", at.clone())));
        if at.is_empty() {
            return Err(DescriptionError::new("version", "must say where in the record it is, such as /version"));
        }
    }
    if let PreconditionPlace::Body { at, flag } = precondition {
        all.push(Some(("precondition.body.at", at.clone())));
        all.push(text("precondition.body.flag", flag));
        if at.is_empty() || flag.as_ref().is_some_and(String::is_empty) {
            return Err(DescriptionError::new("precondition.body", "must say where in the body, such as /version"));
        }
        if *version == VersionPlace::Etag {
            return Err(DescriptionError::new("precondition.body", "an opaque tag is named by `if-match`"));
        }
    }
    for (at, hint) in given.errors.iter().enumerate() {
        if let Some(place) = &hint.at {
            Pointer::parse(place)
                .map_err(|error| DescriptionError::new(format!("errors.{at}.at"), error.to_string()))?;
        }
    }
    for (field, at) in all.into_iter().flatten() {
        Pointer::parse(&at).map_err(|error| DescriptionError::new(field, format!("{at:?}: {error}")))?;
    }
    Ok(())
}

fn schema(given: &Description) -> Result<Schema, DescriptionError> {
    let mut schema = Schema::new();
    for (at, strategy) in &given.merge {
        let field = || format!("merge.{at}");
        let pointer = Pointer::parse(at).map_err(|error| DescriptionError::new(field(), error.to_string()))?;
        let first = pointer.segments().next().unwrap_or_default();
        if !given.fields.contains_key(&*first) {
            return Err(DescriptionError::new(field(), "is in none of the fields that may be written"));
        }
        schema = schema.rule(at, strategy.clone());
    }
    Ok(schema)
}

/// The top-level fields that a pasted version stands in.
fn version_fields(version: &VersionPlace) -> Vec<String> {
    match version {
        VersionPlace::Count(at) | VersionPlace::Stamp(at) => {
            let first = at.parse::<Pointer>().ok().and_then(|at| at.segments().next().map(|name| name.into_owned()));
            first.into_iter().collect()
        }
        VersionPlace::Etag | VersionPlace::EtagCount => Vec::new(),
    }
}

/// A count that a write names lets each write land once at most. A stamp has the grain of its clock: two writes of one second
/// have the same, so what it guards can be overwritten within that second, and it counts nothing.
fn guard(version: &VersionPlace, precondition: &PreconditionPlace) -> Guard {
    match (version, precondition) {
        (VersionPlace::Stamp(_), _) => Guard::Dated,
        (_, PreconditionPlace::None) => Guard::Unguarded,
        (VersionPlace::Etag, _) => Guard::ContentHash,
        (VersionPlace::Count(_) | VersionPlace::EtagCount, _) => Guard::Monotonic,
    }
}
