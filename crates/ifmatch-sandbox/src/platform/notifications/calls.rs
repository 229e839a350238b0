//! The calls on channels and subscriptions.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{
    channels::{Channel, TOPICS_MAX},
    topics::{ALL, Topic},
};
use crate::{
    api::Reply,
    platform::{
        call::{Call, Share},
        errors,
    },
    refusal::{Checked, Refusal},
    target::Target,
    time::format_instant,
};

pub(crate) const SHARE: Share = &[
    ("getNotificationsAvailabletopics", available_topics),
    ("getNotificationsChannels", list_channels),
    ("postNotificationsChannels", create_channel),
    ("headNotificationsChannel", find_channel),
    ("getNotificationsChannelSubscriptions", list_subscriptions),
    ("postNotificationsChannelSubscriptions", subscribe),
    ("putNotificationsChannelSubscriptions", resubscribe),
    ("deleteNotificationsChannelSubscriptions", unsubscribe),
];

fn available_topics(_: &mut Target, call: &Call) -> Checked<Reply> {
    let entities = ALL.iter().map(|topic| {
        json!({
            "id": format!("v2.{}", topic.parts), "requiresPermissions": topic.permissions,
            "requiresCurrentUser": topic.parts.starts_with("users."), "visibility": "Public", "transports": ["Websocket"],
        })
    });
    Ok(call.reply(json!({"entities": entities.collect::<Vec<Value>>()})))
}

fn create_channel(target: &mut Target, call: &Call) -> Checked<Reply> {
    let id = target.platform_id();
    let channel = target.platform.channels.make(call.now, id.clone(), client(call));
    Ok(call.reply(shown(call, &id, channel)))
}

fn list_channels(target: &mut Target, call: &Call) -> Checked<Reply> {
    let own = target.platform.channels.of(client(call)).filter(|(_, channel)| channel.expires_at > call.now);
    let entities: Vec<Value> = own.map(|(id, channel)| shown(call, id, channel)).collect();
    Ok(call.reply(json!({"entities": entities})))
}

fn find_channel(target: &mut Target, call: &Call) -> Checked<Reply> {
    own_channel(target, call)?;
    Ok(call.reply(Value::Null))
}

fn list_subscriptions(target: &mut Target, call: &Call) -> Checked<Reply> {
    let topics = &own_channel(target, call)?.topics;
    Ok(call.reply(json!({"entities": topics.iter().map(|id| permitted(id)).collect::<Vec<Value>>()})))
}

fn subscribe(target: &mut Target, call: &Call) -> Checked<Reply> {
    let held = own_channel(target, call)?.topics.clone();
    change(target, call, held)
}

fn resubscribe(target: &mut Target, call: &Call) -> Checked<Reply> {
    own_channel(target, call)?;
    change(target, call, BTreeSet::new())
}

fn unsubscribe(target: &mut Target, call: &Call) -> Checked<Reply> {
    own_channel(target, call)?.topics.clear();
    Ok(call.reply(Value::Null))
}

/// Adds the topics of the body to those that stay. One that is refused refuses them all, unless the call says otherwise.
fn change(target: &mut Target, call: &Call, mut topics: BTreeSet<String>) -> Checked<Reply> {
    let Some(wanted) = call.body.as_array() else {
        return Err(errors::bad_request("The body is a list of topics"));
    };
    let lenient = call.query_flag("ignoreErrors");
    let mut entities = Vec::with_capacity(wanted.len());
    for (place, entry) in wanted.iter().enumerate() {
        let Some(id) = entry.get("id").and_then(Value::as_str) else {
            return Err(errors::validation(format!("[{place}].id"), "A topic has an id"));
        };
        match permission(call, id) {
            Ok(()) => {
                topics.insert(id.to_owned());
                entities.push(permitted(id));
            }
            Err(refusal) if !lenient => return Err(refusal),
            Err(refusal) => entities.push(rejected(id, &refusal)),
        }
    }
    if topics.len() > TOPICS_MAX {
        return Err(errors::bad_request(format!("A channel has at most {TOPICS_MAX} topics")));
    }
    own_channel(target, call)?.topics = topics;
    Ok(call.reply(json!({"entities": entities})))
}

/// Whether the call may subscribe to a topic.
fn permission(call: &Call, id: &str) -> Checked<()> {
    let Some(topic) = Topic::of(id) else {
        return Err(errors::bad_request(format!("There is no topic {id}")));
    };
    if topic.is_of_another(id, call) {
        return Err(Refusal::new(403, "not.authorized", format!("The topic {id} is another user's")));
    }
    if topic.permissions.is_empty() || topic.permissions.iter().any(|one| call.may(one)) {
        return Ok(());
    }
    Err(errors::missing(topic.permissions, topic.permissions.len() > 1))
}

fn own_channel<'t>(target: &'t mut Target, call: &Call) -> Checked<&'t mut Channel> {
    let found = target.platform.channels.find(call.now, call.param("channelId"));
    let own = found.filter(|channel| channel.client_id == client(call));
    own.ok_or_else(|| Refusal::new(404, "not.found", "There is no such channel"))
}

fn client(call: &Call) -> &str {
    call.writer.client_id.as_deref().unwrap_or_default()
}

fn shown(call: &Call, id: &str, channel: &Channel) -> Value {
    let origin = call.origin.replacen("http", "ws", 1);
    json!({
        "id": id, "connectUri": format!("{origin}{SOCKETS}{id}"), "expires": format_instant(channel.expires_at),
    })
}

/// Where the sockets of channels are.
pub(crate) const SOCKETS: &str = "/channels/";

fn permitted(id: &str) -> Value {
    json!({"id": id, "state": "Permitted", "selfUri": format!("/api/v2/notifications/availabletopics/{id}")})
}

fn rejected(id: &str, refusal: &Refusal) -> Value {
    let missing: Vec<&str> = match refusal.params.get("permissions") {
        Some(names) => names.split(", ").collect(),
        None => Vec::new(),
    };
    json!({"id": id, "state": "Rejected", "rejectionReason": refusal.message, "missingPermissions": missing})
}
