//! Shift trading as jobs: at once or put off, for its starter alone.

use serde_json::{Value, json};

use super::{
    rig::W,
    trades::{Market, entry},
};
use crate::platform::options::Jobs;

impl Market {
    fn job_path(&self, trade: &Value, rest: &str) -> String {
        format!("{W}/shifttrading/trades/{}{rest}/jobs", trade["id"].as_str().unwrap())
    }

    fn named(&self, trade: &Value) -> Value {
        json!({"weekDate": self.week, "metadata": {"version": trade["metadata"]["version"]}})
    }

    fn of_units(&self) -> Value {
        json!({"managementUnitIds": [self.cloud.management_unit], "weekDates": [self.week]})
    }

    /// The result of a job of the business unit.
    fn asked(&mut self, rest: &str, body: &Value) -> Value {
        let path = self.cloud.bu(&format!("/shifttrading/{rest}/jobs"));
        let answer = self.cloud.post(&path, body);
        assert_eq!((answer.status, &answer.body["status"]), (200, &json!("Complete")));
        let mut members = answer.body.as_object().unwrap().iter();
        members.find(|(name, _)| name.ends_with("Result")).unwrap().1.clone()
    }
}

#[test]
pub(super) fn an_update_is_carried_out_at_once_and_its_job_is_not_kept() {
    let mut market = Market::calm();
    let trade = market.one_in("Unmatched");
    let mut body = market.named(&trade);
    body["reviewNote"] = json!({"value": "by phone"});
    body["acceptableIntervals"] =
        json!({"values": [{"startDate": "2026-03-09T00:00:00Z", "endDate": "2026-03-10T00:00:00"}]});
    let path = market.job_path(&trade, "");
    let answer = market.cloud.post(&path, &body);
    assert_eq!((answer.status, &answer.body["type"]), (200, &json!("UpdateTrade")));
    let updated = &answer.body["updateTradeResult"];
    assert_eq!((&updated["initiating"]["reviewNote"], &updated["oneSided"]), (&json!("by phone"), &json!(false)));
    assert_eq!(updated["acceptableIntervals"][0]["endDate"], "2026-03-10T00:00:00Z");
    assert_eq!(market.record(&trade)["notes"], "by phone");
    let job = format!("{path}/{}", answer.body["id"].as_str().unwrap());
    assert_eq!(market.cloud.get(&job).refusal(), (404, "job.not.found"));
    assert_eq!(market.cloud.post(&path, &body).refusal(), (409, "wfm.transaction.conflict"));
    assert!(market.heard().is_empty());
}

#[test]
pub(super) fn a_job_that_is_put_off_is_read_by_its_starter_alone() {
    let mut market = Market::calm();
    let trade = market.one_in("Unmatched");
    let body = market.named(&trade);
    let path = market.job_path(&trade, "");
    let answer = market.cloud.post(&format!("{path}?forceAsync=true"), &body);
    assert_eq!((answer.status, &answer.body["status"]), (202, &json!("Processing")));
    let job = answer.body["selfUri"].as_str().unwrap().to_owned();
    assert_eq!(market.cloud.get(&job).body["status"], "Processing");
    let elsewhere = job.replace("/jobs/", "/match/jobs/");
    assert_eq!(market.cloud.get(&elsewhere).refusal(), (404, "job.not.found"));
    assert_eq!(market.record(&trade)["version"], trade["metadata"]["version"]);
    let notice = market.heard().remove(0);
    assert_eq!((&notice["id"], &notice["status"]), (&answer.body["id"], &json!("Complete")));
    let done = market.cloud.get(&job);
    assert_eq!(done.body["updateTradeResult"]["metadata"]["version"], market.record(&trade)["version"]);
    assert_eq!(notice["trade"]["metadata"]["version"], market.record(&trade)["version"]);
    market.cloud.rig.sandbox.add_client("other", "secret", "Other");
    let token = market.cloud.rig.login("other", "secret");
    market.cloud.rig.use_token(&token);
    assert_eq!(market.cloud.get(&job).refusal(), (404, "job.not.found"));
}

