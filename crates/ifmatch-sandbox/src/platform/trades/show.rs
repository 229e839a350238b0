//! A shift trade as the vendor shows it: on the older routes, in jobs, in the results of bulks, in notices.

use serde_json::{Value, json};

use super::trade::{Side, Trade};
use crate::{
    platform::{
        W,
        call::user_reference,
        document::metadata,
        schedules::show::{midnight, uri},
    },
    record::Schedule,
    time::{format_instant, parse_instant},
};

/// A value without its members that are `null`.
pub(crate) fn bare(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            map.into_iter().filter(|(_, value)| !value.is_null()).map(|(name, value)| (name, bare(value))).collect()
        }
        Value::Array(list) => list.into_iter().map(bare).collect(),
        other => other,
    }
}

fn instant(at: Option<i64>) -> Value {
    at.map_or(Value::Null, |at| json!(format_instant(at)))
}

/// When the offer ends.
fn expires(trade: &Trade) -> Value {
    instant(parse_instant(trade.flat.text("expires_at")))
}

fn user(id: Option<&str>) -> Value {
    id.map_or(Value::Null, user_reference)
}

/// A schedule with its business unit.
fn schedule(own: &Schedule) -> Value {
    let unit = &own.business_unit_id;
    json!({
        "id": own.id, "weekDate": own.week, "selfUri": uri(own),
        "businessUnit": {"id": unit, "selfUri": format!("{W}/businessunits/{unit}")},
    })
}

/// `ShiftTradeResponse`.
pub(crate) fn legacy(trade: &Trade) -> Value {
    let (first, second) = (&trade.initiating, trade.receiving.as_ref());
    let receiving = second.map(|side| side.agent.as_str()).or(trade.meant_for());
    let intervals = trade.intervals().iter().map(|span| {
        json!(format!(
            "{}/{}",
            span["startDate"].as_str().unwrap_or_default(),
            span["endDate"].as_str().unwrap_or_default()
        ))
    });
    bare(json!({
        "id": trade.id(), "weekDate": trade.week(), "schedule": first.schedule.as_deref().map(schedule),
        "state": trade.state(), "initiatingUser": user_reference(&first.agent), "initiatingShiftId": first.shift,
        "initiatingShiftStart": instant(first.start), "initiatingShiftEnd": instant(first.end),
        "receivingWeekDate": second.and_then(Side::week), "receivingUser": user(receiving),
        "receivingShiftId": second.and_then(|side| side.shift.clone()),
        "receivingShiftStart": instant(second.and_then(|side| side.start)),
        "receivingShiftEnd": instant(second.and_then(|side| side.end)), "expiration": expires(trade),
        "oneSided": trade.one_sided(), "acceptableIntervals": intervals.collect::<Vec<Value>>(),
        "reviewedBy": user(trade.more("reviewedBy").as_str()), "reviewedDate": trade.more("reviewedDate"),
        "metadata": metadata(&trade.flat.meta),
    }))
}

/// `ShiftTradeResponseItem`.
pub(crate) fn item(trade: &Trade) -> Value {
    let first = &trade.initiating;
    let receiving = trade.receiving.as_ref().map(|side| {
        let given = side.shift.as_ref().map(|_| shift(side));
        json!({"user": user_reference(&side.agent), "shift": given})
    });
    bare(json!({
        "id": trade.id(), "state": trade.state(), "expirationDate": expires(trade),
        "initiating": {
            "user": user_reference(&first.agent), "shift": shift(first),
            "managementUnit": {"id": trade.unit, "selfUri": format!("{W}/managementunits/{}", trade.unit)},
            "schedule": first.schedule.as_deref().map(schedule),
            "reviewNote": Some(trade.flat.text("notes")).filter(|note| !note.is_empty()),
        },
        "receiving": receiving, "acceptableIntervals": trade.intervals(), "oneSided": trade.one_sided(),
        "target": trade.meant_for().map(|id| json!({"user": user_reference(id)})),
        "reviewedBy": user(trade.more("reviewedBy").as_str()), "reviewedDate": trade.more("reviewedDate"),
        "metadata": metadata(&trade.flat.meta),
    }))
}

fn shift(side: &Side) -> Value {
    json!({
        "id": side.shift, "startDate": instant(side.start), "endDate": instant(side.end), "weekDate": side.week(),
    })
}

/// `BulkUpdateShiftTradeStateResultItem`, with the reason where the state was left alone.
pub(crate) fn result(trade: &Trade, failure: Option<&str>) -> Value {
    bare(json!({
        "id": trade.id(), "state": trade.state(), "reviewedBy": user(trade.more("reviewedBy").as_str()),
        "reviewedDate": trade.more("reviewedDate"), "failureReason": failure, "metadata": metadata(&trade.flat.meta),
    }))
}

/// The same in a notice, whose references are ids alone.
pub(crate) fn noticed_result(result: &Value) -> Value {
    let only_id = |reference: &Value| reference.get("id").map(|id| json!({"id": id}));
    let meta = &result["metadata"];
    let mut shown = result.clone();
    shown["reviewedBy"] = only_id(&result["reviewedBy"]).unwrap_or_default();
    shown["metadata"] = json!({
        "version": meta["version"], "dateModified": meta["dateModified"], "modifiedBy": only_id(&meta["modifiedBy"]),
    });
    bare(shown)
}

/// The trade in the notice of a job.
pub(crate) fn noticed(trade: &Trade) -> Value {
    let side = |side: &Side, note: Option<&str>| {
        let shift = side.shift.as_ref().map(|id| {
            json!({
                "id": id, "startDate": instant(side.start), "endDate": instant(side.end), "weekDate": side.week(),
                "scheduleId": side.schedule.as_ref().map(|own| &own.id), "managementUnitId": trade.unit,
                "scheduleStartDate": side.schedule.as_ref().map(|own| own.week.clone()),
            })
        });
        json!({"userId": side.agent, "shift": shift, "reviewNote": note.filter(|note| !note.is_empty())})
    };
    let meta = &trade.flat.meta;
    bare(json!({
        "id": trade.id(), "state": trade.state(), "expirationDate": expires(trade), "oneSided": trade.one_sided(),
        "acceptableIntervals": trade.intervals(), "initiating": side(&trade.initiating, Some(trade.flat.text("notes"))),
        "receiving": trade.receiving.as_ref().map(|own| side(own, None)), "targetUserId": trade.meant_for(),
        "reviewedBy": trade.more("reviewedBy"), "reviewedDate": trade.more("reviewedDate"),
        "metadata": {"version": meta.version, "modifiedBy": &*meta.by_id, "dateModified": format_instant(meta.at)},
    }))
}

/// The week in the notice of a bulk.
pub(crate) fn noticed_week(week: &str) -> Value {
    json!(midnight(week))
}
