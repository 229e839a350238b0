//! Which trades a call asks for.

use serde_json::{Value, json};

use super::{body, jobs::Done, review, rules::acting, show, trade::Trade};
use crate::{
    platform::{call::Call, errors, models::instant, schedules::query::ids, world::management_unit_of},
    record::Shift,
    refusal::Checked,
    target::Target,
};

/// The week of the shift that comes in return, where it is another.
pub(crate) fn other_week(trade: &Trade) -> Option<String> {
    trade.receiving.as_ref().and_then(|side| side.week()).filter(|week| *week != trade.week())
}

/// The trades of the management units and weeks that a body names.
fn asked(target: &Target, call: &Call) -> Checked<(Vec<Trade>, Vec<String>)> {
    let body = call.object()?;
    let units = body::units(target, call.param("businessUnitId"), body)?;
    let weeks = body::weeks(body)?;
    let mut trades = Trade::all(target, call.read_at);
    trades.retain(|trade| units.contains(&trade.unit) && weeks.contains(&trade.week()));
    Ok((trades, weeks))
}

fn listed(trades: &[Trade]) -> Done {
    Done::listing("entities", trades.iter().map(show::item).collect())
}

pub(crate) fn evaluate(target: &mut Target, call: &Call, _: bool) -> Checked<Done> {
    let (trades, _) = asked(target, call)?;
    let evaluated = trades.iter().map(|trade| {
        let mut shown = json!({"trade": show::item(trade)});
        if trade.status() == "matched" {
            shown["matchReview"] = review::of(trade);
        }
        shown
    });
    Ok(Done::listing("entities", evaluated.collect()))
}

pub(crate) fn query(target: &mut Target, call: &Call, _: bool) -> Checked<Done> {
    let (mut trades, _) = asked(target, call)?;
    if let Some(users) = ids(call.object()?.get("userIds"), "userIds")? {
        trades.retain(|trade| users.is_empty() || users.iter().any(|user| trade.involves(user)));
    }
    Ok(listed(&trades))
}

/// The user's trades; a client that is no agent sees those of all.
pub(crate) fn mine(target: &mut Target, call: &Call, _: bool) -> Checked<Done> {
    let weeks = body::weeks(call.object()?)?;
    let user = acting(target, call)?;
    let mut trades = Trade::all(target, call.read_at);
    trades.retain(|trade| weeks.contains(&trade.week()) && user.is_none_or(|user| trade.involves(user)));
    Ok(listed(&trades))
}

pub(crate) fn summaries(target: &mut Target, call: &Call, _: bool) -> Checked<Done> {
    let body = call.object()?;
    let units = body::units(target, call.param("businessUnitId"), body)?;
    let mut trades = Trade::all(target, call.read_at);
    trades.retain(|trade| units.contains(&trade.unit) && trade.status() == "matched");
    let weeks = body::weeks(body)?.into_iter().map(|week| {
        let own = trades.iter().filter(|trade| trade.week() == week).count();
        let across = trades.iter().filter(|trade| other_week(trade).as_ref() == Some(&week)).count();
        json!({"weekDate": week, "initiatingMatchedCount": own, "crossWeekReceivingMatchedCount": across})
    });
    let weeks: Vec<Value> = weeks.collect();
    let mut done = Done::listing("weeks", weeks.clone());
    done.notice = json!({"weekSummaries": {"weeks": weeks}});
    Ok(done)
}

/// An offer that the user could take up.
#[derive(Debug)]
pub(crate) struct Match {
    pub(crate) trade: Trade,
    /// The user's shifts that would do.
    pub(crate) shifts: Vec<String>,
    /// What the user would get.
    pub(crate) preview: Value,
}

pub(crate) fn unmatched(target: &mut Target, call: &Call, _: bool) -> Checked<Done> {
    let body = call.object()?;
    let units = match body.get("managementUnitIds").filter(|units| !units.is_null()) {
        Some(_) => body::units(target, call.param("businessUnitId"), body)?,
        None => vec![management_unit_of(call.param("businessUnitId"))],
    };
    let weeks = body::weeks(body)?;
    if weeks.len() > 1 {
        return Err(errors::validation("weekDates", "weekDates holds one week at most"));
    }
    let schedule = body::needed_in(body, "receivingSchedule", "id")?;
    let fits = |trade: &Trade| units.contains(&trade.unit) && weeks.contains(&trade.week());
    let found = matches(target, call, schedule, body.get("receivingShiftIds"), fits)?;
    let trades = found.iter().map(|one| {
        let matches = json!([{"shiftIds": one.shifts, "preview": one.preview}]);
        json!({"trade": show::item(&one.trade), "receivingShiftMatches": matches})
    });
    Ok(Done::listing("trades", trades.collect()))
}

/// The open offers of others that fit, each with the shifts that would do in return.
pub(crate) fn matches(
    target: &Target,
    call: &Call,
    schedule: &str,
    shifts: Option<&Value>,
    fits: impl Fn(&Trade) -> bool,
) -> Checked<Vec<Match>> {
    let own = target.schedule(schedule).ok_or_else(|| errors::unknown_in_body("schedule", schedule))?;
    let user = acting(target, call)?;
    let named = ids(shifts, "receivingShiftIds")?.unwrap_or_default();
    let of_user = own.agents.iter().filter(|(id, _)| user.is_none_or(|user| user == &***id));
    let offered: Vec<(&str, &Shift)> = of_user
        .flat_map(|(id, agent)| agent.week.shifts.iter().map(move |shift| (&**id, shift)))
        .filter(|(_, shift)| named.contains(&shift.id))
        .collect();
    let open = Trade::all(target, call.read_at).into_iter().filter(|trade| {
        let mine = user.is_some_and(|user| user == trade.initiating.agent);
        let for_other = user.is_some_and(|user| trade.meant_for().is_some_and(|one| one != user));
        trade.status() == "pending" && !mine && !for_other && fits(trade)
    });
    let found = open.filter_map(|trade| {
        let preview = review::preview(trade.initiating.held()?);
        let would_do = |(agent, shift): &&(&str, &Shift)| *agent != trade.initiating.agent && covers(&trade, shift);
        let shifts: Vec<String> = offered.iter().filter(would_do).map(|(_, shift)| shift.id.clone()).collect();
        (!shifts.is_empty() || trade.one_sided()).then_some(Match { trade, shifts, preview })
    });
    Ok(found.collect())
}

/// Whether a shift lies in a span that the offer takes.
pub(crate) fn covers(trade: &Trade, shift: &Shift) -> bool {
    let at = |span: &Value, name: &str| span[name].as_str().and_then(instant);
    let inside =
        |span: &Value| at(span, "startDate") <= Some(shift.start_ms) && at(span, "endDate") >= Some(shift.end_ms());
    trade.intervals().is_empty() || trade.intervals().iter().any(inside)
}
