//! Shift trades on the older routes: lists, offers, terms, matches, bulks.

use serde_json::{Value, json};

use super::{rig::Cloud, week::open};
use crate::{
    Options, Socket, UnchangedWrite,
    tests::rig::{Answer, SCHEDULES, TRADES},
};

/// A sandbox, a week with trades, and somebody who listens.
pub(crate) struct Market {
    pub(crate) cloud: Cloud,
    pub(crate) week: String,
    socket: Socket,
}

impl Market {
    pub(crate) fn calm() -> Self {
        Self::with(|_| {})
    }

    /// Without the narrow limit on the jobs.
    pub(crate) fn with(change: impl FnOnce(&mut Options)) -> Self {
        let mut cloud = Cloud::with(|options| {
            options.platform.shift_trading_per_minute = None;
            change(options);
        });
        let (_, trade) = cloud.rig.first("shift_trades");
        let user = match cloud.get("/api/v2/users/me").body["id"].as_str() {
            Some(id) => id.to_owned(),
            None => crate::rng::uuid_of("nobody"),
        };
        let channel = cloud.post("/api/v2/notifications/channels", &Value::Null).body;
        let mut topics = vec![json!({
            "id": format!("v2.workforcemanagement.managementunits.{}.shifttrades.state.bulk", cloud.management_unit),
        })];
        if cloud.rig.sandbox.options().platform.client_acts_as_user {
            topics.push(json!({"id": format!("v2.users.{user}.workforcemanagement.shift.trading.jobs")}));
        }
        let path = format!("/api/v2/notifications/channels/{}/subscriptions", channel["id"].as_str().unwrap());
        assert_eq!(cloud.post(&path, &Value::Array(topics)).status, 200);
        let socket = open(&mut cloud, &channel["connectUri"]).expect("a channel");
        let mut market = Self { cloud, week: String::new(), socket };
        market.week = market.week_of(&trade);
        market
    }

    /// The week of a trade, by the schedule that has its shift.
    fn week_of(&self, trade: &Value) -> String {
        let world = self.cloud.rig.sandbox.world();
        let all = world["schedules"].as_array().unwrap().iter();
        let mut all = all.map(|one| self.cloud.rig.sandbox.record(one["path"].as_str().unwrap()).unwrap());
        let has = |schedule: &Value| schedule.to_string().contains(trade["initiating"]["shift_id"].as_str().unwrap());
        all.find(has).unwrap()["week"].as_str().unwrap().to_owned()
    }

    /// The path of the week's trades.
    pub(crate) fn path(&self) -> String {
        self.cloud.mu(&format!("/weeks/{}/shifttrades", self.week))
    }

    pub(crate) fn trades(&mut self) -> Vec<Value> {
        let answer = self.cloud.get(&format!("{}?evaluateMatches=true", self.path()));
        answer.body["entities"].as_array().unwrap().clone()
    }

    /// The trades in a state.
    pub(crate) fn all_in(&mut self, state: &str) -> Vec<Value> {
        let all = self.trades().into_iter().map(|one| one["trade"].clone());
        all.filter(|trade| trade["state"] == state).collect()
    }

    pub(crate) fn one_in(&mut self, state: &str) -> Value {
        self.all_in(state).remove(0)
    }

    /// The shared record of a trade.
    pub(crate) fn record(&self, trade: &Value) -> Value {
        self.cloud.rig.sandbox.record(&format!("{TRADES}/{}", trade["id"].as_str().unwrap())).unwrap()
    }

    pub(crate) fn patch(&mut self, trade: &Value, mut body: Value) -> Answer {
        body["metadata"] = json!({"version": trade["metadata"]["version"]});
        let path = format!("{}/{}", self.path(), trade["id"].as_str().unwrap());
        self.cloud.patch(&path, &body)
    }

    fn bulk(&mut self, query: &str, entities: &Value) -> Answer {
        let path = format!("{}/state/bulk{query}", self.path());
        self.cloud.post(&path, &json!({"entities": entities}))
    }

    /// Makes the client act for an agent from here on.
    pub(crate) fn act_for(&mut self, agent: &Value) {
        self.cloud.rig.sandbox.target.options.platform.clients_user = agent.as_str().map(str::to_owned);
    }

    /// Lets everything that runs end; returns what was heard.
    pub(crate) fn heard(&mut self) -> Vec<Value> {
        self.cloud.rig.now += 10_000;
        let (sandbox, now) = (&mut self.cloud.rig.sandbox, self.cloud.rig.now);
        let texts = sandbox.take_notices(now, &self.socket).expect("an open socket");
        let messages = texts.iter().map(|text| serde_json::from_str::<Value>(text).unwrap());
        let told = messages.filter(|message| message["topicName"] != "channel.metadata");
        told.map(|message| message["eventBody"].clone()).collect()
    }

