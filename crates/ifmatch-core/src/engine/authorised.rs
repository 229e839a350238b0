//! A token was got, or not.

use super::{Engine, Timer, Token};
use crate::effect::{Effect, Notice};

impl Engine {
    pub(super) fn on_authorised(&mut self, granted: bool, message: &str) {
        if self.token != Token::Asked {
            return;
        }
        if granted {
            self.token = Token::Granted;
            return;
        }
        let until = self.now + self.config.limits.outage_pause.1;
        self.token = Token::Refused(until);
        self.timer(until, Timer::Pump);
        let message = format!("the target gave no token: {message}");
        self.commits.now(Effect::Notify(Notice::Alarm { code: "no_token", message }));
    }

    /// The target did not take the token: one refresh, however many noticed.
    pub(super) fn token_refused(&mut self) {
        if self.token == Token::Granted {
            self.token = Token::None;
        }
    }
}
