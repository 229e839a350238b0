//! The calls of the dialect `genesys-cloud`, made one by one against a sandbox in this process.

use crate::wire;
use ifmatch_core::{
    Call, Dialect, Fact, Notes, OperationCall, OrgName, Precondition, Request, Resource, Response, Snapshot, Verb,
    WriteItem,
};
use ifmatch_dialects::GenesysCloud;
use ifmatch_sandbox::{Delivery, Sandbox, Scenario};
use serde_json::{Value, json};

const W: &str = "/api/v2/workforcemanagement";

struct Cloud {
    sandbox: Sandbox,
    now: i64,
    token: String,
    dialect: GenesysCloud,
    places: Notes,
}

impl Cloud {
    fn new(options: &str) -> Self {
        let text = format!("base = \"calm-unlimited\"\n[options.platform]\n{options}");
        let scenario = Scenario::from_toml(&text).unwrap();
        let now = scenario.start().unwrap_or(1_794_812_400_000);
        let sandbox = Sandbox::new(scenario, 7, now);
        let mut cloud =
            Self { sandbox, now, token: String::new(), dialect: GenesysCloud::new(), places: Notes::default() };
        let login = wire::login(&cloud.sandbox, cloud.dialect.token_request());
        cloud.token = cloud.send(&login).json().unwrap()["access_token"].as_str().unwrap().to_owned();
        cloud
    }

    fn send(&mut self, request: &Request) -> Response {
        match self.sandbox.handle(self.now, &wire::sent(request, &self.token)) {
            Delivery::Answer { response, .. } => wire::heard(response),
            other => panic!("{other:?}"),
        }
    }

    /// Makes a call, errands and all.
    fn call(&mut self, call: &Call) -> Vec<Fact> {
        let mut notes = self.places.clone();
        while let Some(errand) = self.dialect.errand(call, &notes) {
            let answer = self.send(&errand);
            assert!(answer.is_success(), "{errand:?}: {answer:?}");
            self.dialect.note(call, &mut notes, &answer).unwrap();
        }
        self.places.learn(&notes);
        let mut request = self.dialect.request(call, &notes);
        loop {
            let answer = self.send(&request);
            let reply = self.dialect.reply("2026-11-16T07:00:00Z".parse().unwrap(), call, &answer);
            match reply.rest {
                Some(rest) => request = rest,
                None => return reply.facts.into_iter().map(|(_, fact)| fact).collect(),
            }
        }
    }

    fn read(&mut self, resources: &[Resource]) -> Vec<Snapshot> {
        let facts = self.call(&Call::Read(resources.to_vec())).into_iter();
        facts
            .map(|fact| match fact {
                Fact::Observed(snapshot) => *snapshot,
                other => panic!("{resources:?}: {other:?}"),
            })
            .collect()
    }

    /// Writes a record with some of its fields changed.
    fn write(&mut self, resource: &Resource, from: &Snapshot, to: Value) -> Fact {
        let precondition = Precondition { version: from.version, etag: None, everywhere: false };
        let item = WriteItem { resource: resource.clone(), precondition, from: from.value.clone(), to: to.into() };
        self.call(&Call::Write(vec![item])).remove(0)
    }

    /// Reads a record, writes this over it, reads it again, and writes it once more from the old version.
    fn changes(&mut self, kind: &str, id: &str, patch: &Value) {
        let resource = resource(kind, id);
        let before = self.read(std::slice::from_ref(&resource)).remove(0);
        let mut to = (*before.value).clone();
        for (name, value) in patch.as_object().unwrap() {
            to[name] = value.clone();
        }
        let written = self.write(&resource, &before, to.clone());
        let Fact::Written(written) = written else { panic!("{kind} {id}: {written:?}") };
        assert!(written.snapshot.version > before.version, "{kind}: {written:?}");
        let after = self.read(std::slice::from_ref(&resource)).remove(0);
        for name in patch.as_object().unwrap().keys() {
            assert!(self.dialect.alike(&after.value[name], &to[name]), "{kind}/{name}: {}", after.value);
        }
        assert_eq!(after.version, written.snapshot.version, "{kind}");
        if kind != "evaluation" {
            to["name"] = json!("Once more");
            let again = self.write(&resource, &before, to);
            assert!(
                matches!(&again, Fact::Refused(refused) if refused.class == ifmatch_core::Class::Stale),
                "{kind}: {again:?}"
            );
        }
    }

    fn documents(&self) -> Vec<String> {
        let world = self.sandbox.world();
        world["documents"].as_array().unwrap().iter().map(|one| one["path"].as_str().unwrap().to_owned()).collect()
    }

