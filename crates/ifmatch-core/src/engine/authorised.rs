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
            self.granted_at = Some(self.now);
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
        if self.token != Token::Granted {
            return;
        }
        // A token that is refused as soon as it is there will not get better by asking again.
        let pause = self.config.limits.outage_pause.1;
        let fresh = self.granted_at.is_some_and(|at| self.now.duration_since(at) < pause);
        if !fresh || self.refused_tokens < 2 {
            self.token = Token::None;
            self.refused_tokens = if fresh { self.refused_tokens + 1 } else { 0 };
            return;
        }
        self.refused_tokens = 0;
        let until = self.now + pause;
        self.token = Token::Refused(until);
        self.timer(until, Timer::Pump);
        self.alarm("token_refused", "the target refuses tokens that it has just given");
    }
}
