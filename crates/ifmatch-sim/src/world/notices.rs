//! What the target's notification service tells: a channel of the platform API, opened as the shell opens it, with messages
//! that come late or not at all.

use super::World;
use ifmatch_core::Input;
use ifmatch_sandbox::{Delivery, Request as Wire};
use serde_json::{Value, json};

const CHANNELS: &str = "/api/v2/notifications/channels";

impl World {
    /// Opens a channel and asks for what becomes of uploads. Where that goes wrong nothing is told in this life.
    pub(super) fn listens(&mut self) {
        if !self.setup.api.is_vendors() || self.socket.is_some() {
            return;
        }
        let Some(channel) = self.asks("POST", CHANNELS, &Value::Null) else { return };
        let id = channel["id"].as_str().unwrap_or_default();
        let world = self.sandbox.world();
        let schedules = world["schedules"].as_array().into_iter().flatten();
        let units = schedules.filter_map(|schedule| schedule["business_unit_id"].as_str());
        let topic = |unit: &str| json!({"id": format!("v2.workforcemanagement.businessunits.{unit}.schedules")});
        let topics: Vec<Value> = units.map(topic).collect();
        if self.asks("POST", &format!("{CHANNELS}/{id}/subscriptions"), &Value::from(topics)).is_none() {
            return;
        }
        let address = channel["connectUri"].as_str().unwrap_or_default();
        let path = address.splitn(4, '/').nth(3).map(|path| format!("/{path}")).unwrap_or_default();
        let request = Wire { method: "GET".to_owned(), path, ..Wire::default() };
        self.socket = self.sandbox.open_socket(self.now.as_millisecond(), &request);
        self.log.note(self.now, "channel", || if self.socket.is_some() { "open" } else { "refused" });
    }

    /// Takes what has been told since.
    pub(super) fn listen(&mut self) {
        let Some(socket) = self.socket.clone() else { return };
        let Some(messages) = self.sandbox.take_notices(self.now.as_millisecond(), &socket) else {
            self.socket = None;
            return self.log.note(self.now, "channel", || "closed");
        };
        if messages.is_empty() {
            return;
        }
        let dialect = self.setup.api.dialect();
        for text in messages {
            let message: Value = serde_json::from_str(&text).unwrap_or_default();
            let Some((operation, failed)) = dialect.told(&message) else { continue };
            self.log.note(self.now, "told", || format!("{operation} failed={failed}"));
            let late = self.chance.between(0, self.setup.events.late_ms_max.max(200));
            self.later(late, Input::Told { operation, failed });
        }
    }

    /// A request of the shell's own; `None` where it does not go well.
    fn asks(&mut self, method: &str, path: &str, body: &Value) -> Option<Value> {
        let token = self.token.as_ref()?;
        let headers = [("authorization", format!("Bearer {token}")), ("content-type", "application/json".to_owned())];
        let headers = headers.map(|(name, value)| (name.to_owned(), value)).to_vec();
        let wire =
            Wire { method: method.to_owned(), path: path.to_owned(), headers, body: body.to_string().into_bytes() };
        match self.sandbox.handle(self.now.as_millisecond(), &wire) {
            Delivery::Answer { response, .. } if (200..300).contains(&response.status) => response.json(),
            Delivery::Answer { .. } | Delivery::Lost { .. } | Delivery::Reset { .. } => None,
        }
    }
}
