//! Results that are fetched from an address of their own, without a token.

use serde_json::Value;

use crate::{
    api::Reply,
    platform::call::{Call, Share},
    refusal::{Checked, Refusal},
    target::Target,
};

pub(crate) const SHARE: Share = &[("getDownload", download)];

impl Target {
    /// Keeps a result; returns the address from which it can be fetched.
    pub(crate) fn offer_download(&mut self, call: &Call, result: Value) -> String {
        let key = self.platform_id();
        let url = format!("{}/downloads/{key}", call.origin);
        self.platform.schedules.downloads.insert(key, result);
        url
    }
}

fn download(target: &mut Target, call: &Call) -> Checked<Reply> {
    let found = target.platform.schedules.downloads.get(call.param("downloadKey"));
    let result = found.ok_or_else(|| Refusal::new(404, "not.found", "There is nothing to download"))?;
    Ok(call.reply(result.clone()))
}
