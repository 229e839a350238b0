//! Routes of shift trades.

use super::{Asked, Routed, error};
use crate::wfm_v2::kinds::TRADE;
use ifmatch_core::{Change, Method, Name, Resource, Route, RouteError, canonical_json};
use serde_json::{Value, json};

pub(super) fn route<'a>(
    ask: impl FnOnce() -> Result<Asked<'a>, RouteError>,
    method: Method,
    parts: &[String],
) -> Routed {
    match (method, parts) {
        (Method::Get, [id]) => Ok(Route::Read(Resource::by_id(ask()?.org, TRADE, id))),
        (Method::Post, []) => create(&ask()?),
        (Method::Put, [id]) => put(ask()?, id),
        (Method::Patch, [id]) => ask()?.change(TRADE, id, false),
        _ => Ok(Route::Unknown),
    }
}

/// A trade is found again by its own id or by that of the request; one with neither is the
/// target's alone.
fn create(asked: &Asked<'_>) -> Routed {
    let name = match (asked.body.get("trade_id"), asked.text("swap_request_id")) {
        (Some(Value::String(id)), _) if !id.is_empty() => Name::Id(id.clone()),
        (None | Some(Value::Null), Some(id)) => Name::Key(canonical_json(&json!({"swap_request_id": id}))),
        (None | Some(Value::Null), None) => return Ok(Route::Unknown),
        (Some(_), _) => return Err(error("invalid_field", "/trade_id", "a trade_id is text")),
    };
    Ok(Route::Write {
        resource: Resource::new(asked.org, TRADE, name),
        base: asked.base(&asked.body, asked.header, "")?,
        change: Change::Create(Value::Object(asked.body.clone())),
        whole: true,
    })
}

/// A PUT replaces the record: what it leaves out is cleared to its default.
fn put(mut asked: Asked<'_>, id: &str) -> Routed {
    for (name, cleared) in [("receiving", Value::Null), ("notes", json!("")), ("expires_at", Value::Null)] {
        asked.body.entry(name).or_insert(cleared);
    }
    asked.change(TRADE, id, true)
}
