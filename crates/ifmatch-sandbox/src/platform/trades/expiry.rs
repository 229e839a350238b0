//! An offer ends by itself: a trade that is open when its expiration passes becomes expired.

use serde_json::json;

use super::trade::Trade;
use crate::{
    api::trades::is_open,
    queue::Due,
    record::{Kind, Writer},
    target::Target,
    time::parse_instant,
};

impl Target {
    /// Has the trade looked at when its expiration passes; at once when that is past.
    pub(super) fn watch_expiration(&mut self, now: i64, trade: &Trade) {
        if let Some(at) = expiration(trade) {
            self.queue.put(at.max(now), Due::Platform { run: expire, id: trade.id().to_owned() });
        }
    }
}

/// When an open trade expires.
fn expiration(trade: &Trade) -> Option<i64> {
    parse_instant(trade.flat.text("expires_at")).filter(|_| is_open(trade.status()))
}

/// What was settled, or given more time, meanwhile stays.
fn expire(target: &mut Target, now: i64, id: &str) {
    let Some(trade) = Trade::present(target, id) else { return };
    if expiration(&trade).is_none_or(|at| at > now) {
        return;
    }
    let (mut fields, more) = (trade.flat.fields.clone(), trade.flat.more.clone());
    fields.insert("status".to_owned(), json!("expired"));
    let writer = Writer::system();
    target.commit_whole_flat(now, Kind::Trade, id, (fields, more), &writer);
    target.follow_up_trade(now, id, Some(trade.status()), &writer);
}
