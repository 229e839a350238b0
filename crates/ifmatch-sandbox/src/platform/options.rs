//! The options of the platform API: what the vendor leaves undocumented.

use serde::{Deserialize, Serialize};

use crate::options::choice;

/// Every setting of the platform API. Version steps, what a write of one agent raises, replica lag and latency are shared with
/// `wfm-v2`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PlatformOptions {
    /// What becomes of an upload that was made from an older version.
    pub stale_upload: StaleUpload,
    /// What one stale agent does to an upload.
    pub stale_agent: StaleAgent,
    /// Whether client credentials may act as a user.
    pub client_acts_as_user: bool,
    /// The id of the user for whom every client acts; absent for each client's own user.
    pub clients_user: Option<String>,
    /// Milliseconds from the request for an upload, an import or a copy to its end.
    pub upload_ms: i64,
    /// How operations that may run as jobs answer.
    pub jobs: Jobs,
    /// Milliseconds that a job takes.
    pub job_ms: i64,
    /// A query for more agents than this answers with an address to download from; absent for never.
    pub download_above: Option<usize>,
    /// Whether notices arrive.
    pub notices: Notices,
    /// What a versioned write without a version gets.
    pub missing_version: MissingVersion,
    /// Requests per user and minute on the job routes of shift trading; absent or 0 for no limit. No header tells it.
    pub shift_trading_per_minute: Option<u32>,
    /// Which requests on these routes count.
    pub shift_trading_counts: ShiftTradingCounts,
}

impl Default for PlatformOptions {
    fn default() -> Self {
        Self {
            stale_upload: StaleUpload::ErrorNotice,
            stale_agent: StaleAgent::FailsUpload,
            client_acts_as_user: true,
            clients_user: None,
            upload_ms: 2_000,
            jobs: Jobs::Sync,
            job_ms: 2_000,
            download_above: None,
            notices: Notices::Delivered,
            missing_version: MissingVersion::Validation,
            shift_trading_per_minute: Some(5),
            shift_trading_counts: ShiftTradingCounts::EveryRoute,
        }
    }
}

choice!(
    /// What becomes of an upload that was made from an older version.
    StaleUpload {
        /// It is taken, and a notice says later that it failed.
        ErrorNotice,
        /// 409 at once.
        Refused,
    }
);
choice!(
    /// What one stale agent does to an upload.
    StaleAgent {
        /// The whole upload fails.
        FailsUpload,
        /// The others land.
        SkipsAgent,
    }
);
choice!(
    /// How operations that may run as jobs answer.
    Jobs {
        /// At once.
        Sync,
        /// With 202 and a job.
        Async,
        /// Now this way, now that.
        Mixed,
    }
);
choice!(
    /// Whether notices arrive.
    Notices {
        /// Every one.
        Delivered,
        /// Some are lost.
        Lossy,
    }
);
choice!(
    /// What the limit of shift trading counts. The vendor names its job routes, and does not say whether a question how a job
    /// stands is meant.
    ShiftTradingCounts {
        /// Every request on a job route.
        EveryRoute,
        /// Only what begins a job.
        StartsOnly,
    }
);
choice!(
    /// What a versioned write without a version gets.
    MissingVersion {
        /// 400 `wfm.validation.failure`.
        Validation,
        /// 400 `bad.request`.
        BadRequest,
    }
);
