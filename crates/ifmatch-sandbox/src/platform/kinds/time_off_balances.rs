//! Balances of time off, as far as they are documented: every activity code has the same allowance, less what is approved.

use serde_json::{Value, json};

use crate::{
    api::Reply,
    platform::{
        W,
        call::{Call, Share},
        errors,
    },
    refusal::Checked,
    rng::uuid_of,
    target::Target,
    time::{date_plus, parse_date},
};

pub(crate) const SHARE: Share = &[
    ("postWorkforcemanagementManagementunitUserTimeoffbalanceJobs", ask),
    ("postWorkforcemanagementTimeoffbalanceJobs", ask),
    ("getWorkforcemanagementTimeoffbalanceJob", job),
];

/// Minutes that everybody may take.
const ALLOWANCE: i64 = 25 * 480;

fn ask(target: &mut Target, call: &Call) -> Checked<Reply> {
    let user = match call.params.get("userId") {
        Some(user) if target.agents.email(user).is_none() => return Err(errors::not_found("user", user)),
        Some(user) => user.clone(),
        None => call.user()?.to_owned(),
    };
    let body = call.object()?;
    let list = |name: &str| body.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
    let (_, unit) = target.home_units();
    let taken = target.documents_under(&format!("{W}/managementunits/{unit}/users/{user}/timeoffrequests"), i64::MAX);
    let mut entities = Vec::new();
    for code in list("activityCodeIds") {
        let approved =
            taken.iter().filter(|(_, one)| one.text("status") == "APPROVED" && *one.get("activityCodeId") == code);
        let minutes = approved.map(|(_, one)| {
            let days = one.get("fullDayManagementUnitDates").as_array().map_or(1, Vec::len);
            one.get("dailyDurationMinutes").as_i64().unwrap_or(0) * days as i64
        });
        let left = ALLOWANCE - minutes.sum::<i64>();
        for range in list("dateRanges") {
            let bound = |name: &str| range[name].as_str().and_then(parse_date);
            let (Some(first), Some(last)) = (bound("startDate"), bound("endDate")) else {
                return Err(errors::validation("dateRanges", "A range has a first and a last date"));
            };
            let days = (0..=366).take_while(|day| date_plus(first, *day) <= last).count();
            entities.push(json!({
                "activityCodeId": code, "hrisTimeOffTypeId": uuid_of(&format!("time-off-type/{code}")), "startDate": first.to_string(), "balanceMinutesPerDay": vec![left; days],
            }));
        }
    }
    if !target.wants_job(call) {
        return Ok(Reply::new(200, json!({"entities": entities})));
    }
    let id = target.platform_id();
    let pending = json!({"status": "Processing"});
    target.start_job(call, &id, json!({"status": "Complete", "entities": entities}), pending, end);
    let link = format!("{W}/timeoffbalance/jobs/{id}");
    Ok(Reply::new(202, json!({"job": {"id": id, "status": "Processing", "selfUri": link}})))
}

fn end(target: &mut Target, now: i64, id: &str) {
    let Some(job) = target.platform.jobs.get_mut(id) else { return };
    job.body = job.work.clone();
    let user = job.writer.id.clone();
    let body = job.body.clone();
    target.notify(now, format!("v2.users.{user}.workforcemanagement.timeoffbalance.jobs"), body);
}

fn job(target: &mut Target, call: &Call) -> Checked<Reply> {
    Ok(call.reply(target.job_body(call)?))
}