    /// Who has a shift now.
    pub(crate) fn holder(&self, trade: &Value, shift: &str) -> Value {
        let schedule = trade["schedule"]["id"].as_str().unwrap();
        let document = self.cloud.rig.sandbox.record(&format!("{SCHEDULES}/{schedule}")).unwrap();
        let agents = document["agents"].as_array().unwrap();
        let has = |agent: &&Value| agent["shifts"].to_string().contains(trade[shift].as_str().unwrap());
        agents.iter().find(has).unwrap()["agent_id"].clone()
    }
}

pub(crate) fn entry(trade: &Value, state: &str) -> Value {
    json!({"id": trade["id"], "state": state, "metadata": {"version": trade["metadata"]["version"]}})
}

#[test]
pub(super) fn the_trades_of_a_week_are_the_shared_records() {
    let mut market = Market::calm();
    let trades = market.trades();
    assert!(!trades.is_empty());
    let matched = trades.iter().find(|one| one["trade"]["state"] == "Matched").unwrap();
    assert_eq!(matched["matchReview"]["violations"], json!([]));
    let preview = &matched["matchReview"]["receivingUser"]["postTradeNewShift"]["activities"];
    assert!(!preview.as_array().unwrap().is_empty());
    let trade = &matched["trade"];
    let record = market.record(trade);
    assert_eq!(record["initiating"]["agent_id"], trade["initiatingUser"]["id"]);
    assert_eq!(record["receiving"]["shift_id"], trade["receivingShiftId"]);
    assert_eq!((&trade["weekDate"], &trade["metadata"]["version"]), (&json!(market.week), &record["version"]));
    let agent = trade["initiatingUser"]["id"].as_str().unwrap();
    let path = market.cloud.mu(&format!("/agents/{agent}/shifttrades"));
    assert!(market.cloud.get(&path).body["entities"].as_array().unwrap().contains(trade));
    let path = market.cloud.mu("/shifttrades/matched");
    assert!(market.cloud.get(&path).body["entities"][0]["count"].as_i64().unwrap() > 0);
    let path = market.cloud.mu("/shifttrades/users");
    assert_eq!(market.cloud.get(&path).body["entities"].as_array().unwrap().len(), 12);
    let all = market.cloud.get("/api/v2/workforcemanagement/shifttrades").body;
    assert!(all["entities"].as_array().unwrap().len() >= trades.len());
    let path = market.cloud.mu("/weeks/soon/shifttrades");
    assert_eq!(market.cloud.get(&path).refusal(), (400, "wfm.validation.failure"));
}

/// A change of any open trade.
fn later() -> Value {
    json!({"expiration": {"value": "2026-03-08T10:00:00Z"}})
}

#[test]
pub(super) fn a_fresh_patch_lands_and_a_stale_one_conflicts() {
    let mut market = Market::calm();
    let trade = market.one_in("Unmatched");
    let span = "2026-03-09T06:00:00Z/2026-03-14T06:00:00Z";
    let body = json!({
        "expiration": {"value": "2026-03-08T10:00:00.123456+00:00"}, "acceptableIntervals": {"values": [span]},
    });
    let landed = market.patch(&trade, body.clone());
    assert_eq!((landed.status, &landed.body["expiration"]), (200, &json!("2026-03-08T10:00:00.123Z")));
    assert_eq!(landed.body["acceptableIntervals"][0], "2026-03-09T06:00:00Z/2026-03-14T06:00:00Z");
    assert!(landed.body["metadata"]["version"].as_u64() > trade["metadata"]["version"].as_u64());
    assert_eq!(market.record(&trade)["expires_at"], "2026-03-08T10:00:00.123Z");
    assert_eq!(market.patch(&trade, body.clone()).refusal(), (409, "wfm.transaction.conflict"));
    let again = market.patch(&landed.body, body);
    assert_eq!(again.body["metadata"]["version"], landed.body["metadata"]["version"], "nothing changed");
    let cleared = market.patch(&again.body, json!({"expiration": {"value": null}, "acceptableIntervals": {}}));
    assert_eq!((&cleared.body["expiration"], &cleared.body["acceptableIntervals"]), (&Value::Null, &json!([])));
    let path = format!("{}/{}", market.path(), trade["id"].as_str().unwrap());
    assert_eq!(market.cloud.patch(&path, &json!({})).refusal(), (400, "wfm.validation.failure"));
    let wrong = market.patch(&cleared.body, json!({"expiration": "soon"}));
    assert_eq!(wrong.refusal(), (400, "wfm.validation.failure"));
}

