//! Shift trading as jobs: each call is carried out at once, or put off and told by a job that its starter alone can read.

use serde_json::{Value, json};

use super::{
    body::{Terms, needed, needed_in, week},
    bulk,
    matching::{self, Matched},
    queries,
    rules::{self, guard, named},
    show,
    trade::Trade,
};
use crate::{
    api::Reply,
    platform::{
        call::{Call, Share},
        errors,
        operations::Operation,
    },
    refusal::{Checked, Refusal},
    target::Target,
};

pub(crate) const SHARE: Share = &[
    ("postWorkforcemanagementShifttradingTradesJobs", begin),
    ("getWorkforcemanagementShifttradingTradesJob", read),
    ("postWorkforcemanagementShifttradingTradeJobs", begin),
    ("getWorkforcemanagementShifttradingTradeJob", read),
    ("postWorkforcemanagementShifttradingTradeMatchJobs", begin),
    ("getWorkforcemanagementShifttradingTradeMatchJob", read),
    ("postWorkforcemanagementShifttradingTradeStateJobs", begin),
    ("getWorkforcemanagementShifttradingTradeStateJob", read),
    ("postWorkforcemanagementShifttradingTradesMineQueryJobs", begin),
    ("getWorkforcemanagementShifttradingTradesMineQueryJob", read),
    ("postWorkforcemanagementBusinessunitShifttradingTradesQueryJobs", begin),
    ("getWorkforcemanagementBusinessunitShifttradingTradesQueryJob", read),
    ("postWorkforcemanagementBusinessunitShifttradingTradesEvaluateJobs", begin),
    ("getWorkforcemanagementBusinessunitShifttradingTradesEvaluateJob", read),
    ("postWorkforcemanagementBusinessunitShifttradingTradesStateBulkJobs", begin),
    ("getWorkforcemanagementBusinessunitShifttradingTradesStateBulkJob", read),
    ("postWorkforcemanagementBusinessunitShifttradingWeeksSummaryJobs", begin),
    ("getWorkforcemanagementBusinessunitShifttradingWeeksSummaryJob", read),
    ("postWorkforcemanagementBusinessunitShifttradingUnmatchedSearchJobs", begin),
    ("getWorkforcemanagementBusinessunitShifttradingUnmatchedSearchJob", read),
];

/// What a job came to.
#[derive(Debug, Default)]
pub(crate) struct Done {
    pub(crate) result: Value,
    /// What its notice holds besides.
    pub(crate) notice: Value,
    /// Entities in the result: many are downloaded.
    pub(crate) count: usize,
}

impl Done {
    pub(crate) fn listing(name: &str, list: Vec<Value>) -> Self {
        Self { count: list.len(), result: json!({name: list}), notice: Value::Null }
    }

    fn of(trade: &Trade, result: Value) -> Self {
        Self { result, notice: json!({"trade": show::noticed(trade)}), count: 1 }
    }
}

/// What jobs do; a dry run tells only whether something stands against it.
type Work = fn(&mut Target, &Call, bool) -> Checked<Done>;

/// One sort of job.
struct Sort {
    /// The end of the path of its operation.
    path: &'static str,
    name: &'static str,
    member: &'static str,
    work: Work,
}

const SORTS: [Sort; 10] = [
    Sort { path: "/trades/{tradeId}/match/jobs", name: "MatchTrade", member: "matchTradeResult", work: take_up },
    Sort { path: "/{tradeId}/state/jobs", name: "UpdateTradeState", member: "updateTradeStateResult", work: set_state },
    Sort { path: "/trades/{tradeId}/jobs", name: "UpdateTrade", member: "updateTradeResult", work: update },
    Sort { path: "/shifttrading/trades/jobs", name: "AddTrade", member: "addTradeResult", work: add },
    Sort { path: "/mine/query/jobs", name: "QueryAgentTrades", member: "queryAgentTradesResult", work: queries::mine },
    Sort { path: "/trades/query/jobs", name: "QueryTrades", member: "queryTradesResult", work: queries::query },
    Sort {
        path: "/trades/evaluate/jobs",
        name: "EvaluateTrades",
        member: "evaluateTradesResult",
        work: queries::evaluate,
    },
    Sort {
        path: "/state/bulk/jobs",
        name: "BulkUpdateTradeStates",
        member: "bulkUpdateTradeStatesResult",
        work: bulk::by_supervisor,
    },
    Sort {
        path: "/weeks/summary/jobs",
        name: "QueryWeekSummaries",
        member: "queryWeekSummariesResult",
        work: queries::summaries,
    },
    Sort {
        path: "/unmatched/search/jobs",
        name: "SearchUnmatchedTrades",
        member: "searchUnmatchedTradesResult",
        work: queries::unmatched,
    },
];

fn sort(operation: &Operation) -> Checked<&'static Sort> {
    let found = SORTS.iter().find(|sort| operation.path.ends_with(sort.path));
    found.ok_or_else(|| errors::not_emulated(operation))
}

fn begin(target: &mut Target, call: &Call) -> Checked<Reply> {
    let sort = sort(call.operation)?;
    let id = target.platform_id();
    let uri = format!("{}/{id}", call.path);
    let mut body = json!({"id": id, "type": sort.name, "status": "Processing", "selfUri": uri});
    if target.wants_job(call) {
        (sort.work)(target, call, true)?;
        target.platform.trades.insert(id.clone(), call.clone());
        target.start_job(call, &id, Value::Null, body.clone(), end);
        return Ok(Reply::new(202, body));
    }
    let done = (sort.work)(target, call, false)?;
    complete(target, call, sort, &mut body, done.result, done.count);
    let status = if call.operation.success_codes.contains(&201) { 201 } else { 200 };
    Ok(Reply::new(status, body))
}

