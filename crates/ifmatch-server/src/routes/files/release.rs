//! `POST /v1/files/{source}/{file}/release`: lets a file go that is held, with a reason, in the audit log.
//!
//! Shape: `{"reason": "…"}`. A person or the operator may; a source may not let its own files go.

use super::{door, find, shown};
use crate::app::{App, Principal};
use crate::body;
use crate::files::{Scope, Standing, Todo, Word, commit, keep, to_value};
use crate::problem::Fault;
use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use http::StatusCode;
use ifmatch_core::Op;
use serde::Deserialize;
use serde_json::{Value, json};

/// The longest reason, in bytes.
const REASON_BYTES_MAX: usize = 1000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    reason: String,
}

pub(crate) async fn handle(
    State(app): State<App>,
    principal: Principal,
    Path((source, file)): Path<(String, String)>,
    body: Body,
) -> Result<(StatusCode, Json<Value>), Fault> {
    let (door, org) = door(&app, &principal, &source)?;
    if !principal.may_brake_all() {
        return Err(Fault::Forbidden { what: "release a file that is held" });
    }
    let bytes = body::read(body, app.settings.body_bytes_max).await?;
    let Given { reason } = body::parse(&bytes, app.settings.json_depth_max)?;
    let reason = reason.trim().to_owned();
    if reason.is_empty() || reason.len() > REASON_BYTES_MAX {
        return Err(Fault::parameter("/reason", format!("say why, in at most {REASON_BYTES_MAX} bytes")));
    }
    let mut record = find(door, org, &file).await?;
    let not_held = |state: String| Fault::NotHeld { file: record.name.clone(), state };
    if record.state != Standing::Held || record.moving {
        return Err(not_held(format!("it is {}", json!(record.state).as_str().unwrap_or("not"))));
    }
    let Some(lies) = record.lies.clone().filter(|lies| door.folder.is_held(lies)) else {
        return Err(not_held("it does not lie in held/ any more".to_owned()));
    };
    // What a newer file said must not be taken back by an older one.
    for scope in record.census.iter().flat_map(|census| census.scopes.keys()) {
        let key = door.keys.scopes() + scope;
        let last = org.read(move |store, org| store.kept(org, &key)).await?;
        let last: Option<Scope> = last.and_then(|value| serde_json::from_value(value).ok());
        if let Some(newer) = last.filter(|last| last.order > record.order) {
            return Err(Fault::FileSuperseded { file: record.name, by: newer.file });
        }
    }
    let (by, at) = (principal.name().to_string(), app.clock.now());
    let note = json!({
        "what": "file_released", "by": by, "reason": reason, "source": door.source, "file": record.name,
        "id": record.id, "sha256": record.sha256, "held": record.code, "why": record.reason, "census": record.census,
    });
    record.state = Standing::Released;
    record.word = Some(Word { by, reason: Some(reason), at });
    let todo = Todo { name: record.name.clone(), lies, is_held: true };
    let key = door.keys.todo_of(at, &record.id);
    let ops = vec![Op::Note { at, note }, record.kept(&door.keys), keep(key, Some(to_value(&todo)))];
    org.read(move |store, org| store.commit(org, &[commit(ops)])).await?;
    door.wake();
    Ok((StatusCode::ACCEPTED, Json(shown(door, &record))))
}
