//! A sandbox spoken to as the vendor's SDKs do.

use serde_json::Value;

use crate::{
    Options,
    tests::rig::{Answer, Rig},
};

pub(crate) const W: &str = "/api/v2/workforcemanagement";

/// A rig and the ids of its units.
pub(crate) struct Cloud {
    pub(crate) rig: Rig,
    pub(crate) business_unit: String,
    pub(crate) management_unit: String,
}

impl Cloud {
    pub(crate) fn calm() -> Self {
        Self::with(|_| {})
    }

    pub(crate) fn with(change: impl FnOnce(&mut Options)) -> Self {
        Self::of(Rig::with(change))
    }

    pub(crate) fn of(rig: Rig) -> Self {
        let mut cloud = Self { rig, business_unit: String::new(), management_unit: String::new() };
        let first = cloud.get(&format!("{W}/managementunits")).body["entities"][0].clone();
        cloud.management_unit = first["id"].as_str().unwrap().to_owned();
        cloud.business_unit = first["businessUnit"]["id"].as_str().unwrap().to_owned();
        cloud
    }

    /// A path in the business unit.
    pub(crate) fn bu(&self, rest: &str) -> String {
        format!("{W}/businessunits/{}{rest}", self.business_unit)
    }

    /// A path in the management unit.
    pub(crate) fn mu(&self, rest: &str) -> String {
        format!("{W}/managementunits/{}{rest}", self.management_unit)
    }

    /// Sends with the headers of the SDK. The answer is as documented, or the test fails.
    pub(crate) fn send(&mut self, method: &str, path: &str, body: &Value) -> Answer {
        let headers = [("Content-Type", "application/json"), ("Accept", "application/json")];
        self.rig.send(method, path, &headers, body)
    }

    pub(crate) fn get(&mut self, path: &str) -> Answer {
        self.send("GET", path, &Value::Null)
    }

    pub(crate) fn post(&mut self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, body)
    }

    pub(crate) fn put(&mut self, path: &str, body: &Value) -> Answer {
        self.send("PUT", path, body)
    }

    pub(crate) fn patch(&mut self, path: &str, body: &Value) -> Answer {
        self.send("PATCH", path, body)
    }

    pub(crate) fn delete(&mut self, path: &str) -> Answer {
        self.send("DELETE", path, &Value::Null)
    }
}
