//! The way to the gateway for a long run: it lasts through restarts of the gateway and through tokens that end.

use crate::client::{Answer, Body, Connect, Gateway};
use crate::error::{Failure, Kind};
use http::{Method, StatusCode};
use ifmatch_server::config::Environment;
use std::time::{Duration, Instant};

/// How long a gateway may be away or too busy before the run stops.
const PATIENCE: Duration = Duration::from_secs(60);

/// From one try to the next.
const PAUSE: Duration = Duration::from_millis(500);

/// A gateway, and how to find it again.
#[derive(Debug)]
pub(crate) struct GatewayLine<'a> {
    connect: &'a Connect,
    environment: &'a Environment,
    gateway: Gateway,
}

impl<'a> GatewayLine<'a> {
    /// Finds the gateway and logs in.
    pub(crate) async fn open(connect: &'a Connect, environment: &'a Environment) -> Result<Self, Failure> {
        Ok(Self { connect, environment, gateway: Gateway::open(connect, environment).await? })
    }

    /// The gateway as it was found last.
    pub(crate) fn gateway(&self) -> &Gateway {
        &self.gateway
    }

    /// Sends a request that may be sent again; `wait` is how long the gateway was asked to wait.
    ///
    /// # Errors
    /// The gateway stays away, or does not know us any more.
    pub(crate) async fn send(
        &mut self,
        method: Method,
        path: &str,
        body: &Body,
        wait: Duration,
    ) -> Result<Answer, Failure> {
        let started = Instant::now();
        let mut renewed = false;
        loop {
            let answer = self.gateway.send(method.clone(), path, body.clone(), wait).await;
            let late = started.elapsed() > PATIENCE + wait;
            match answer {
                Ok(answer) if answer.status == StatusCode::UNAUTHORIZED && !renewed => {
                    renewed = true;
                    self.gateway = Gateway::open(self.connect, self.environment).await?;
                    continue;
                }
                Ok(answer) if is_busy(answer.status) && !late => {}
                Err(failure) if failure.kind == Kind::Remote && !late => {}
                other => return other,
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}

/// Whether the gateway only asks for time.
fn is_busy(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::TOO_MANY_REQUESTS
            | StatusCode::BAD_GATEWAY
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::GATEWAY_TIMEOUT
    )
}
