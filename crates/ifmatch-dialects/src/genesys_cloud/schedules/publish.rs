//! The publish of a week's schedule: a flag in an upload. Only the schedule itself tells how it stands.

use crate::genesys_cloud::answer::Answer;
use crate::genesys_cloud::evidence::Purpose;
use crate::genesys_cloud::kinds::METADATA;
use ifmatch_core::{Fact, OperationStatus};

impl Answer<'_> {
    /// How a publish stands: whether the version that stands there is the published one.
    pub(crate) fn publish_status(&self) -> Fact {
        if let Some(fact) = self.unread() {
            return fact;
        }
        if self.body["entities"].is_array() {
            return Fact::Absent;
        }
        let Some(version) = self.body[METADATA]["version"].as_u64() else {
            return self.strange("the answer is no schedule with a version");
        };
        let carried = if self.body["published"] == true { version } else { 0 };
        Fact::Operation(OperationStatus {
            job: None,
            running: false,
            failed: false,
            wanted: version,
            carried,
            carrying: None,
        })
    }

    /// What became of asking for a publish.
    pub(crate) fn publish_started(&self) -> Fact {
        match self.refusal(Purpose::Write) {
            Some(evidence) => Fact::Refused(evidence),
            None => Fact::Operation(OperationStatus {
                job: self.body["operationId"].as_str().map(str::to_owned),
                running: true,
                failed: false,
                wanted: 0,
                carried: 0,
                carrying: None,
            }),
        }
    }
}
