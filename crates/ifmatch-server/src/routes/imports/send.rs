//! `POST /v1/imports`: plans a file, and with `apply=true` begins to carry the plan out.
//!
//! The body is the file; as `application/json` it is `{"content": "…", "agents"?: …, "codes"?: {…}}`, a text with the file, who its
//! addresses are (a JSON object by address, a list of `{"email", "id"}`, or a text of CSV), and what its reasons are in the target.
//! Parameters as those of `ifmatch import`: `kind`, `file`, `org`, `history`, `local_times`, `time_zone`, `schedule`, `management_unit`,
//! `echo_user`, `budget`, `offline`.
//!
//! A plan changes nothing. The same file, planned the same way while nothing has moved, is the same import.

use super::{begin, door, shown};
use crate::app::{App, Principal};
use crate::body;
use crate::driver::OrgHandle;
use crate::imports::{ImportRecord, surveyed};
use crate::problem::Fault;
use crate::query::Query;
use crate::serve::SANDBOX;
use axum::Json;
use axum::body::Body;
use axum::extract::State;
use bytes::Bytes;
use http::{HeaderMap, StatusCode, Uri};
use ifmatch_core::{Digest, SourceName};
use ifmatch_sources::migration::{Agents, Import, Kind, Plan, ReadError};
use ifmatch_sources::readers::LocalTimes;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// What parameters there are.
const KNOWN: [&str; 12] = [
    "kind",
    "file",
    "org",
    "history",
    "local_times",
    "time_zone",
    "schedule",
    "management_unit",
    "echo_user",
    "budget",
    "offline",
    "apply",
];

/// The longest name of a file, in bytes.
const NAME_BYTES_MAX: usize = 200;

/// Hexadecimal digits of an id.
const ID_DIGITS: usize = 24;

/// A file with who its addresses are.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Envelope {
    content: String,
    #[serde(default)]
    agents: Option<Value>,
    #[serde(default)]
    codes: Option<BTreeMap<String, String>>,
}

pub(crate) async fn handle(
    State(app): State<App>,
    principal: Principal,
    headers: HeaderMap,
    uri: Uri,
    body: Body,
) -> Result<(StatusCode, Json<Value>), Fault> {
    let query = Query::read(&uri, &KNOWN)?;
    let org = app.org_or_only(&principal, query.last("org"))?;
    let door = door(&app, org)?;
    let (offline, apply) = (query.flag("offline")?, query.flag("apply")?);
    let mut import = import(&query)?;
    import.org = Some(org.org.clone());
    let bytes = body::read(body, app.settings.body_bytes_max).await?;
    let bytes = opened(&headers, bytes, app.settings.json_depth_max, &mut import)?;
    let plan = planned(&app, org, &principal.name(), import, bytes, offline).await?;
    let planned = serde_json::to_value(&plan).map_err(|error| Fault::Internal { cause: error.to_string() })?;
    let text = format!("{planned:#}\n");
    let id = id(org, &principal.name(), text.as_bytes());
    let record = match door.find(&id).await? {
        Some(known) => known,
        None => {
            let written = door.folder.write(&id, text.as_bytes());
            written.map_err(|error| Fault::Unavailable { cause: format!("a plan could not be kept: {error}") })?;
            let record = ImportRecord::of(id, principal.name(), &plan, app.clock.now());
            door.keep(&record, None).await?;
            record
        }
    };
    let (status, record) = match apply {
        true => (StatusCode::ACCEPTED, begin(door, &principal, record, &plan, false).await?),
        false => (StatusCode::OK, record),
    };
    let mut value = shown(door, &record);
    value["plan"] = planned;
    Ok((status, Json(value)))
}

/// The same plan of the same source is the same import.
fn id(org: &OrgHandle, source: &SourceName, plan: &[u8]) -> String {
    let of = format!("{}\n{source}\n{}", org.org, Digest::of(plan));
    let digits = Digest::of(of.as_bytes()).to_string().replace("sha256:", "");
    format!("imp_{}", digits.chars().take(ID_DIGITS).collect::<String>())
}

