//! Notifications: channels, what they subscribed to, and the notices that their sockets wait for.

pub(crate) mod calls;
pub(crate) mod channels;
pub(crate) mod topics;

pub(crate) use self::calls::SHARE;
