//! Connections to the target: names are resolved here, and what they resolve to is looked at.

use crate::addresses;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::Name;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(10);

/// TLS by rustls over TCP, with the guarded resolver.
pub(super) type Connector = HttpsConnector<HttpConnector<Resolver>>;

/// Builds the connector. Certificates are checked against the system's roots, or against Mozilla's
/// where the system has none.
pub(super) fn connector(allow_private: bool) -> Connector {
    let mut tcp = HttpConnector::new_with_resolver(Resolver { allow_private });
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp.set_connect_timeout(Some(CONNECT));
    let provider = rustls::crypto::ring::default_provider();
    match HttpsConnectorBuilder::new().with_provider_and_native_roots(provider.clone()) {
        Ok(builder) => builder.https_or_http().enable_http1().wrap_connector(tcp),
        Err(error) => {
            tracing::debug!(%error, "the system has no root certificates; Mozilla's are used");
            HttpsConnectorBuilder::new()
                .with_provider_and_webpki_roots(provider)
                .expect("ring offers the default TLS versions")
                .https_or_http()
                .enable_http1()
                .wrap_connector(tcp)
        }
    }
}

/// Resolves names by the system and refuses private addresses where they are not allowed. A name
/// that answers with any private address is refused as a whole.
#[derive(Debug, Clone)]
pub(super) struct Resolver {
    allow_private: bool,
}

type Resolving = Pin<Box<dyn Future<Output = io::Result<std::vec::IntoIter<SocketAddr>>> + Send>>;

impl tower::Service<Name> for Resolver {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = Resolving;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let allow_private = self.allow_private;
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let private = found.iter().any(|address| addresses::is_private(address.ip()));
            if private && !allow_private {
                tracing::warn!(%name, "the name resolves to a private address: refused");
                let reason = "the name resolves to a private address";
                return Err(io::Error::new(io::ErrorKind::PermissionDenied, reason));
            }
            Ok(found.into_iter())
        })
    }
}
