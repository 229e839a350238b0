//! Results that are fetched from an address of their own, without a token.

use serde_json::Value;

use crate::{
    api::Reply,
    platform::call::{Call, Share},
    refusal::{Checked, Refusal},
    target::Target,
    time::MINUTE,
};

pub(crate) const SHARE: Share = &[("getDownload", download)];

/// How long a result can be fetched.
const LIFE_MS: i64 = 10 * MINUTE;

impl Target {
    /// Keeps a result; returns the address from which it can be fetched.
    pub(crate) fn offer_download(&mut self, call: &Call, result: Value) -> String {
        let key = self.platform_id();
        self.platform.schedules.downloads.retain(|_, (at, _)| call.now < *at + LIFE_MS);
        let url = format!("{}/downloads/{key}", call.origin);
        self.platform.schedules.downloads.insert(key, (call.now, result));
        url
    }
}

fn download(target: &mut Target, call: &Call) -> Checked<Reply> {
    let found = target.platform.schedules.downloads.get(call.param("downloadKey"));
    let (_, result) = found.ok_or_else(|| Refusal::new(404, "not.found", "There is nothing to download"))?;
    Ok(call.reply(result.clone()))
}
