//! The endpoints, one file each.

pub(crate) mod blame;
pub(crate) mod brake;
pub(crate) mod cancel;
pub(crate) mod decide;
pub(crate) mod error_page;
pub(crate) mod events;
pub(crate) mod files;
pub(crate) mod freshness;
pub(crate) mod holds;
pub(crate) mod hook;
pub(crate) mod imports;
pub(crate) mod list;
pub(crate) mod live;
pub(crate) mod oauth_token;
pub(crate) mod observed;
pub(crate) mod openapi;
pub(crate) mod ready;
pub(crate) mod sandbox_control;
pub(crate) mod show;
pub(crate) mod status;
pub(crate) mod submit;
pub(crate) mod undo;
pub(crate) mod why;

use crate::answer::{Answer, Shape};
use crate::app::{App, Principal};
use crate::driver::OrgHandle;
use crate::problem::Fault;
use crate::query::Query;
use axum::Json;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, Uri};
use ifmatch_core::{IntentId, IntentRecord, Resource, undo_of_half};

/// The record that a request names by the parameters `kind`, `id` and, where the caller has several, `org`; with its org.
fn named_record<'a>(app: &'a App, principal: &Principal, uri: &Uri) -> Result<(&'a OrgHandle, Resource), Fault> {
    let query = Query::read(uri, &["org", "kind", "id"])?;
    let (kind, id) = (query.named("kind")?, query.named("id")?);
    let org = app.org_or_only(principal, query.last("org"))?;
    Ok((org, Resource::by_id(&org.org, kind, id)))
}

/// An intent that the caller may see, with its org.
async fn find<'a>(app: &'a App, principal: &Principal, id: &str) -> Result<(&'a OrgHandle, IntentRecord), Fault> {
    let unknown = || Fault::UnknownIntent { id: id.chars().take(64).collect() };
    let parsed: IntentId = id.parse().map_err(|_| unknown())?;
    for org in app.orgs_of(principal) {
        if let Some(record) = org.intent(parsed).await? {
            return Ok((org, record));
        }
    }
    Err(unknown())
}

/// Why an intent stands where it stands and what comes next, in one paragraph. Where the engine has
/// no time to say what comes next, that part is left out.
async fn paragraph(org: &OrgHandle, record: &IntentRecord) -> String {
    let id = record.id;
    let outlook = match record.status.state.is_terminal() {
        true => None,
        false => org.ask(move |engine| engine.outlook(id)).await.ok().flatten(),
    };
    // Half a pair may have been taken back since it landed.
    let back = match record.status.partner {
        Some(_) => org.read(move |store, org| store.intent(org, undo_of_half(id))).await.ok().flatten(),
        None => None,
    };
    ifmatch_core::why(record, outlook.as_ref(), back.as_ref())
}

/// The answer about one intent; while it is open its reason is the whole paragraph.
pub(crate) async fn told(org: &OrgHandle, record: IntentRecord) -> Answer {
    if record.status.state.is_terminal() {
        return Answer::of(record);
    }
    let reason = paragraph(org, &record).await;
    Answer::of(record).because(reason)
}

/// 200 with a settled intent, 202 with one that is not.
fn respond(answer: &Answer, shape: Shape) -> Response {
    let status = if answer.is_settled() { StatusCode::OK } else { StatusCode::ACCEPTED };
    (status, Json(answer.shaped(shape))).into_response()
}
