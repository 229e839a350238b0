//! Section `[server]`.

use super::ConfigError;
use super::layers::Layers;
use jiff::SignedDuration;
use serde::Deserialize;
use std::net::SocketAddr;

/// The gateway itself.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerSection {
    /// Address and port; port 0 takes a free one.
    pub listen: SocketAddr,
    /// How long a proxied write waits for its outcome, in seconds of scenario time, when the client
    /// does not say. Longer waits hold more connections.
    pub wait_s: f64,
    /// The longest wait that a client may ask for, in seconds of scenario time.
    pub wait_max_s: f64,
    /// The largest body that is taken, in bytes.
    pub body_bytes_max: usize,
    /// How deep a JSON body may nest.
    pub json_depth_max: usize,
    /// How many requests of one org may wait for the engine; more are refused with 503.
    pub queue_max: usize,
    /// Life of an access token, in seconds of wall time.
    pub token_s: u32,
    /// How long a shutdown waits for what is under way, in seconds of wall time.
    pub drain_s: u32,
}

impl ServerSection {
    pub(super) fn check(&self, layers: &Layers) -> Result<(), ConfigError> {
        let field = |name: &str| format!("server.{name}");
        for (name, seconds) in [("wait_s", self.wait_s), ("wait_max_s", self.wait_max_s)] {
            if !(0.0..=86_400.0).contains(&seconds) {
                return Err(layers.error(field(name), "must be from 0 to 86400"));
            }
        }
        if self.wait_s > self.wait_max_s {
            return Err(layers.error(field("wait_s"), "must not be above wait_max_s"));
        }
        if !(1..=256).contains(&self.json_depth_max) {
            return Err(layers.error(field("json_depth_max"), "must be from 1 to 256"));
        }
        for (name, value) in [("body_bytes_max", self.body_bytes_max), ("queue_max", self.queue_max)] {
            if value == 0 {
                return Err(layers.error(field(name), "must be above 0"));
            }
        }
        Ok(())
    }

    /// How long a proxied write waits by default.
    pub(crate) fn wait(&self) -> SignedDuration {
        SignedDuration::from_secs_f64(self.wait_s)
    }

    /// The longest wait.
    pub(crate) fn wait_max(&self) -> SignedDuration {
        SignedDuration::from_secs_f64(self.wait_max_s)
    }
}
