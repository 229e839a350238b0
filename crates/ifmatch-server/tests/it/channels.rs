//! The socket of a notification channel of the sandbox, byte by byte.

use crate::client::Client;
use ifmatch_sandbox::Scenario;
use ifmatch_server::{RunningSandbox, SandboxOptions, scenario_clock, serve_sandbox};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// The longest that a test waits for bytes.
const PATIENCE: Duration = Duration::from_secs(20);

async fn sandbox() -> (RunningSandbox, Client) {
    let scenario = Scenario::named("calm-unlimited", 1).unwrap();
    let (listen, clock) = ("127.0.0.1:0".parse().unwrap(), scenario_clock(&scenario, 1.0));
    let running = serve_sandbox(SandboxOptions { listen, scenario, seed: 1, clock }).await.unwrap();
    let own = running.credentials.clone();
    let client = Client::new(&running.url).log_in(&own.client_id, &own.client_secret).await;
    (running, client)
}

/// The address of a fresh channel, without its scheme.
async fn channel(client: &Client) -> String {
    let channel = client.send("POST", "/api/v2/notifications/channels", &[], "null").await.expect(200).json();
    channel["connectUri"].as_str().unwrap().strip_prefix("ws://").unwrap().to_owned()
}

/// Asks for a websocket; returns the stream after the head of the answer, and the head.
async fn connect(address: &str) -> (TcpStream, String) {
    let (host, path) = address.split_once('/').unwrap();
    let mut stream = TcpStream::connect(host).await.unwrap();
    let head = format!(
        "GET /{path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        answer.push(read(&mut stream, 1).await[0]);
    }
    (stream, String::from_utf8(answer).unwrap())
}

async fn read(stream: &mut TcpStream, count: usize) -> Vec<u8> {
    let mut bytes = vec![0; count];
    let done = tokio::time::timeout(PATIENCE, stream.read_exact(&mut bytes)).await;
    done.expect("the bytes come in time").unwrap();
    bytes
}

/// The opcode and the content of a short frame (RFC 6455 §5.2).
async fn frame(stream: &mut TcpStream) -> (u8, Vec<u8>) {
    let head = read(stream, 2).await;
    let length = match head[1] {
        126 => u16::from_be_bytes(read(stream, 2).await.try_into().unwrap()).into(),
        short => usize::from(short),
    };
    (head[0] & 0x0f, read(stream, length).await)
}

#[tokio::test]
async fn a_socket_is_opened_heard_and_ended() {
    let (running, client) = sandbox().await;
    let address = channel(&client).await;
    assert!(running.url.ends_with(address.split('/').next().unwrap()), "{address} is not at {}", running.url);
    let (mut stream, head) = connect(&address).await;
    assert!(head.starts_with("HTTP/1.1 101"), "{head}");
    // The answer to the key of the example in RFC 6455 §1.3.
    assert!(head.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), "{head}");

    client.post("/__sandbox/clock", &json!({"advance_seconds": 31})).await.expect(200);
    let (opcode, text) = frame(&mut stream).await;
    let message: Value = serde_json::from_slice(&text).unwrap();
    assert_eq!((opcode, &message["topicName"]), (1, &json!("channel.metadata")));

    let (mut second, head) = connect(&address).await;
    assert!(head.starts_with("HTTP/1.1 101"), "{head}");
    assert_eq!(frame(&mut stream).await.0, 8, "the first socket ends");
    running.shutdown().await;
    assert_eq!(frame(&mut second).await.0, 8, "the second ends with the sandbox");
}

#[tokio::test]
async fn a_channel_that_is_not_there_is_refused() {
    let (running, client) = sandbox().await;
    let address = channel(&client).await;
    let (host, _) = address.split_once('/').unwrap();
    let (_, head) = connect(&format!("{host}/channels/none")).await;
    assert!(head.starts_with("HTTP/1.1 404"), "{head}");
    running.shutdown().await;
}
