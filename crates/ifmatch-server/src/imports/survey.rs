//! What a plan asks of the target: reads within the budget, nothing is written.

use crate::driver::OrgHandle;
use crate::problem::Fault;
use ifmatch_core::{Method, Request, SourceName};
use ifmatch_sources::migration::Survey;

/// A survey with every answer.
///
/// # Errors
/// The target cannot be asked, or answers something else.
pub(crate) async fn surveyed(org: &OrgHandle, source: &SourceName, mut survey: Survey) -> Result<Survey, Fault> {
    while let Some(path) = survey.next() {
        let response = org.pass(source.clone(), Request::bare(Method::Get, path.clone()), None).await?;
        let unlike = |what: String| Fault::TargetUnlike { path: path.clone(), what };
        if !(200..300).contains(&response.status) {
            return Err(unlike(format!("status {}", response.status)));
        }
        let answer = serde_json::from_str(&response.body).map_err(|_| unlike("no JSON".to_owned()))?;
        survey.take(answer).map_err(|error| unlike(error.to_string()))?;
    }
    Ok(survey)
}
