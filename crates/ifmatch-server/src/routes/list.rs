//! `GET /v1/intents`: the intents of an org, filtered, page by page.
//!
//! Parameters: `state` (repeated, or separated by commas), `source`, `kind`, `code`, `limit` (1 to
//! 1000, default 100), `after` (the `next` of the page before), `order` (`oldest` or `newest`
//! first), `org` (for the operator of several).

use crate::answer::Answer;
use crate::app::{App, Principal};
use crate::problem::Fault;
use crate::query::Query;
use axum::Json;
use axum::extract::State as AppState;
use http::Uri;
use ifmatch_core::{SourceName, State};
use ifmatch_store::{Direction, ListFilter};
use serde::Serialize;

/// Shape: `{"intents": [answer, …], "next": "117"}`; `next` is null on the last page.
#[derive(Serialize)]
pub(crate) struct Page {
    intents: Vec<Answer>,
    next: Option<String>,
}

const LIMIT_MAX: usize = 1000;

pub(crate) async fn handle(AppState(app): AppState<App>, principal: Principal, uri: Uri) -> Result<Json<Page>, Fault> {
    let known = ["org", "state", "source", "kind", "code", "limit", "after", "order"];
    let query = Query::read(&uri, &known)?;
    let org = app.org_or_only(&principal, query.last("org"))?;
    let filter = filter(&query)?;
    let limit = filter.limit;
    let mut records = org.read(move |store, org| store.list(org, &ListFilter { limit: limit + 1, ..filter })).await?;
    // One more than asked for tells whether there is a next page.
    let more = records.len() > limit;
    records.truncate(limit);
    let next = records.last().filter(|_| more).map(|record| record.order.to_string());
    let intents = records.into_iter().map(Answer::of).collect();
    Ok(Json(Page { intents, next }))
}

fn filter(query: &Query) -> Result<ListFilter, Fault> {
    let mut filter = ListFilter::default();
    for text in query.all("state").flat_map(|text| text.split(',')).filter(|text| !text.is_empty()) {
        let state = State::parse(text);
        let unknown = || Fault::parameter("state", format!("{text:?} is no state"));
        filter.states.insert(state.ok_or_else(unknown)?);
    }
    filter.source = query.last("source").map(SourceName::from);
    filter.kind = query.last("kind").map(str::to_owned);
    filter.code = query.last("code").map(str::to_owned);
    if let Some(text) = query.last("limit") {
        let limit = text.parse().ok().filter(|limit| (1..=LIMIT_MAX).contains(limit));
        let reason = format!("must be from 1 to {LIMIT_MAX}");
        filter.limit = limit.ok_or_else(|| Fault::parameter("limit", reason))?;
    }
    if let Some(text) = query.last("after") {
        let after = text.parse().map_err(|_| Fault::parameter("after", "must be the next of another page"))?;
        filter.after = Some(after);
    }
    filter.direction = match query.last("order") {
        None | Some("oldest") => Direction::OldestFirst,
        Some("newest") => Direction::NewestFirst,
        Some(_) => return Err(Fault::parameter("order", "must be oldest or newest")),
    };
    Ok(filter)
}