#[test]
pub(super) fn what_a_job_finds_stale_at_its_end_is_its_error() {
    let mut market = Market::calm();
    let trade = market.one_in("Unmatched");
    let path = format!("{}?forceAsync=true", market.job_path(&trade, ""));
    let mut body = market.named(&trade);
    body["reviewNote"] = json!({"value": "by phone"});
    let (first, second) = (market.cloud.post(&path, &body), market.cloud.post(&path, &body));
    assert_eq!((first.status, second.status), (202, 202));
    let heard = market.heard();
    let states: Vec<&Value> = heard.iter().map(|notice| &notice["status"]).collect();
    assert_eq!(states, ["Complete", "Error"]);
    assert_eq!(
        (&heard[1]["error"]["code"], &heard[1]["error"]["status"]),
        (&json!("wfm.transaction.conflict"), &json!(409))
    );
    let job = market.cloud.get(second.body["selfUri"].as_str().unwrap());
    assert_eq!(
        (&job.body["status"], &job.body["error"]["code"]),
        (&json!("Error"), &json!("wfm.transaction.conflict"))
    );
    assert_eq!(market.cloud.post(&path, &body).refusal(), (409, "wfm.transaction.conflict"), "what is stale at once");
}

#[test]
pub(super) fn jobs_of_every_kind_are_asked_how_they_stand() {
    let mut market = Market::with(|options| options.platform.jobs = Jobs::Async);
    let (matched, body) = (market.one_in("Matched"), market.of_units());
    let ended = |market: &mut Market, path: &str, body: &Value| {
        let begun = market.cloud.post(path, body);
        assert_eq!((begun.status, &begun.body["status"]), (202, &json!("Processing")), "{path}: {}", begun.body);
        market.heard();
        let done = market.cloud.get(begun.body["selfUri"].as_str().unwrap()).body;
        assert_eq!(done["status"], "Complete", "{path}: {done}");
        let mut members = done.as_object().unwrap().iter();
        members.find(|(name, _)| name.ends_with("Result")).map_or(Value::Null, |(_, result)| result.clone())
    };
    let mut search = body.clone();
    search["receivingSchedule"] = json!({"id": matched["schedule"]["id"]});
    search["receivingShiftIds"] = json!([matched["receivingShiftId"]]);
    for (rest, body) in
        [("trades/evaluate", &body), ("trades/query", &body), ("weeks/summary", &body), ("unmatched/search", &search)]
    {
        let path = market.cloud.bu(&format!("/shifttrading/{rest}/jobs"));
        ended(&mut market, &path, body);
    }
    let own = json!({"weekDates": [market.week]});
    ended(&mut market, &format!("{W}/shifttrading/trades/mine/query/jobs"), &own);
    let schedule = json!({"id": matched["schedule"]["id"], "weekDate": market.week});
    let shift = json!({"id": matched["initiatingShiftId"], "schedule": schedule, "weekDate": market.week});
    let offer = json!({"initiatingShift": shift, "target": {"userId": matched["receivingUser"]["id"]}});
    let offer = ended(&mut market, &format!("{W}/shifttrading/trades/jobs"), &offer);
    let mut take = market.named(&offer);
    take["receivingSchedule"] = json!({"id": matched["schedule"]["id"]});
    let path = market.job_path(&offer, "/match");
    let taken = ended(&mut market, &path, &take)["trade"].clone();
    let mut state = market.named(&taken);
    state["state"] = json!("Canceled");
    let path = market.job_path(&offer, "/state");
    assert_eq!(ended(&mut market, &path, &state)["state"], "Canceled");
    let mut bulk = body.clone();
    bulk["entities"] = json!([entry(&matched, "Approved")]);
    let path = market.cloud.bu("/shifttrading/trades/state/bulk/jobs");
    assert_eq!(ended(&mut market, &path, &bulk)["entities"][0]["state"], "Approved");
}

