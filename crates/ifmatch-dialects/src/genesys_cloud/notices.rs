//! What the notification service tells of work that was taken with a 202.

use serde_json::Value;

/// The name of the work that a message says has ended, and whether it failed; `None` for any other message.
///
/// Shape: `{"topicName": "v2.workforcemanagement.businessunits.5b….schedules", "eventBody": {"status": "Complete",
/// "operationId": "9f…", "eventType": "Update", "result": {…}}}`. A failure says no more than `Error`.
pub(crate) fn told(message: &Value) -> Option<(String, bool)> {
    let topic = message["topicName"].as_str()?;
    let body = &message["eventBody"];
    let operation = body["operationId"].as_str().filter(|_| topic.starts_with("v2.workforcemanagement."))?;
    let failed = match body["status"].as_str()? {
        "Complete" => false,
        "Error" | "Canceled" => true,
        _ => return None,
    };
    Some((operation.to_owned(), failed))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn work_ends_well_or_not_and_goes_on() {
        let message = |status: &str| {
            json!({"topicName": "v2.workforcemanagement.businessunits.bu-1.schedules",
                "eventBody": {"status": status, "operationId": "op-1", "eventType": "Update"}})
        };
        assert_eq!(told(&message("Complete")), Some(("op-1".to_owned(), false)));
        assert_eq!(told(&message("Error")), Some(("op-1".to_owned(), true)));
        assert_eq!(told(&message("Processing")), None);
        assert_eq!(told(&json!({"topicName": "channel.metadata", "eventBody": {"message": "pong"}})), None);
    }
}
