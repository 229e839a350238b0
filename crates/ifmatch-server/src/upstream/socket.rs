//! The websocket in which the target tells things by itself: opened through the connector of all other requests, read and
//! carried on. What is said in it means nothing here.
//!
//! Whoever knows the address can listen, so it stands in no error and in no log.

use super::Upstream;
use super::connector::Connector;
use crate::addresses;
use futures_util::{SinkExt as _, StreamExt as _};
use http::Uri;
use hyper_util::rt::TokioIo;
use ifmatch_core::SocketEvent;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};
use tower::ServiceExt as _;

/// A longer message is dropped, in bytes. A notice names every agent of a schedule: some hundred kilobytes for thousands of them.
const MESSAGE_BYTES_MAX: usize = 1 << 20;

/// What is longer than this cannot be passed over: it ends the socket.
const FRAME_BYTES_MAX: usize = 16 << 20;

/// How long a socket may take to come about, wall time.
const OPENING: Duration = Duration::from_secs(30);

/// How long the other side is waited for at the end, wall time.
const CLOSING: Duration = Duration::from_secs(1);

/// What may wait to be said.
const SAYS: usize = 4;

/// What a socket hears, with its number.
pub(crate) type Heard = (u64, SocketEvent);

/// A socket that is being opened, or open. It ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Socket {
    say: mpsc::Sender<String>,
}

impl Socket {
    /// Says something; what does not fit is left out, since it is only said to hear something back.
    pub(crate) fn say(&self, text: String) {
        let _full = self.say.try_send(text);
    }
}

/// Why there is no socket, or no more.
#[derive(Debug, thiserror::Error)]
enum SocketError {
    #[error("its address is none")]
    Address,
    #[error("its address has no TLS, and allow_private is not set")]
    Plain,
    #[error("its address is loopback or private, and allow_private is not set")]
    Private,
    #[error("no connection came about")]
    Connect,
    #[error("it did not come about in time")]
    Late,
    #[error("the target refused it with {0}")]
    Refused(http::StatusCode),
    #[error("{0}")]
    Protocol(&'static str),
    #[error("the connection broke: {0}")]
    Broken(std::io::ErrorKind),
    #[error("the target closed it")]
    Closed,
}

impl Upstream {
    /// Opens a socket and carries what is heard in it, until it ends or is dropped. While nobody takes what was heard, it is not
    /// read.
    pub(crate) fn listen(&self, number: u64, address: &str, heard: mpsc::Sender<Heard>) -> Socket {
        let (say, says) = mpsc::channel(SAYS);
        let (connector, allow_private) = (self.connector.clone(), self.allow_plain);
        let address = check(address, allow_private);
        tokio::spawn(async move {
            let ended = run(connector, address, number, &heard, says).await;
            if let Some(error) = ended {
                tracing::debug!(number, %error, "the socket of notices ended");
                // The driver may have ended.
                let _gone = heard.send((number, SocketEvent::Closed(error.to_string()))).await;
            }
        });
        Socket { say }
    }
}

/// The address by the rules of every request: TLS, and no private address, unless the org allows it.
fn check(address: &str, allow_private: bool) -> Result<Uri, SocketError> {
    let uri: Uri = address.parse().map_err(|_| SocketError::Address)?;
    match (uri.scheme_str(), uri.host()) {
        (Some("wss"), Some(host)) if !host.is_empty() => {}
        (Some("ws"), Some(host)) if !host.is_empty() && allow_private => {}
        (Some("ws"), Some(_)) => return Err(SocketError::Plain),
        _ => return Err(SocketError::Address),
    }
    if !allow_private && addresses::literal(&uri).is_some_and(addresses::is_private) {
        return Err(SocketError::Private);
    }
    Ok(uri)
}

/// The same place as the connector names it.
fn over_http(uri: &Uri) -> Result<Uri, SocketError> {
    let scheme = if uri.scheme_str() == Some("wss") { "https" } else { "http" };
    let authority = uri.authority().ok_or(SocketError::Address)?.as_str();
    Uri::builder().scheme(scheme).authority(authority).path_and_query("/").build().map_err(|_| SocketError::Address)
}

/// The whole life of a socket; `None` where it was dropped here.
async fn run(
    connector: Connector,
    address: Result<Uri, SocketError>,
    number: u64,
    heard: &mpsc::Sender<Heard>,
    mut says: mpsc::Receiver<String>,
) -> Option<SocketError> {
    let open = async { open(connector, address?).await };
    let opened = tokio::select! {
        opened = tokio::time::timeout(OPENING, open) => opened.unwrap_or(Err(SocketError::Late)),
        () = dropped(&mut says) => return None,
    };
    let stream = match opened {
        Ok(stream) => stream,
        Err(error) => return Some(error),
    };
    heard.send((number, SocketEvent::Opened)).await.ok()?;
    carry(stream, number, heard, says).await
}

/// Waits until the socket is dropped; what is to be said before it is open is left out.
async fn dropped(says: &mut mpsc::Receiver<String>) {
    while says.recv().await.is_some() {}
}

async fn open(
    connector: Connector,
    address: Uri,
) -> Result<WebSocketStream<impl AsyncRead + AsyncWrite + Unpin>, SocketError> {
    let stream = connector.oneshot(over_http(&address)?).await.map_err(|error| {
        tracing::debug!(%error, "no connection for notices came about");
        SocketError::Connect
    })?;
    let request = address.into_client_request().map_err(|_| SocketError::Address)?;
    let config = WebSocketConfig::default()
        .max_message_size(Some(FRAME_BYTES_MAX))
        .max_frame_size(Some(FRAME_BYTES_MAX))
        .read_buffer_size(16 << 10);
    let (stream, _) = client_async_with_config(request, TokioIo::new(stream), Some(config)).await.map_err(what)?;
    Ok(stream)
}

async fn carry<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: WebSocketStream<S>,
    number: u64,
    heard: &mpsc::Sender<Heard>,
    mut says: mpsc::Receiver<String>,
) -> Option<SocketError> {
    loop {
        let message = tokio::select! {
            message = stream.next() => message,
            said = says.recv() => match said {
                Some(text) => match stream.send(Message::text(text)).await {
                    Ok(()) => continue,
                    Err(error) => return Some(what(error)),
                },
                None => {
                    // The other side may have gone already.
                    let _late = tokio::time::timeout(CLOSING, stream.close(None)).await;
                    return None;
                }
            },
        };
        let event = match message {
            Some(Ok(Message::Text(text))) if text.len() <= MESSAGE_BYTES_MAX => SocketEvent::Said(text.to_string()),
            Some(Ok(Message::Text(_) | Message::Binary(_))) => SocketEvent::Dropped,
            // Pings are answered by the library.
            Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => continue,
            Some(Ok(Message::Close(_))) | None => return Some(SocketError::Closed),
            Some(Err(error)) => return Some(what(error)),
        };
        heard.send((number, event)).await.ok()?;
    }
}

/// An error of the library without what it may hold of the address or of a message.
fn what(error: Error) -> SocketError {
    match error {
        Error::Http(response) => SocketError::Refused(response.status()),
        Error::ConnectionClosed | Error::AlreadyClosed => SocketError::Closed,
        Error::Io(error) => SocketError::Broken(error.kind()),
        Error::Capacity(_) => SocketError::Protocol("a message was too long to be passed over"),
        Error::Utf8(_) => SocketError::Protocol("a message was no text"),
        Error::Tls(_) => SocketError::Protocol("TLS broke"),
        _ => SocketError::Protocol("the other side does not speak the protocol"),
    }
}

#[cfg(test)]
mod tests;