#[test]
pub(super) fn the_option_puts_jobs_off() {
    for (jobs, expected) in [(Jobs::Sync, vec![200]), (Jobs::Async, vec![202]), (Jobs::Mixed, vec![200, 202])] {
        let mut market = Market::with(|options| options.platform.jobs = jobs);
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..20 {
            let path = format!("{W}/shifttrading/trades/mine/query/jobs");
            seen.insert(market.cloud.post(&path, &json!({"weekDates": [market.week]})).status);
        }
        assert_eq!(seen.into_iter().collect::<Vec<u16>>(), expected, "{jobs:?}");
    }
}

#[test]
pub(super) fn an_offer_is_made_matched_and_taken_back() {
    let mut market = Market::calm();
    let model = market.one_in("Matched");
    let schedule = json!({"id": model["schedule"]["id"], "weekDate": market.week});
    let shift = json!({"id": model["initiatingShiftId"], "schedule": schedule, "weekDate": market.week});
    let body =
        json!({"initiatingShift": shift, "target": {"userId": model["receivingUser"]["id"]}, "reviewNote": "mine"});
    let made = market.cloud.post(&format!("{W}/shifttrading/trades/jobs"), &body);
    assert_eq!((made.status, &made.body["type"]), (201, &json!("AddTrade")));
    let offer = made.body["addTradeResult"].clone();
    assert_eq!((&offer["target"]["user"]["id"], &offer["state"]), (&model["receivingUser"]["id"], &json!("Unmatched")));
    let mut take = market.named(&offer);
    take["receivingSchedule"] = json!({"id": model["schedule"]["id"]});
    take["receivingShiftId"] = model["receivingShiftId"].clone();
    let path = market.job_path(&offer, "/match");
    let refused = market.cloud.post(&path, &take).body["matchTradeResult"].clone();
    assert_eq!(refused["matchReview"]["violations"][0]["type"], "ReceivingShiftForOneSidedTrade");
    take.as_object_mut().unwrap().remove("receivingShiftId");
    let mut stale = take.clone();
    stale["metadata"] = json!({"version": 7});
    assert_eq!(market.cloud.post(&path, &stale).refusal(), (409, "wfm.transaction.conflict"));
    let taken = market.cloud.post(&path, &take).body["matchTradeResult"].clone();
    assert_eq!((&taken["trade"]["state"], &taken["matchReview"]["violations"]), (&json!("Matched"), &json!([])));
    let path = market.job_path(&offer, "/state");
    let mut state = market.named(&taken["trade"]);
    state["state"] = json!("Approved");
    assert_eq!(market.cloud.post(&path, &state).refusal(), (400, "wfm.not.allowed"));
    state["state"] = json!("Canceled");
    let mut stale = state.clone();
    stale["metadata"] = json!({"version": 7});
    assert_eq!(market.cloud.post(&path, &stale).refusal(), (409, "wfm.transaction.conflict"));
    let canceled = market.cloud.post(&path, &state);
    assert_eq!(canceled.body["updateTradeStateResult"]["state"], "Canceled");
    let mut again = market.named(&canceled.body["updateTradeStateResult"]);
    again["state"] = json!("Canceled");
    assert_eq!(market.cloud.post(&path, &again).refusal(), (400, "wfm.not.allowed"));
    let unknown = json!({"initiatingShift": {"id": "none", "schedule": schedule, "weekDate": market.week}});
    let path = format!("{W}/shifttrading/trades/jobs");
    assert_eq!(market.cloud.post(&path, &unknown).refusal(), (400, "wfm.entity.not.found"));
    assert_eq!(market.cloud.post(&path, &json!({})).refusal(), (400, "wfm.validation.failure"));
}

