//! The socket against one of the other side.

use super::*;
use crate::clock::Clock;
use crate::config::OrgSettings;
use crate::testing::{self, org};
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::accept_async;

const PATIENCE: Duration = Duration::from_secs(20);

/// A place that does something with each connection; its address without the scheme.
async fn place<F>(act: impl FnMut(TcpStream) -> F + Send + 'static) -> String
where
    F: Future<Output = ()> + Send + 'static,
{
    format!("{}/channels/secret", testing::place(act).await)
}

struct Ear {
    socket: Option<Socket>,
    heard: mpsc::Receiver<Heard>,
}

fn listen(address: &str, allow_private: bool) -> Ear {
    let upstream = Upstream::new(&OrgSettings { allow_private, ..org("acme") }, Clock::wall());
    let (hears, heard) = mpsc::channel(8);
    Ear { socket: Some(upstream.listen(7, address, hears)), heard }
}

impl Ear {
    async fn next(&mut self) -> Option<SocketEvent> {
        let heard = tokio::time::timeout(PATIENCE, self.heard.recv()).await.expect("something is heard");
        heard.map(|(number, event)| {
            assert_eq!(number, 7);
            event
        })
    }

    async fn closed(&mut self) -> String {
        match self.next().await {
            Some(SocketEvent::Closed(why)) => why,
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn texts_are_carried_and_what_is_too_long_is_dropped() {
    let place = place(|stream| async {
        let mut socket = accept_async(stream).await.unwrap();
        let messages = [
            Message::text("one"),
            Message::text("x".repeat(MESSAGE_BYTES_MAX + 1)),
            Message::binary(vec![0, 159, 146, 150]),
            Message::Ping(vec![1].into()),
            Message::text("y".repeat(MESSAGE_BYTES_MAX)),
        ];
        for message in messages {
            socket.send(message).await.unwrap();
        }
        while let Some(Ok(said)) = socket.next().await {
            if said.is_text() {
                socket.send(said).await.unwrap();
            }
        }
    });
    let mut ear = listen(&format!("ws://{}", place.await), true);
    assert_eq!(ear.next().await, Some(SocketEvent::Opened));
    assert_eq!(ear.next().await, Some(SocketEvent::Said("one".to_owned())));
    assert_eq!(ear.next().await, Some(SocketEvent::Dropped));
    assert_eq!(ear.next().await, Some(SocketEvent::Dropped));
    assert!(matches!(ear.next().await, Some(SocketEvent::Said(text)) if text.len() == MESSAGE_BYTES_MAX));
    ear.socket.as_ref().unwrap().say("ping".to_owned());
    assert_eq!(ear.next().await, Some(SocketEvent::Said("ping".to_owned())));
    ear.socket = None;
    assert_eq!(ear.next().await, None, "who drops it hears nothing more");
}

#[tokio::test]
async fn what_cannot_be_passed_over_ends_it() {
    let place = place(|stream| async {
        let mut socket = accept_async(stream).await.unwrap();
        // The reader ends before it has taken this.
        let _cut = socket.send(Message::text("x".repeat(FRAME_BYTES_MAX + 1))).await;
    });
    let mut ear = listen(&format!("ws://{}", place.await), true);
    assert_eq!(ear.next().await, Some(SocketEvent::Opened));
    assert_eq!(ear.closed().await, "a message was too long to be passed over");
}

#[tokio::test]
async fn an_end_and_nonsense_are_told_in_words_without_the_address() {
    let closing = place(|stream| async { accept_async(stream).await.unwrap().close(None).await.unwrap() }).await;
    let cutting = place(|stream| async { drop(accept_async(stream).await.unwrap()) }).await;
    let noisy = place(|stream| async {
        let mut socket = accept_async(stream).await.unwrap();
        socket.get_mut().write_all(&[0xff; 64]).await.unwrap();
        std::future::pending().await
    });
    for address in [closing, cutting, noisy.await] {
        let mut ear = listen(&format!("ws://{address}"), true);
        assert_eq!(ear.next().await, Some(SocketEvent::Opened));
        let why = ear.closed().await;
        assert!(!why.is_empty() && !why.contains("secret"), "{why}");
    }
}

#[tokio::test]
async fn a_refusal_is_told_by_its_status_and_a_redirect_is_one() {
    for status in ["404 Not Found", "302 Found\r\nlocation: ws://127.0.0.1:1/"] {
        let refusing = place(move |mut stream| async move {
            let mut some = [0; 4096];
            stream.readable().await.unwrap();
            let _head = stream.try_read(&mut some);
            stream.write_all(format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n").as_bytes()).await.unwrap();
        });
        let mut ear = listen(&format!("ws://{}", refusing.await), true);
        let why = ear.closed().await;
        assert!(why.starts_with("the target refused it with") && why.contains(&status[..3]), "{why}");
    }
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    assert_eq!(listen(&format!("ws://{nobody}/x"), true).closed().await, "no connection came about");
}

#[tokio::test]
async fn an_address_keeps_to_the_rules_of_every_request() {
    for (address, why) in [
        ("ws://stream.example.net/x", "its address has no TLS, and allow_private is not set"),
        ("wss://127.0.0.1/x", "its address is loopback or private, and allow_private is not set"),
        ("wss://[fd00::1]/x", "its address is loopback or private, and allow_private is not set"),
        ("wss://localhost/x", "its address is loopback or private, and allow_private is not set"),
        ("https://stream.example.net/x", "its address is none"),
        ("file:///etc/passwd", "its address is none"),
        ("/channels/x", "its address is none"),
        ("not an address", "its address is none"),
        ("", "its address is none"),
    ] {
        assert_eq!(listen(address, false).closed().await, why, "{address}");
    }
}