#[test]
pub(super) fn a_write_that_changes_nothing_raises_the_version_where_the_option_says_so() {
    let mut market = Market::with(|options| options.unchanged_write = UnchangedWrite::RaisesVersion);
    let trade = market.one_in("Unmatched");
    let same = market.patch(&trade, json!({}));
    assert_eq!((same.status, &same.body["state"]), (200, &trade["state"]));
    assert!(same.body["metadata"]["version"].as_u64() > trade["metadata"]["version"].as_u64());
}

#[test]
pub(super) fn a_trade_without_spans_is_one_sided() {
    let mut market = Market::calm();
    let trade = market.one_in("Unmatched");
    assert_eq!((&trade["oneSided"], trade["receivingShiftId"].is_string()), (&json!(false), true));
    let asked = market.patch(&trade, json!({"acceptableIntervals": {"values": []}})).body;
    assert_eq!((&asked["oneSided"], &asked["receivingShiftId"]), (&json!(true), &Value::Null), "{asked}");
    assert_eq!(asked["receivingUser"], trade["receivingUser"]);
}

#[test]
pub(super) fn an_open_trade_expires_when_its_time_is_past() {
    let mut market = Market::calm();
    let (open, matched) = (market.one_in("Unmatched"), market.one_in("Matched"));
    let soon = json!({"expiration": {"value": "2026-03-04T10:01:00Z"}});
    let (open, matched) = (market.patch(&open, soon.clone()).body, market.patch(&matched, soon).body);
    let longer = market.patch(&matched, json!({"expiration": {"value": "2026-03-04T10:02:00Z"}})).body;
    market.cloud.rig.now += 59_000;
    assert!(market.all_in("Expired").is_empty());
    market.cloud.rig.now += 1_000;
    let expired = market.all_in("Expired");
    assert_eq!(expired.iter().map(|trade| &trade["id"]).collect::<Vec<_>>(), [&open["id"]], "the other has more time");
    assert!(expired[0]["metadata"]["version"].as_u64() > open["metadata"]["version"].as_u64());
    assert_eq!(market.patch(&expired[0], json!({})).refusal(), (400, "wfm.not.allowed"));
    assert_eq!(market.bulk("", &json!([entry(&longer, "Denied")])).status, 200);
    market.cloud.rig.now += 60_000;
    assert_eq!(market.all_in("Expired").len(), 1, "what is settled does not expire");
}

#[test]
pub(super) fn only_the_initiating_agent_patches_and_nobody_what_is_settled() {
    let mut market = Market::calm();
    let trade = market.one_in("Matched");
    let body = json!({"expiration": {"value": "2026-03-08T10:00:00Z"}});
    let other = trade["receivingUser"]["id"].clone();
    assert_eq!(market.patch(&trade, json!({"receivingUserId": {"value": other}})).refusal(), (400, "wfm.not.allowed"));
    market.act_for(&trade["receivingUser"]["id"]);
    assert_eq!(market.patch(&trade, body.clone()).refusal(), (400, "wfm.not.allowed"));
    market.act_for(&trade["initiatingUser"]["id"]);
    let landed = market.patch(&trade, body.clone());
    assert_eq!(landed.status, 200);
    let denied = market.bulk("", &json!([entry(&landed.body, "Denied")])).body["result"]["entities"][0].clone();
    assert_eq!(denied["state"], "Denied");
    assert_eq!(market.patch(&denied, body).refusal(), (400, "wfm.not.allowed"));
}

#[test]
pub(super) fn a_client_without_a_user_makes_no_offers_but_decides() {
    let mut market = Market::with(|options| options.platform.client_acts_as_user = false);
    let trade = market.one_in("Matched");
    let body = json!({"expiration": {"value": "2026-03-08T10:00:00Z"}});
    assert_eq!(market.patch(&trade, body).refusal(), (400, "not.a.user"));
    let path = market.path();
    assert_eq!(market.cloud.post(&path, &json!({})).refusal(), (400, "not.a.user"));
    assert_eq!(market.bulk("", &json!([entry(&trade, "Approved")])).body["result"]["entities"][0]["state"], "Approved");
}