#[test]
pub(super) fn a_supervisor_decides_several_trades() {
    let mut market = Market::calm();
    let (matched, open) = (market.one_in("Matched"), market.one_in("Unmatched"));
    let mut body = market.of_units();
    body["entities"] = json!([entry(&matched, "Approved"), entry(&open, "Denied")]);
    let result = market.asked("trades/state/bulk", &body);
    assert_eq!(
        (&result["entities"][0]["state"], &result["entities"][1]["failureReason"]),
        (&json!("Approved"), &json!("TransitionNotAllowed"))
    );
    market.heard();
    assert_eq!(market.holder(&matched, "initiatingShiftId"), matched["receivingUser"]["id"]);
    let path = market.cloud.bu("/shifttrading/trades/state/bulk/jobs");
    assert_eq!(market.cloud.post(&path, &body).refusal(), (409, "wfm.transaction.conflict"));
    body["managementUnitIds"] = json!(["none"]);
    assert_eq!(market.cloud.post(&path, &body).refusal(), (400, "wfm.validation.management.unit.not.found"));
}

#[test]
pub(super) fn the_result_of_an_approval_has_the_version_after_its_exchange() {
    let mut market = Market::calm();
    let matched = market.one_in("Matched");
    let mut body = market.of_units();
    body["entities"] = json!([entry(&matched, "Approved")]);
    let result = market.asked("trades/state/bulk", &body)["entities"][0].clone();
    assert_eq!(result["metadata"]["version"], market.record(&matched)["version"]);
    assert_eq!(market.holder(&matched, "initiatingShiftId"), matched["receivingUser"]["id"]);
    body["entities"] = json!([entry(&result, "Denied")]);
    let again = market.asked("trades/state/bulk", &body)["entities"][0].clone();
    assert_eq!(again["failureReason"], "TransitionNotAllowed", "the version is the present one");
    let mut market = Market::with(|options| options.exchange_ms = 1_000);
    let matched = market.one_in("Matched");
    body["entities"] = json!([entry(&matched, "Approved")]);
    let result = market.asked("trades/state/bulk", &body)["entities"][0].clone();
    market.heard();
    assert!(result["metadata"]["version"].as_u64() < market.record(&matched)["version"].as_u64());
}

#[test]
pub(super) fn trades_are_asked_for() {
    let mut market = Market::calm();
    let (count, matched) = (market.trades().len(), market.all_in("Matched"));
    let body = market.of_units();
    let evaluated = market.asked("trades/evaluate", &body);
    let reviewed = evaluated["entities"].as_array().unwrap().iter().filter(|one| one.get("matchReview").is_some());
    assert_eq!(reviewed.count(), matched.len());
    let mut of_user = body.clone();
    of_user["userIds"] = json!([matched[0]["initiatingUser"]["id"]]);
    let found = market.asked("trades/query", &of_user)["entities"].as_array().unwrap().len();
    assert!(found > 0 && found < count);
    let weeks = market.asked("weeks/summary", &body);
    assert_eq!(weeks["weeks"][0]["initiatingMatchedCount"], json!(matched.len()));
    let mut search = body.clone();
    search["receivingSchedule"] = json!({"id": matched[0]["schedule"]["id"]});
    search["receivingShiftIds"] = json!([matched[0]["receivingShiftId"]]);
    let found = market.asked("unmatched/search", &search);
    assert!(!found["trades"].as_array().unwrap().is_empty());
    search["weekDates"] = json!([market.week, "2026-03-16"]);
    let path = market.cloud.bu("/shifttrading/unmatched/search/jobs");
    assert_eq!(market.cloud.post(&path, &search).refusal(), (400, "wfm.validation.failure"));
    let path = market.cloud.bu("/shifttrading/trades/query/jobs?forceDownloadService=true");
    let answer = market.cloud.post(&path, &body).body;
    let url = answer["downloadUrl"].as_str().unwrap();
    let path = url.strip_prefix("http://sandbox").unwrap().to_owned();
    assert_eq!(market.cloud.rig.get(&path).body["entities"].as_array().unwrap().len(), count);
}
