//! `POST /v1/files/{source}/{file}`: takes a file of a source, of any length, and answers 202 once it is durable.
//!
//! Parameters: `mode` (`send`, or `adopt`: its state becomes what the source said, and nothing is sent), `replace` (an adoption
//! forgets what was said before), `compare` (an adoption is compared with what the target holds), `reason`. The same file again, while it is under way or where it holds events that were carried, is
//! answered with how it stands.

use super::{door, shown};
use crate::app::{App, Principal};
use crate::config::FilesMode;
use crate::files::{FileRecord, FilesDoor, Mode, Standing, Todo, Word, commit, keep, to_value};
use crate::problem::Fault;
use crate::query::Query;
use crate::random;
use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use bytes::Bytes;
use http::{StatusCode, Uri};
use http_body_util::BodyExt as _;
use ifmatch_core::Digest;
use ifmatch_sources::files::FileId;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io::Write as _;
use std::path::{Path as FilePath, PathBuf};
use tokio::sync::mpsc;

/// The longest name of a file, in bytes: endings are put behind it.
const NAME_BYTES_MAX: usize = 180;

pub(crate) async fn handle(
    State(app): State<App>,
    principal: Principal,
    Path((source, name)): Path<(String, String)>,
    uri: Uri,
    body: Body,
) -> Result<(StatusCode, Json<Value>), Fault> {
    let (door, org) = door(&app, &principal, &source)?;
    let query = Query::read(&uri, &["mode", "replace", "compare", "reason"])?;
    let mode = mode(&query, door, &principal)?;
    let replace = query.last("replace") == Some("true");
    if !is_name(&name) {
        return Err(Fault::parameter("file", format!("a name has 1 to {NAME_BYTES_MAX} bytes and no strokes")));
    }
    let upload = Upload { path: door.folder.sent(&format!("{}.tmp", random::secret())) };
    let (digest, bytes) = receive(body, &upload.path, door.bytes_max).await?;
    let id = FileId::of(&name, &digest);
    let key = door.keys.file(&id);
    let known = org.read(move |store, org| store.kept(org, &key)).await?;
    let known: Option<FileRecord> = known.and_then(|value| serde_json::from_value(value).ok());
    if let Some(known) = known {
        let carried = known.state == Standing::Done && known.mode == Mode::Events;
        let ended = matches!(known.state, Standing::Done | Standing::Held | Standing::Refused) && !known.moving;
        if carried || !ended {
            let mut value = shown(door, &known);
            value["repeated"] = Value::Bool(true);
            return Ok((StatusCode::OK, Json(value)));
        }
    }
    let at = app.clock.now();
    let reason = query.last("reason").map(str::to_owned);
    let word = (mode == Mode::Adopt).then(|| Word { by: principal.name().to_string(), reason, at });
    let record = FileRecord {
        sha256: digest.to_string().replace("sha256:", ""),
        name,
        bytes,
        mode,
        state: Standing::Received,
        order: 0,
        taken_at: at,
        ended_at: None,
        code: None,
        reason: None,
        rows: None,
        totals: Default::default(),
        census: None,
        lies: None,
        moving: false,
        word,
        replace,
        compare: query.last("compare") == Some("true"),
        repeats: 0,
        id,
    };
    let lies = record.id.to_string();
    let moved = door.folder.moved(&upload.path, &door.folder.sent(&lies));
    moved.map_err(|error| Fault::Unavailable { cause: format!("a file could not be kept: {error}") })?;
    let todo = Todo { name: record.name.clone(), lies, is_held: false };
    let key = door.keys.todo_of(at, &record.id);
    let ops = vec![record.kept(&door.keys), keep(key, Some(to_value(&todo)))];
    org.read(move |store, org| store.commit(org, &[commit(ops)])).await?;
    door.wake();
    Ok((StatusCode::ACCEPTED, Json(shown(door, &record))))
}

fn mode(query: &Query, door: &FilesDoor, principal: &Principal) -> Result<Mode, Fault> {
    match (query.last("mode"), door.mode) {
        (None | Some("send"), FilesMode::Events) => Ok(Mode::Events),
        (None | Some("send"), FilesMode::State) => Ok(Mode::State),
        (Some("adopt"), FilesMode::State) if !principal.may_brake_all() => {
            Err(Fault::Forbidden { what: "adopt a state" })
        }
        (Some("adopt"), FilesMode::State) => Ok(Mode::Adopt),
        (Some("adopt"), FilesMode::Events) => {
            Err(Fault::parameter("mode", "files of this source hold events; only a whole state can be adopted"))
        }
        (Some(_), _) => Err(Fault::parameter("mode", "must be send or adopt")),
    }
}

/// Whether a file of this name can lie in our folders.
fn is_name(name: &str) -> bool {
    let bad = |c: char| c.is_control() || matches!(c, '/' | '\\' | ':');
    (1..=NAME_BYTES_MAX).contains(&name.len()) && !name.starts_with('.') && !name.chars().any(bad)
}

/// A file that is being received; what is left of it is removed.
struct Upload {
    path: PathBuf,
}

impl Drop for Upload {
    fn drop(&mut self) {
        // Mostly it was moved on.
        drop(std::fs::remove_file(&self.path));
    }
}

/// Writes a body into a file; it is durable when this returns.
async fn receive(mut body: Body, path: &FilePath, max: u64) -> Result<(Digest, u64), Fault> {
    let (tell, mut pieces) = mpsc::channel::<Bytes>(4);
    let to = path.to_owned();
    let writing = tokio::task::spawn_blocking(move || -> std::io::Result<Digest> {
        let (mut file, mut hash) = (File::create(to)?, Sha256::new());
        while let Some(piece) = pieces.blocking_recv() {
            hash.update(&piece);
            file.write_all(&piece)?;
        }
        file.sync_all()?;
        Ok(Digest(hash.finalize().into()))
    });
    let mut bytes = 0_u64;
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else { return Err(Fault::BodyCut) };
        let Ok(piece) = frame.into_data() else { continue };
        bytes += piece.len() as u64;
        if bytes > max {
            return Err(Fault::TooLarge { max: usize::try_from(max).unwrap_or(usize::MAX) });
        }
        // Where the writer has ended, it says why.
        if tell.send(piece).await.is_err() {
            break;
        }
    }
    drop(tell);
    let cannot = |cause: String| Fault::Unavailable { cause: format!("a file could not be kept: {cause}") };
    let written = writing.await.map_err(|error| cannot(error.to_string()))?;
    Ok((written.map_err(|error| cannot(error.to_string()))?, bytes))
}
