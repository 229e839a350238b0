//! The sockets of notification channels: carries what the sandbox says is due.

use super::SandboxDoor;
use crate::stop::stopped;
use axum::body::Body;
use axum::extract::FromRequestParts as _;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::response::IntoResponse as _;
use http::request::Parts;
use http::{Response, header};
use ifmatch_core::Timestamp;
use ifmatch_sandbox::Socket;

/// The most that a client may say at once, in bytes.
const MESSAGE_BYTES_MAX: usize = 64 << 10;

/// Whether a request wants to become a websocket.
pub(super) fn is_wanted(parts: &Parts) -> bool {
    let upgrade = parts.headers.get(header::UPGRADE).and_then(|value| value.to_str().ok());
    upgrade.is_some_and(|value| value.eq_ignore_ascii_case("websocket"))
}

/// Answers the handshake of an open socket; from then on it is carried until either side ends it.
pub(super) async fn upgrade(door: SandboxDoor, parts: &mut Parts, socket: Socket) -> Response<Body> {
    match WebSocketUpgrade::from_request_parts(parts, &()).await {
        Ok(upgrade) => {
            let upgrade = upgrade.max_message_size(MESSAGE_BYTES_MAX);
            upgrade.on_upgrade(move |stream| carry(door, socket, stream))
        }
        Err(refusal) => {
            door.lock().close_socket(&socket);
            refusal.into_response()
        }
    }
}

async fn carry(door: SandboxDoor, socket: Socket, mut stream: WebSocket) {
    let mut stop = door.stop.clone();
    loop {
        // Taken before the sandbox is asked, so that nothing that happens in between is slept through.
        let stirred = door.stirred.notified();
        let (due, next) = {
            let mut sandbox = door.lock();
            (sandbox.take_notices(door.clock.now_ms(), &socket), sandbox.next_notice(&socket))
        };
        let Some(due) = due else { break };
        for text in due {
            if stream.send(Message::text(text)).await.is_err() {
                door.lock().close_socket(&socket);
                return;
            }
        }
        let next = next.and_then(|at| Timestamp::from_millisecond(at).ok()).unwrap_or(Timestamp::MAX);
        tokio::select! {
            () = stirred => {}
            () = door.clock.sleep_until(next) => {}
            () = stopped(&mut stop) => break,
            heard = stream.recv() => match heard {
                Some(Ok(Message::Text(text))) => door.lock().hear(door.clock.now_ms(), &socket, &text),
                // Pings are answered below; other frames say nothing.
                Some(Ok(Message::Binary(_) | Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(Message::Close(_)) | Err(_)) | None => break,
            },
        }
    }
    door.lock().close_socket(&socket);
    // The other side may have gone already.
    let _closed = stream.send(Message::Close(None)).await.is_ok();
}