/// What the parameters say of the file.
fn import(query: &Query) -> Result<Import, Fault> {
    let kinds = || format!("must be one of {}", Kind::ALL.map(Kind::as_str).join(", "));
    let kind = query.last("kind").and_then(|word| word.parse().ok());
    let kind: Kind = kind.ok_or_else(|| Fault::parameter("kind", kinds()))?;
    let file = query.last("file").unwrap_or("file");
    if file.is_empty() || file.len() > NAME_BYTES_MAX || file.chars().any(char::is_control) {
        return Err(Fault::parameter("file", format!("a name has 1 to {NAME_BYTES_MAX} bytes")));
    }
    let mut import = Import::new(kind, file);
    import.history = query.flag("history")?;
    if let Some(word) = query.last("local_times") {
        let words = || Fault::parameter("local_times", "must be review, reject, earlier, later or compatible");
        import.local_times = LocalTimes::parse(word).ok_or_else(words)?;
    }
    if let Some(text) = query.last("budget") {
        let budget = text.parse().ok().filter(|budget| *budget > 0);
        import.budget = budget.ok_or_else(|| Fault::parameter("budget", "must be requests a minute, at least 1"))?;
    }
    if let Some(user) = query.last("echo_user") {
        user.clone_into(&mut import.echo_user);
    }
    import.time_zone = query.last("time_zone").map(str::to_owned);
    import.schedule = query.last("schedule").map(str::to_owned);
    import.management_unit = query.last("management_unit").map(str::to_owned);
    Ok(import)
}

/// The bytes of the file; what is said beside it goes into the import.
fn opened(headers: &HeaderMap, bytes: Bytes, depth_max: usize, import: &mut Import) -> Result<Bytes, Fault> {
    if body::media_type(headers) != "application/json" {
        return Ok(bytes);
    }
    let Envelope { content, agents, codes } = body::parse(&bytes, depth_max)?;
    let agents = agents.map(|agents| match agents {
        Value::String(text) => Agents::read(&text),
        list => Agents::read(&list.to_string()),
    });
    import.agents = agents.transpose().map_err(|error| Fault::parameter("/agents", error.to_string()))?;
    import.codes = codes;
    Ok(content.into())
}

/// The plan, with what the target holds unless it is not to be asked.
async fn planned(
    app: &App,
    org: &OrgHandle,
    source: &SourceName,
    mut import: Import,
    bytes: Bytes,
    offline: bool,
) -> Result<Plan, Fault> {
    if import.wants_agents() && org.org.to_string() == SANDBOX {
        import.agents = app.sandbox.as_ref().map(|sandbox| Agents::of_list(&sandbox.agents()));
    }
    // A file that is none is said before anybody is asked.
    let (alone, text) = (import.clone(), bytes.clone());
    let alone = apart(move || alone.alone(&text)).await?;
    if offline {
        return Ok(alone);
    }
    if import.wants_agents() && Agents::are_missing(&alone) {
        return Err(Fault::AgentsNeeded);
    }
    let survey = surveyed(org, source, import.survey()).await?;
    apart(move || import.checked(&bytes, &survey)).await
}

/// Reads a file apart from the requests of others.
async fn apart(read: impl FnOnce() -> Result<Plan, ReadError> + Send + 'static) -> Result<Plan, Fault> {
    let read = tokio::task::spawn_blocking(read).await;
    let read = read.map_err(|error| Fault::Internal { cause: error.to_string() })?;
    read.map_err(|error| match error {
        ReadError::Unsaid { what: "schedule", .. } => Fault::parameter("schedule", error.to_string()),
        ReadError::Unsaid { what: "management unit", .. } => Fault::parameter("management_unit", error.to_string()),
        ReadError::Unsaid { what: "activity codes", .. } => Fault::parameter("/codes", error.to_string()),
        ReadError::Unsaid { what: "agents", .. } => Fault::parameter("/agents", error.to_string()),
        ReadError::Unsaid { .. } => Fault::parameter("time_zone", error.to_string()),
        ReadError::File(_) => Fault::File { code: "unreadable_file", reason: error.to_string() },
        ReadError::Empty => Fault::File { code: "empty_file", reason: error.to_string() },
    })
}
