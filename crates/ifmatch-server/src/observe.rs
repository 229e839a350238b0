//! Observe mode: requests are forwarded byte for byte, and copies of what went by are handed to the observer.
//!
//! `forward` carries, `tee` copies, `caller` tells who sends and by whose credentials, `task` owns the observer. Nothing on the
//! way of a request waits for the observer: its queue is bounded, and where it is full an exchange counts as unread.

mod caller;
mod forward;
mod login;
mod task;
mod tee;

pub(crate) use caller::{Logins, caller};
pub(crate) use forward::forward;
pub(crate) use login::{account, log_in};
pub(crate) use task::{Setup, Watcher, start};
