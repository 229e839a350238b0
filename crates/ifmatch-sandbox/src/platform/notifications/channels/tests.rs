//! How long channels live, what their sockets hear, and when.

use super::*;

const TOPIC: &str = "v2.workforcemanagement.businessunits.b.schedules";

/// A channel `a` with a subscription and an open socket.
fn listening() -> (Channels, u64) {
    let mut channels = Channels::default();
    channels.make(0, "a".to_owned(), "client");
    channels.find(0, "a").unwrap().topics.insert(TOPIC.to_owned());
    let socket = channels.open(0, "a").unwrap();
    (channels, socket)
}

#[test]
fn an_open_socket_hears_its_topics_once() {
    let (mut channels, socket) = listening();
    channels.put(1, TOPIC, &json!({"status": "Complete"}));
    channels.put(1, "v2.workforcemanagement.businessunits.other.schedules", &json!({}));
    let heard = channels.take(2, "a", socket).unwrap();
    assert_eq!(heard.len(), 1);
    assert_eq!(heard[0]["topicName"], TOPIC);
    assert_eq!(heard[0]["eventBody"], json!({"status": "Complete"}));
    assert!(channels.take(3, "a", socket).unwrap().is_empty());
}

#[test]
fn nothing_is_kept_for_a_channel_without_a_socket() {
    let (mut channels, socket) = listening();
    channels.close("a", socket);
    channels.put(1, TOPIC, &json!({}));
    let late = channels.open(2, "a").unwrap();
    assert!(channels.take(2, "a", late).unwrap().is_empty());
}

#[test]
fn a_second_socket_ends_the_first_and_is_not_closed_with_it() {
    let (mut channels, first) = listening();
    let second = channels.open(1, "a").unwrap();
    assert_eq!(channels.take(1, "a", first), None);
    channels.close("a", first);
    assert!(channels.take(1, "a", second).is_some());
}

#[test]
fn a_channel_and_its_socket_end_after_a_day() {
    let (mut channels, socket) = listening();
    assert!(channels.take(DAY - 1, "a", socket).is_some());
    assert_eq!(channels.take(DAY, "a", socket), None);
    assert!(channels.find(DAY, "a").is_none());
}

#[test]
fn the_oldest_channel_of_a_client_makes_room_and_nobody_elses() {
    let (mut channels, _) = listening();
    channels.make(1, "other".to_owned(), "somebody else");
    for number in 1..CHANNELS_MAX {
        channels.make(2, format!("b{number:02}"), "client");
    }
    assert!(channels.find(3, "a").is_some());
    channels.make(3, "last".to_owned(), "client");
    assert!(channels.find(3, "a").is_none());
    assert!(channels.find(3, "other").is_some());
    assert_eq!(channels.of("client").count(), CHANNELS_MAX);
}

#[test]
fn a_socket_hears_that_it_is_alive_and_its_pings() {
    let (mut channels, socket) = listening();
    assert_eq!(channels.next_at("a"), Some(HEARTBEAT_MS));
    assert!(channels.take(HEARTBEAT_MS - 1, "a", socket).unwrap().is_empty());
    let heard = channels.take(HEARTBEAT_MS, "a", socket).unwrap();
    assert_eq!(heard[0]["eventBody"]["message"], "WebSocket Heartbeat");
    assert_eq!(channels.next_at("a"), Some(2 * HEARTBEAT_MS));
    channels.hear(HEARTBEAT_MS, "a", socket, r#"{"message":"ping"}"#);
    channels.hear(HEARTBEAT_MS, "a", socket, "not json");
    let heard = channels.take(HEARTBEAT_MS, "a", socket).unwrap();
    assert_eq!(heard.len(), 1);
    assert_eq!(heard[0]["eventBody"]["message"], "pong");
}

#[test]
fn all_sockets_end_at_once() {
    let (mut channels, socket) = listening();
    channels.close_all();
    assert_eq!(channels.take(1, "a", socket), None);
}
