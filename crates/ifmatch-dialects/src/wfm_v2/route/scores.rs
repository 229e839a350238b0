//! Routes of quality scores.

use super::{Asked, Routed, error};
use crate::wfm_v2::kinds::SCORE;
use crate::wfm_v2::reply;
use ifmatch_core::{Change, Method, Name, Resource, Route, RouteError, canonical_json};
use serde_json::{Map, Value, json};

pub(super) fn route<'a>(
    ask: impl FnOnce() -> Result<Asked<'a>, RouteError>,
    method: Method,
    parts: &[String],
) -> Routed {
    match (method, parts) {
        (Method::Get, [id]) => Ok(Route::Read(Resource::by_id(ask()?.org, SCORE, id))),
        (Method::Post, []) => post(&ask()?),
        (Method::Post, [bulk]) if bulk == "bulk" => bulk_items(ask()?),
        (Method::Patch, [id]) => patch(&ask()?, id),
        _ => Ok(Route::Unknown),
    }
}

fn post(asked: &Asked<'_>) -> Routed {
    match asked.body.get("id") {
        None | Some(Value::Null) => create(asked),
        Some(Value::String(id)) if !id.is_empty() => asked.change(SCORE, id, true),
        Some(_) => Err(error("invalid_field", "/id", "an id is text")),
    }
}

/// A score without an id has its lane on the natural key, the address in small letters: the target
/// compares it so.
fn create(asked: &Asked<'_>) -> Routed {
    let value = Value::Object(asked.body.clone());
    let date = asked.text("review_date").map(str::to_owned).or_else(|| reply::review_date(&value));
    Ok(Route::Write {
        resource: by_key(asked, date.as_deref())?,
        base: asked.base(&asked.body, asked.header, "")?,
        change: Change::Create(value),
        whole: true,
    })
}

fn by_key(asked: &Asked<'_>, date: Option<&str>) -> Result<Resource, RouteError> {
    let need = |name: &'static str| {
        let missing = || error("missing_field", format!("/{name}"), "a score needs the fields of its natural key");
        asked.text(name).ok_or_else(missing)
    };
    let email = need("agent_email")?.to_lowercase();
    let form = need("evaluation_form")?;
    let date = date.ok_or_else(|| error("missing_field", "/reviewed_at", "reviewed_at or review_date is needed"))?;
    let key = json!({"agent_email": email, "evaluation_form": form, "review_date": date});
    Ok(Resource::new(asked.org, SCORE, Name::Key(canonical_json(&key))))
}

/// The id of a PATCH may be an agent's: then form and date in the body choose the record.
fn patch(asked: &Asked<'_>, id: &str) -> Routed {
    let (form, date) = (asked.text("evaluation_form"), asked.text("review_date"));
    let (Some(_), Some(date)) = (form, date) else {
        return asked.change(SCORE, id, false);
    };
    let agent = asked.text("agent_id");
    if asked.text("id") == Some(id) || agent.is_some_and(|agent| agent != id) {
        return asked.change(SCORE, id, false);
    }
    if agent != Some(id) || asked.text("agent_email").is_none() {
        return Ok(Route::Unknown);
    }
    let resource = by_key(asked, Some(date))?;
    match asked.change(SCORE, id, false)? {
        Route::Write { change, base, whole, .. } => Ok(Route::Write { resource, change, base, whole }),
        other => Ok(other),
    }
}

fn bulk_items(asked: Asked<'_>) -> Routed {
    let Some(items) = asked.body.get("items").and_then(Value::as_array) else {
        return Err(error("invalid_field", "/items", "a list of scores is needed"));
    };
    let one = |(index, item): (usize, &Value)| {
        let body = item.as_object().cloned();
        let body: Map<String, Value> =
            body.ok_or_else(|| error("invalid_field", format!("/items/{index}"), "a score is an object"))?;
        let item = Asked { body, header: None, ..asked };
        post(&item).map_err(|RouteError(mut inner)| {
            inner.field = format!("/items/{index}{}", inner.field);
            RouteError(inner)
        })
    };
    let routes: Result<Vec<Route>, RouteError> = items.iter().enumerate().map(one).collect();
    Ok(Route::Batch(routes?))
}