/// Puts the result into the body of a job, or the address to download it from.
fn complete(target: &mut Target, call: &Call, sort: &Sort, body: &mut Value, result: Value, count: usize) {
    body["status"] = json!("Complete");
    let large = target.options.platform.download_above.is_some_and(|most| count > most);
    if large || call.query_flag("forceDownloadService") {
        body["downloadUrl"] = json!(target.offer_download(call, result));
    } else {
        body[sort.member] = result;
    }
}

/// A job that was put off is carried out; a notice tells its starter.
fn end(target: &mut Target, now: i64, id: &str) {
    let Some(mut call) = target.platform.trades.remove(id) else { return };
    let Some(mut body) = target.platform.jobs.get(id).map(|job| job.body.clone()) else { return };
    let Ok(sort) = sort(call.operation) else { return };
    (call.now, call.read_at) = (now, now);
    let mut notice = json!({"id": id, "type": sort.name});
    match (sort.work)(target, &call, false) {
        Ok(done) => {
            if let Some(more) = done.notice.as_object() {
                notice.as_object_mut().into_iter().for_each(|notice| notice.extend(more.clone()));
            }
            complete(target, &call, sort, &mut body, done.result, done.count);
        }
        Err(refusal) => {
            body["status"] = json!("Error");
            body["error"] = error(&refusal, &call);
            let shown = |name: &str| body["error"][name].clone();
            notice["error"] = show::bare(json!({
                "status": shown("status"), "code": shown("code"), "message": shown("message"),
                "messageParams": shown("messageParams"),
            }));
        }
    }
    notice["status"] = body["status"].clone();
    if let Some(url) = body.get("downloadUrl") {
        notice["downloadUrl"] = url.clone();
    }
    if let Some(job) = target.platform.jobs.get_mut(id) {
        job.body = body;
    }
    let user = call.user.as_deref().unwrap_or(&call.writer.id);
    target.notify(now, format!("v2.users.{user}.workforcemanagement.shift.trading.jobs"), notice);
}

/// Why a job failed, as a refusal would have said it.
fn error(refusal: &Refusal, call: &Call) -> Value {
    errors::render(refusal, call.writer.request_id.as_deref().unwrap_or_default()).json().unwrap_or_default()
}

/// A job is at the path below the one that began it, and nowhere else.
fn read(target: &mut Target, call: &Call) -> Checked<Reply> {
    let body = target.job_body(call)?;
    match body["selfUri"].as_str().is_some_and(|uri| uri == call.path) {
        true => Ok(Reply::new(200, body)),
        false => Err(errors::no_such_job(call.param("jobId"))),
    }
}

fn add(target: &mut Target, call: &Call, dry: bool) -> Checked<Done> {
    let body = call.object()?;
    let shift = needed_in(body, "initiatingShift", "id")?;
    let offered = body.get("initiatingShift").and_then(Value::as_object);
    let offered = offered.ok_or_else(|| errors::validation("initiatingShift", "initiatingShift is required"))?;
    let schedule = needed_in(offered, "schedule", "id")?;
    let week = week(offered, "weekDate")?;
    if target.schedule(schedule).is_none_or(|own| own.week != week) {
        return Err(errors::unknown_in_body("schedule", schedule));
    }
    let step = rules::add(target, call, schedule, shift, &Terms::of_add_job(body)?)?;
    if dry {
        return Ok(Done::default());
    }
    let trade = rules::carry(target, call, step);
    Ok(Done::of(&trade, show::item(&trade)))
}

fn update(target: &mut Target, call: &Call, dry: bool) -> Checked<Done> {
    let body = call.object()?;
    let trade = named(target, call, week(body, "weekDate")?)?;
    let terms = Terms::of_update(body)?;
    guard(target, call, body, &trade)?;
    let step = rules::update(target, call, &trade, &terms)?;
    if dry {
        return Ok(Done::default());
    }
    let trade = rules::carry(target, call, step);
    Ok(Done::of(&trade, show::item(&trade)))
}

fn take_up(target: &mut Target, call: &Call, dry: bool) -> Checked<Done> {
    let body = call.object()?;
    let trade = named(target, call, week(body, "weekDate")?)?;
    let schedule = needed_in(body, "receivingSchedule", "id")?;
    guard(target, call, body, &trade)?;
    let shift = body.get("receivingShiftId").and_then(Value::as_str);
    let (trade, violated) = match matching::plan(target, call, &trade, schedule, shift)? {
        _ if dry => return Ok(Done::default()),
        Matched::Step(step) => (rules::carry(target, call, step), Vec::new()),
        Matched::Violated(violated) => (trade, violated),
    };
    let review = matching::review_of(&trade, &violated);
    Ok(Done::of(&trade, json!({"trade": show::item(&trade), "matchReview": review})))
}

fn set_state(target: &mut Target, call: &Call, dry: bool) -> Checked<Done> {
    let body = call.object()?;
    let trade = named(target, call, week(body, "weekDate")?)?;
    let state = needed(body, "state")?;
    guard(target, call, body, &trade)?;
    let step = rules::set_state(target, call, &trade, state)?;
    if dry {
        return Ok(Done::default());
    }
    let trade = rules::carry(target, call, step);
    Ok(Done::of(&trade, show::result(&trade, None)))
}
