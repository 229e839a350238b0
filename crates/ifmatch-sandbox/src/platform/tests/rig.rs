//! A sandbox spoken to as the vendor's SDKs do, each answer held against the models.

use serde_json::Value;

use super::model;
use crate::{
    Options,
    platform::operations::{self, Found},
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

    /// Sends with the headers of the SDK. An answer that went well has the documented status and shape.
    pub(crate) fn send(&mut self, method: &str, path: &str, body: &Value) -> Answer {
        let headers = [("Content-Type", "application/json"), ("Accept", "application/json")];
        let answer = self.rig.send(method, path, &headers, body);
        if answer.status < 300
            && let Found::Operation(matched) = operations::find(method, path.split('?').next().unwrap())
        {
            // Every job may be put off, whether its operation says so or not.
            let put_off = answer.status == 202 && matched.operation.path.ends_with("/jobs");
            let documented = matched.operation.success_codes.contains(&answer.status);
            assert!(documented || put_off, "{method} {path}: {}", answer.status);
            let faults = model::faults(matched.operation, &answer.body);
            assert!(faults.is_empty(), "{method} {path}: {faults:#?}");
        } else if answer.status >= 400 {
            assert_eq!(answer.body["status"], answer.status);
            assert_eq!(answer.body["contextId"].as_str(), answer.header("ININ-Correlation-Id"));
        }
        answer
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