    /// The id of the first document whose path has this part: the segments at these places.
    fn id(&self, part: &str, places: &[usize]) -> String {
        let path = self.documents().into_iter().find(|path| path.contains(part)).unwrap();
        let segments: Vec<&str> = path.split('/').collect();
        places.iter().map(|at| segments[*at]).collect::<Vec<_>>().join("/")
    }

    fn get(&mut self, path: &str) -> Value {
        self.send(&Request::bare(ifmatch_core::Method::Get, path)).json().unwrap()
    }

    fn wait(&mut self, ms: i64) {
        self.now += ms;
        self.sandbox.advance(self.now);
    }
}

fn resource(kind: &str, id: &str) -> Resource {
    Resource::by_id(&OrgName::from("acme"), kind, id)
}

#[test]
fn each_kind_of_one_request_is_read_changed_and_guarded() {
    let mut cloud = Cloud::new("");
    let plan = cloud.id("/workplans/", &[5, 7]);
    cloud.changes(
        "work-plan",
        &plan,
        &json!({"weeklyExactPaidMinutes": 2340, "optionalDays": ["Sunday"], "agents": []}),
    );
    let group = cloud.id("/planninggroups/", &[5, 7]);
    cloud.changes("planning-group", &group, &json!({"name": "Voice and chat"}));
    let (home, unit) = (cloud.id("/planninggroups/", &[5]), cloud.id("/workplans/", &[5]));
    cloud.changes("business-unit-settings", &home, &json!({"shortTermForecasting": {"defaultHistoryWeeks": 4}}));
    cloud.changes("management-unit-settings", &unit, &json!({"shortTermForecasting": {"defaultHistoryWeeks": 4}}));
    let code = format!("{home}/meeting");
    cloud.changes(
        "activity-code",
        &code,
        &json!({"lengthInMinutes": 45, "planningGroupIds": [group.split('/').nth(1)]}),
    );
    let request = cloud.id("/timeoffrequests/", &[5, 7, 9]);
    cloud.changes("time-off-request", &request, &json!({"status": "APPROVED", "notes": "enjoy"}));
    let limit = cloud.id(&format!("{home}/timeofflimits/"), &[5, 7]);
    let values =
        json!([{"startDate": "2026-12-01", "limitMinutes": [480]}, {"startDate": "2026-12-02", "limitMinutes": [0]}]);
    cloud.changes("time-off-limit", &limit, &json!({"values": values}));
}

#[test]
fn an_evaluation_is_read_and_put() {
    let mut cloud = Cloud::new("");
    let score = cloud.sandbox.world()["quality_scores"][0]["id"].as_str().unwrap().to_owned();
    let record = cloud.sandbox.record(&format!("/api/v2/wfm/v2/quality/scores/{score}")).unwrap();
    let conversation = record["correlation_id"].as_str().filter(|id| !id.is_empty()).unwrap_or(&score).to_owned();
    let id = format!("{conversation}/{score}");
    cloud.now += 1_000;
    cloud.changes("evaluation", &id, &json!({"answers": {"totalScore": 85, "comments": "well done"}}));
}

#[test]
fn trades_are_approved_by_a_job_at_once_or_later() {
    for jobs in ["sync", "async"] {
        let mut cloud = Cloud::new(&format!("jobs = \"{jobs}\""));
        let unit = cloud.id("/workplans/", &[5]);
        let week = cloud.sandbox.world()["schedules"][0]["week"].as_str().unwrap().to_owned();
        let trades = cloud.get(&format!("{W}/managementunits/{unit}/weeks/{week}/shifttrades"));
        let matched = trades["entities"].as_array().unwrap().iter().find(|one| one["trade"]["state"] == "Matched");
        let trade =
            resource("shift-trade", &format!("{unit}/{week}/{}", matched.unwrap()["trade"]["id"].as_str().unwrap()));
        let before = cloud.read(std::slice::from_ref(&trade)).remove(0);
        let deny = Verb { name: "deny".to_owned(), args: json!({}) };
        let to = cloud.dialect.verb("shift-trade", &deny, &before.value).unwrap();
        let mut fact = cloud.write(&trade, &before, to.clone());
        if let Fact::Processing(processing) = &fact {
            assert_eq!(jobs, "async");
            cloud.wait(10_000);
            let answer = cloud.send(processing.status.as_ref().unwrap());
            let precondition = Precondition { version: before.version, etag: None, everywhere: false };
            let item = WriteItem { resource: trade.clone(), precondition, from: before.value.clone(), to: to.into() };
            let reply = cloud.dialect.reply("2026-11-16T07:00:00Z".parse().unwrap(), &Call::Write(vec![item]), &answer);
            fact = reply.facts.into_iter().next().unwrap().1;
        }
        let Fact::Written(written) = fact else { panic!("{jobs}: {fact:?}") };
        let after = cloud.read(std::slice::from_ref(&trade)).remove(0);
        assert_eq!((&after.value["state"], after.version), (&json!("Denied"), written.snapshot.version));
    }
}