#[test]
pub(super) fn an_offer_is_made_matched_and_approved() {
    let mut market = Market::calm();
    let model = market.one_in("Matched");
    let (schedule, giver) = (model["schedule"]["id"].clone(), model["initiatingUser"]["id"].clone());
    let path = market.path();
    market.act_for(&giver);
    let offer =
        market.cloud.post(&path, &json!({"scheduleId": schedule, "initiatingShiftId": model["initiatingShiftId"]}));
    assert_eq!((offer.status, &offer.body["state"], &offer.body["oneSided"]), (200, &json!("Unmatched"), &json!(true)));
    assert_eq!(market.record(&offer.body)["receiving"], Value::Null);
    let foreign = json!({"scheduleId": schedule, "initiatingShiftId": model["receivingShiftId"]});
    assert_eq!(market.cloud.post(&path, &foreign).refusal(), (400, "wfm.not.allowed"));
    let unknown = json!({"scheduleId": schedule, "initiatingShiftId": "none"});
    assert_eq!(market.cloud.post(&path, &unknown).refusal(), (400, "wfm.entity.not.found"));
    let take = format!("{path}/{}/match", offer.body["id"].as_str().unwrap());
    let body = json!({"receivingScheduleId": schedule, "metadata": {"version": offer.body["metadata"]["version"]}});
    let own = market.cloud.post(&take, &body);
    assert_eq!((own.status, &own.body["violations"][0]["type"]), (200, &json!("CannotTradeWithYourself")));
    assert_eq!(own.body["trade"]["state"], "Unmatched");
    market.act_for(&model["receivingUser"]["id"]);
    let taken = market.cloud.post(&take, &body);
    assert_eq!((taken.status, &taken.body["trade"]["state"]), (200, &json!("Matched")));
    assert_eq!(
        (&taken.body["violations"], &taken.body["trade"]["receivingUser"]["id"]),
        (&json!([]), &model["receivingUser"]["id"])
    );
    assert_eq!(market.cloud.post(&take, &body).refusal(), (409, "wfm.transaction.conflict"));
    let approved = market.bulk("", &json!([entry(&taken.body["trade"], "Approved")]));
    let result = &approved.body["result"]["entities"][0];
    assert_eq!((&result["state"], &result["reviewedBy"]["id"]), (&json!("Approved"), &model["receivingUser"]["id"]));
    market.heard();
    assert_eq!(market.holder(&model, "initiatingShiftId"), model["receivingUser"]["id"]);
}

#[test]
pub(super) fn a_bulk_tells_each_item() {
    let mut market = Market::calm();
    let matched = market.all_in("Matched");
    let open = market.one_in("Unmatched");
    let takes = |trade: &&Value| trade["receivingUser"]["id"].clone();
    let apart = |trade: &&Value| {
        let agents = [&matched[0]["initiatingUser"], &matched[0]["receivingUser"]];
        !agents.iter().any(|agent| agent["id"] == takes(trade))
    };
    let gone = matched.iter().find(apart).unwrap();
    let body = json!({"shifts": [{"id": gone["receivingShiftId"], "deleted": true}]});
    let agent = format!(
        "{SCHEDULES}/{}/agents/{}",
        gone["schedule"]["id"].as_str().unwrap(),
        gone["receivingUser"]["id"].as_str().unwrap()
    );
    market.cloud.rig.sandbox.edit(market.cloud.rig.now, &agent, &body, "Ada").unwrap();
    let entities = json!([entry(&matched[0], "Approved"), entry(&open, "Approved"), entry(gone, "Approved")]);
    let answer = market.bulk("?forceAsync=false", &entities);
    assert_eq!((answer.status, &answer.body["status"]), (200, &json!("Complete")));
    let results = answer.body["result"]["entities"].as_array().unwrap().clone();
    assert_eq!((&results[0]["state"], &results[0]["failureReason"]), (&json!("Approved"), &Value::Null));
    assert_eq!(results[1]["failureReason"], "TransitionNotAllowed");
    assert_eq!(
        (&results[2]["state"], &results[2]["failureReason"]),
        (&json!("Matched"), &json!("ReceivingAgentShiftNotFound"))
    );
    market.heard();
    assert_eq!(market.holder(&matched[0], "initiatingShiftId"), matched[0]["receivingUser"]["id"]);
    assert_eq!(market.holder(&matched[0], "receivingShiftId"), matched[0]["initiatingUser"]["id"]);
    assert_eq!(market.record(&matched[0])["status"], "approved");
}

#[test]
pub(super) fn one_stale_item_refuses_a_bulk() {
    let mut market = Market::calm();
    let (first, second) = (market.one_in("Matched"), market.one_in("Unmatched"));
    market.patch(&second, later());
    let entities = json!([entry(&first, "Denied"), entry(&second, "Canceled")]);
    assert_eq!(market.bulk("", &entities).refusal(), (409, "wfm.transaction.conflict"));
    assert_eq!(market.record(&first)["status"], "matched");
    let unknown = json!([{"id": "none", "state": "Denied", "metadata": {"version": 1}}]);
    assert_eq!(market.bulk("", &unknown).refusal(), (400, "wfm.validation.failure"));
}

