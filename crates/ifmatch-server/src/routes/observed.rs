//! `GET /v1/observed`: what observe mode found, by source and ISO week.
//!
//! Parameters: `week` (as `2026-W47`), `source`, `org`. A source is told of itself only.

use crate::app::{App, Principal};
use crate::problem::Fault;
use crate::query::Query;
use axum::Json;
use axum::extract::State;
use http::Uri;
use ifmatch_core::{Sheet, Sums, week_of};
use serde_json::{Value, json};

/// Shape: `{"now", "week": "2026-W47", "orgs": [{"org", "missed": 0}], "sheets": [{"org", "source", "week", "sums": {"lost_edits": 41,
/// …}, "clients": [{"client", "sums"}], "findings": [{"known": "lost", "at", "kind", "record", "path", "before", "written", "by",
/// "over", "version"}], "fallen": 0}]}`; `week` is the present one, `missed` counts from the start of the process.
pub(crate) async fn handle(State(app): State<App>, principal: Principal, uri: Uri) -> Result<Json<Value>, Fault> {
    let query = Query::read(&uri, &["week", "source", "org"])?;
    let (mut orgs, mut sheets) = (Vec::new(), Vec::new());
    for org in app.orgs_of(&principal) {
        let Some(watcher) = app.watchers.get(&org.org) else { continue };
        if query.last("org").is_some_and(|named| named != org.org.as_str()) {
            continue;
        }
        let gone = || Fault::Unavailable { cause: "the observer has ended".to_owned() };
        let book = watcher.book().await.ok_or_else(gone)?;
        orgs.push(json!({"org": org.org, "missed": watcher.missed()}));
        for ((source, week), sheet) in &book.sheets {
            let own = matches!(principal, Principal::Operator) || principal.name() == *source;
            let asked = |name: &str, value: &str| query.last(name).is_none_or(|wanted| wanted == value);
            if own && asked("source", source.as_str()) && asked("week", week) {
                sheets.push(shown(org.org.as_str(), source.as_str(), week, sheet));
            }
        }
    }
    let now = app.clock.now();
    Ok(Json(json!({"now": now, "week": week_of(now), "orgs": orgs, "sheets": sheets})))
}

fn shown(org: &str, source: &str, week: &str, sheet: &Sheet) -> Value {
    let sums = sheet.clients.values().fold(Sums::default(), Sums::and);
    let client = |(id, sums): (&String, &Sums)| json!({"client": (!id.is_empty()).then_some(id), "sums": sums});
    json!({
        "org": org, "source": source, "week": week,
        "sums": sums,
        "clients": sheet.clients.iter().map(client).collect::<Vec<_>>(),
        "findings": sheet.findings,
        "fallen": sheet.fallen,
    })
}