/// Two agents of the first schedule.
fn agents(cloud: &mut Cloud) -> Vec<Resource> {
    let world = cloud.sandbox.world();
    let schedule = world["schedules"][0]["id"].as_str().unwrap();
    let users = world["agents"].as_array().unwrap().iter().take(2);
    users.map(|user| resource("agent-schedule", &format!("{schedule}/{}", user["id"].as_str().unwrap()))).collect()
}

fn moved(cloud: &Cloud, record: &Value) -> Value {
    let shift = record["shifts"][0]["id"].as_str().unwrap();
    let verb = Verb { name: "move-shift".to_owned(), args: json!({"shift_id": shift, "minutes": 15}) };
    cloud.dialect.verb("agent-schedule", &verb, record).unwrap()
}

#[test]
fn an_upload_moves_a_shift_and_a_stale_one_moves_none() {
    let refused = "stale_upload = \"refused\"";
    let skipped = "stale_agent = \"skips-agent\"";
    for options in ["", "download_above = 1", refused, skipped] {
        let mut cloud = Cloud::new(options);
        let agents = agents(&mut cloud);
        let before = cloud.read(&agents);
        let to = moved(&cloud, &before[0].value);
        let Fact::Processing(processing) = cloud.write(&agents[0], &before[0], to.clone()) else { panic!("not taken") };
        assert!(processing.operation.is_some());
        cloud.wait(10_000);
        let after = cloud.read(&agents);
        assert!(cloud.dialect.alike(&after[0].value["shifts"], &to["shifts"]), "{}", after[0].value);
        assert!(after[0].version > before[0].version);
        assert_eq!(after[1].value["shifts"], before[1].value["shifts"]);
        // From the version before, nothing is written over, and nobody says so.
        let again = moved(&cloud, &to);
        assert!(matches!(cloud.write(&agents[0], &before[0], again), Fact::Processing(_)));
        cloud.wait(10_000);
        assert_eq!(cloud.read(&agents)[0].version, after[0].version);
    }
}

#[test]
fn a_schedule_is_described_and_published() {
    let mut cloud = Cloud::new("");
    let schedule = cloud.sandbox.world()["schedules"][0]["id"].as_str().unwrap().to_owned();
    let week = resource("week-schedule", &schedule);
    let before = cloud.read(std::slice::from_ref(&week)).remove(0);
    let mut to = (*before.value).clone();
    to["description"] = json!("With the late shift");
    assert!(matches!(cloud.write(&week, &before, to), Fact::Processing(_)));
    cloud.wait(10_000);
    let after = cloud.read(std::slice::from_ref(&week)).remove(0);
    assert_eq!(after.value["description"], "With the late shift");

    let publish = OperationCall { resource: week, name: "publish".to_owned(), job: None };
    let status = |cloud: &mut Cloud| match cloud.call(&Call::Status(publish.clone())).remove(0) {
        Fact::Operation(status) => (status.wanted, status.carried),
        other => panic!("{other:?}"),
    };
    let (wanted, carried) = status(&mut cloud);
    assert!(carried < wanted);
    assert!(matches!(cloud.call(&Call::Start(publish.clone())).remove(0), Fact::Operation(run) if run.running));
    cloud.wait(10_000);
    assert!(status(&mut cloud).1 >= wanted);
}

#[test]
fn what_no_unit_has_is_absent() {
    let mut cloud = Cloud::new("");
    let first = agents(&mut cloud).remove(0);
    let schedule = first.id().unwrap().split('/').next().unwrap().to_owned();
    for id in ["nowhere/nobody".to_owned(), format!("{schedule}/nobody")] {
        assert_eq!(cloud.call(&Call::Read(vec![resource("agent-schedule", &id)])), [Fact::Absent], "{id}");
    }
    let unit = cloud.id("/workplans/", &[5]);
    assert_eq!(cloud.call(&Call::Read(vec![resource("work-plan", &format!("{unit}/none"))])), [Fact::Absent]);
}
