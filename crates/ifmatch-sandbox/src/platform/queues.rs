//! The queues that the route paths of planning groups name. They are always the same.

use serde_json::{Value, json};

use crate::{
    api::Reply,
    platform::{
        call::{Call, Share, listing},
        kinds::business_units,
    },
    refusal::{Checked, Refusal},
    rng::uuid_of,
    target::Target,
};

pub(crate) const SHARE: Share = &[("getRoutingQueues", list), ("getRoutingQueue", read)];

const NAMES: [&str; 6] = ["voice", "chat", "email", "callback", "message", "workitem"];

/// The id of the queue of that name.
pub(crate) fn id_of(name: &str) -> String {
    uuid_of(&format!("queue/{name}"))
}

/// Whether a queue has this id.
pub(crate) fn exists(id: &str) -> bool {
    NAMES.iter().any(|name| id_of(name) == id)
}

fn show(name: &str) -> Value {
    let id = id_of(name);
    let division = business_units::division(&business_units::home_division());
    json!({"id": id, "name": name, "division": division, "selfUri": format!("/api/v2/routing/queues/{id}")})
}

fn list(_: &mut Target, call: &Call) -> Checked<Reply> {
    let wanted = call.query("name").map(str::to_lowercase);
    let named = NAMES.iter().filter(|name| wanted.as_ref().is_none_or(|wanted| name.contains(wanted.as_str())));
    let queues = named.map(|name| show(name)).collect();
    Ok(call.reply(listing(call, queues)?))
}

fn read(_: &mut Target, call: &Call) -> Checked<Reply> {
    let id = call.param("queueId");
    let found = NAMES.iter().find(|name| id_of(name) == id);
    let name = found.ok_or_else(|| {
        let mut refusal = Refusal::new(404, "not.found", "There is no queue with this id");
        refusal.entity = Some(id.to_owned());
        refusal
    })?;
    Ok(call.reply(show(name)))
}
