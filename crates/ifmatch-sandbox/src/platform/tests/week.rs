//! The first schedule of a sandbox, an upload to it, and the socket that hears of its end.

use std::io::Write as _;

use flate2::{Compression, write::GzEncoder};
use serde_json::{Value, json};

use super::{contract, rig::Cloud};
use crate::{Delivery, Options, Request, Response, Socket, tests::rig::Answer};

/// A sandbox, its first schedule, and somebody who listens.
pub(crate) struct Week {
    pub(crate) cloud: Cloud,
    /// The id of the schedule.
    pub(crate) id: String,
    /// Its path in the platform API.
    pub(crate) path: String,
    socket: Socket,
}

impl Week {
    pub(crate) fn calm() -> Self {
        Self::with(|_| {})
    }

    pub(crate) fn with(change: impl FnOnce(&mut Options)) -> Self {
        Self::of(Cloud::with(change))
    }

    pub(crate) fn of(mut cloud: Cloud) -> Self {
        let recent = cloud.get(&cloud.bu("/weeks/recent/schedules"));
        let first = recent.body["entities"][0].clone();
        let socket = listen(&mut cloud);
        let text = |name: &str| first[name].as_str().unwrap().to_owned();
        Self { id: text("id"), path: text("selfUri"), cloud, socket }
    }

    /// The schedule as the API shows it.
    pub(crate) fn schedule(&mut self) -> Value {
        let path = self.path.clone();
        self.cloud.get(&path).body
    }

    /// The agents, all of them.
    pub(crate) fn agents(&mut self) -> Vec<Value> {
        let body = json!({"managementUnitId": self.cloud.management_unit});
        let answer = self.cloud.post(&format!("{}/agentschedules/query", self.path), &body);
        answer.body["result"]["agentSchedules"].as_array().unwrap().clone()
    }

    /// One agent.
    pub(crate) fn agent(&mut self, user: &Value) -> Option<Value> {
        self.agents().into_iter().find(|agent| agent["user"]["id"] == *user)
    }

    /// Puts a content at a fresh address; returns its key.
    pub(crate) fn uploaded(&mut self, content: &Value) -> Value {
        let place = self.cloud.post(&format!("{}/update/uploadurl", self.path), &json!({"contentLengthBytes": 100}));
        assert_eq!(place.status, 201);
        let (key, headers) = (&place.body["uploadKey"], &place.body["headers"]);
        let headers = headers.as_object().unwrap().iter().map(|(name, value)| (name.as_str(), value.as_str().unwrap()));
        assert_eq!(self.put(key, &headers.collect::<Vec<_>>(), content).status, 200);
        key.clone()
    }

    /// Puts a content at an address.
    pub(crate) fn put(&mut self, key: &Value, headers: &[(&str, &str)], content: &Value) -> Response {
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(content.to_string().as_bytes()).unwrap();
        let request = Request {
            method: "PUT".to_owned(),
            path: format!("/upload/{}", key.as_str().unwrap()),
            headers: headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            body: packed.finish().unwrap(),
        };
        match self.cloud.rig.sandbox.handle(self.cloud.rig.now, &request) {
            Delivery::Answer { response, .. } => {
                contract::hold(&request.method, &request.path, &response);
                response
            }
            other => panic!("{other:?}"),
        }
    }

    /// Has an upload processed.
    pub(crate) fn update(&mut self, key: &Value) -> Answer {
        self.cloud.post(&format!("{}/update", self.path), &json!({"uploadKey": key}))
    }

    /// An upload of agents from the schedule as it stands, to its end.
    pub(crate) fn land(&mut self, agents: Value) -> Value {
        let version = self.schedule()["metadata"]["version"].clone();
        self.land_content(&json!({"metadata": {"version": version}, "agentSchedules": agents}))
    }

    /// The same with a whole content; returns the notice.
    pub(crate) fn land_content(&mut self, content: &Value) -> Value {
        let key = self.uploaded(content);
        let answer = self.update(&key);
        assert_eq!((answer.status, &answer.body["status"]), (202, &json!("Processing")));
        let notice = self.next();
        assert_eq!(notice["operationId"], answer.body["operationId"]);
        notice
    }

    /// What the next notice says, once what runs has ended.
    pub(crate) fn next(&mut self) -> Value {
        self.heard().first().expect("a notice").clone()
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
}

/// A channel for the business unit's schedules and runs, with its socket open.
pub(crate) fn listen(cloud: &mut Cloud) -> Socket {
    let channel = cloud.post("/api/v2/notifications/channels", &Value::Null).body;
    let topic =
        |name: &str| json!({"id": format!("v2.workforcemanagement.businessunits.{}.{name}", cloud.business_unit)});
    let body = json!([topic("schedules"), topic("scheduling.runs")]);
    let path = format!("/api/v2/notifications/channels/{}/subscriptions", channel["id"].as_str().unwrap());
    assert_eq!(cloud.post(&path, &body).status, 200);
    open(cloud, &channel["connectUri"]).expect("a channel")
}

/// Opens the socket of an address.
pub(crate) fn open(cloud: &mut Cloud, uri: &Value) -> Option<Socket> {
    let path = uri.as_str().unwrap().strip_prefix("ws://sandbox").unwrap().to_owned();
    let request = Request { method: "GET".to_owned(), path, ..Request::default() };
    cloud.rig.sandbox.open_socket(cloud.rig.now, &request)
}

/// An agent as it was read, in the shape of an upload.
pub(crate) fn entry(agent: &Value) -> Value {
    json!({
        "userId": agent["user"]["id"], "metadata": {"version": agent["metadata"]["version"]}, "shifts": agent["shifts"],
        "fullDayTimeOffMarkers": agent["fullDayTimeOffMarkers"],
    })
}

/// The same with the first shift and its last activity half an hour shorter.
pub(crate) fn shortened(agent: &Value) -> Value {
    let mut entry = entry(agent);
    let shift = &mut entry["shifts"][0];
    shift["lengthMinutes"] = json!(shift["lengthMinutes"].as_i64().unwrap() - 30);
    let last = shift["activities"].as_array().unwrap().len() - 1;
    let last = &mut shift["activities"][last];
    last["lengthMinutes"] = json!(last["lengthMinutes"].as_i64().unwrap() - 30);
    last["payableMinutes"] = Value::Null;
    entry
}