#[test]
pub(super) fn a_bulk_that_is_put_off_ends_with_a_notice() {
    let mut market = Market::calm();
    let trade = market.one_in("Matched");
    let answer = market.bulk("?forceAsync=true", &json!([entry(&trade, "Denied")]));
    assert_eq!((answer.status, &answer.body["status"]), (202, &json!("Processing")));
    assert_eq!(market.record(&trade)["status"], "matched");
    let notice = market.heard().remove(0);
    assert_eq!((&notice["status"], &notice["operationId"]), (&json!("Complete"), &answer.body["operationId"]));
    assert_eq!(notice["result"]["entities"][0]["state"], "Denied");
    let trade = market.one_in("Matched");
    market.bulk("?forceAsync=true", &json!([entry(&trade, "Denied")]));
    market.patch(&trade, later());
    assert_eq!(market.heard()[0]["status"], "Error", "the trade has moved");
    assert_eq!(market.record(&trade)["status"], "matched");
}

#[test]
pub(super) fn locks_stand_against_a_bulk_and_its_exchange() {
    let mut market = Market::calm();
    let trade = market.one_in("Matched");
    let path = format!("{TRADES}/{}", trade["id"].as_str().unwrap());
    let now = market.cloud.rig.now;
    market.cloud.rig.sandbox.lock(now, &path, 60).unwrap();
    assert_eq!(market.bulk("", &json!([entry(&trade, "Denied")])).refusal(), (409, "request.conflict"));
    assert_eq!(market.patch(&trade, json!({})).refusal(), (409, "request.conflict"));
    market.cloud.rig.now += 61_000;
    let agent = format!(
        "{SCHEDULES}/{}/agents/{}",
        trade["schedule"]["id"].as_str().unwrap(),
        trade["receivingUser"]["id"].as_str().unwrap()
    );
    let now = market.cloud.rig.now;
    market.cloud.rig.sandbox.lock(now, &agent, 60).unwrap();
    assert_eq!(market.bulk("", &json!([entry(&trade, "Approved")])).refusal(), (409, "request.conflict"));
    assert_eq!(market.bulk("", &json!([entry(&trade, "Denied")])).status, 200, "a denial touches nobody's week");
}

#[test]
pub(super) fn an_agent_takes_back_its_own_offer_and_decides_nothing() {
    let mut market = Market::calm();
    let trade = market.one_in("Matched");
    let rig = &mut market.cloud.rig;
    rig.sandbox.add_client_with_permissions("agent", "s", "Agent", &["wfm:agentShiftTradeRequest:participate"]);
    let token = rig.login("agent", "s");
    rig.use_token(&token);
    market.act_for(&trade["receivingUser"]["id"]);
    for state in ["Approved", "Canceled"] {
        let result = market.bulk("", &json!([entry(&trade, state)])).body["result"]["entities"][0].clone();
        assert_eq!((&result["failureReason"], &result["state"]), (&json!("TransitionNotAllowed"), &json!("Matched")));
    }
    market.act_for(&trade["initiatingUser"]["id"]);
    let result = market.bulk("", &json!([entry(&trade, "Canceled")])).body["result"]["entities"][0].clone();
    assert_eq!(result["state"], "Canceled");
    assert_eq!(market.record(&trade)["status"], "cancelled");
}

#[test]
pub(super) fn offers_of_others_are_found() {
    let mut market = Market::calm();
    let (open, model) = (market.one_in("Unmatched"), market.one_in("Matched"));
    let path = format!("{}/search", market.path());
    let body =
        json!({"receivingScheduleId": model["schedule"]["id"], "receivingShiftIds": [model["receivingShiftId"]]});
    market.act_for(&model["receivingUser"]["id"]);
    let found = market.cloud.post(&path, &body).body["trades"].as_array().unwrap().clone();
    let one = found.iter().find(|one| one["trade"]["id"] == open["id"]).unwrap();
    assert_eq!(one["matchingReceivingShiftIds"], json!([model["receivingShiftId"]]));
    assert!(!one["preview"]["activities"].as_array().unwrap().is_empty());
    market.act_for(&open["initiatingUser"]["id"]);
    let found = market.cloud.post(&path, &body).body["trades"].as_array().unwrap().clone();
    assert!(found.iter().all(|one| one["trade"]["id"] != open["id"]), "nobody takes up the own offer");
}
