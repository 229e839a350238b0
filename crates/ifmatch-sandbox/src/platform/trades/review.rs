//! What a supervisor looks at before deciding a matched trade.

use serde_json::{Value, json};

use super::trade::{Side, Trade};
use crate::{
    platform::schedules::show::taken_for_granted,
    record::{Activity, Shift},
    time::format_instant,
};

/// `ShiftTradeMatchReviewResponse`.
pub(crate) fn of(trade: &Trade) -> Value {
    let (first, second) = (&trade.initiating, trade.receiving.as_ref());
    let (given, taken) = (first.held(), second.and_then(Side::held));
    let mut violations = Vec::new();
    if given.is_none() {
        violations.push(json!({"type": "InitiatingShiftDoesNotExist"}));
    }
    if second.is_some_and(|side| side.shift.is_some()) && taken.is_none() {
        violations.push(json!({"type": "ReceivingShiftDoesNotExist"}));
    }
    let unequal = second.is_some() && paid(given) != paid(taken);
    let admin = if unequal { vec![json!({"type": "UnequalPaidTime"})] } else { Vec::new() };
    let mut review = json!({
        "initiatingUser": user(first, given, taken), "violations": violations, "adminReviewViolations": admin,
        "unevaluatedRules": [],
    });
    if let Some(second) = second {
        review["receivingUser"] = user(second, taken, given);
    }
    review
}

fn user(side: &Side, gives: Option<&Shift>, gets: Option<&Shift>) -> Value {
    let week = side.schedule.as_ref().and_then(|schedule| schedule.agents.get(side.agent.as_str()));
    let before: i64 = week.map_or(0, |agent| agent.week.shifts.iter().map(|shift| paid(Some(shift))).sum());
    let mut shown = json!({
        "preTradeSchedulePaidMinutes": before, "postTradeSchedulePaidMinutes": before - paid(gives) + paid(gets),
    });
    if let Some(shift) = gets {
        shown["postTradeNewShift"] = preview(shift);
    }
    shown
}

/// `ShiftTradePreviewResponse`.
pub(crate) fn preview(shift: &Shift) -> Value {
    let activity = |own: &Activity| {
        let granted = taken_for_granted(&own.code, own.length_minutes, own.more.get("paid"));
        json!({
            "startDate": format_instant(own.start_ms), "lengthMinutes": own.length_minutes, "activityCodeId": own.code,
            "countsAsPaidTime": granted["paid"], "payableMinutes": payable(own),
        })
    };
    json!({"activities": shift.activities.iter().map(activity).collect::<Vec<Value>>()})
}

fn payable(own: &Activity) -> i64 {
    let granted = taken_for_granted(&own.code, own.length_minutes, own.more.get("paid"));
    own.more.get("payableMinutes").or(granted.get("payableMinutes")).and_then(Value::as_i64).unwrap_or(0)
}

/// The minutes of a shift that are paid: those of its activities, or the whole of one that has none.
fn paid(shift: Option<&Shift>) -> i64 {
    let all = |shift: &Shift| match shift.activities.is_empty() {
        true => shift.length_minutes,
        false => shift.activities.iter().map(payable).sum(),
    };
    shift.map_or(0, all)
}
