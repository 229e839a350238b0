//! `POST /v1/intents/{id}/undo`: takes back what an intent wrote, as a new intent; of a pair both halves, as a pair.
//!
//! The answer is that of a submission: 202 with the new intent, or 200 when it settled within
//! `?wait=S`. An `Idempotency-Key` makes repeating safe as it does there.

use super::submit::{answer, idempotency_key};
use super::{find, respond};
use crate::answer::Shape;
use crate::app::{App, Principal};
use crate::driver::submission;
use crate::problem::Fault;
use crate::query::Query;
use crate::{random, wait};
use axum::extract::{Path, State};
use axum::response::Response;
use http::{HeaderMap, Uri};
use ifmatch_core::{Dialect, Intent, IntentRecord, UndoError, undo, undo_both};
use ifmatch_store::StoredAttempt;

pub(crate) async fn handle(
    State(app): State<App>,
    principal: Principal,
    Path(id): Path<String>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Fault> {
    let query = Query::read(&uri, &["wait"])?;
    let until = match query.last("wait") {
        Some(text) => Some(app.clock.now() + wait::seconds("wait", text, app.settings.wait_max())?),
        None => None,
    };
    let key = idempotency_key(&headers)?;
    let (org, record) = find(&app, &principal, &id).await?;
    if !principal.may_decide(&record.source) {
        return Err(Fault::Forbidden { what: "undo intents of other sources" });
    }
    let intent = record.id;
    let attempts = org.read(move |store, org| store.attempts_of(org, intent)).await?;
    let mut wish = undone(&*org.dialect, &record, &attempts).map_err(|error| Fault::NotUndoable { intent, error })?;
    if let Some(partner) = record.status.partner {
        let other =
            org.read(move |store, org| Ok((store.intent(org, partner)?, store.attempts_of(org, partner)?))).await?;
        if let (Some(other), attempts) = other {
            wish = undo_both(wish, undone(&*org.dialect, &other, &attempts))
                .map_err(|error| Fault::NotUndoable { intent: partner, error })?;
        }
    }
    wish.idempotency_key = key;
    let resource = wish.resource.clone();
    let source = principal.name();
    let taken = org.submit(submission(random::intent_id(&app.clock), source.clone(), wish))?.taken().await?;
    Ok(respond(&answer(&app, org, taken, resource, source, until).await?, Shape::Full))
}

fn undone(dialect: &dyn Dialect, record: &IntentRecord, attempts: &[StoredAttempt]) -> Result<Intent, UndoError> {
    undo(dialect, record, attempts.iter().map(StoredAttempt::with_end))
}
