//! Which reads a plan takes, and when they are enough.

use super::*;
use serde_json::json;

fn page(size: usize, total: Option<u64>) -> Value {
    let entities: Vec<Value> = (0..size).map(|n| json!({"trade_id": n.to_string()})).collect();
    match total {
        Some(total) => json!({"entities": entities, "total": total}),
        None => json!({"entities": entities}),
    }
}

#[track_caller]
fn check(pages: &[Value], wanted: usize) {
    let mut survey = Survey::of(Kind::ZendeskShiftTrades, None);
    for (page, number) in pages.iter().zip(1..) {
        assert_eq!(survey.next(), Some(format!("/api/v2/wfm/scheduling/shifts?page={number}&page_size=100")));
        survey.take(page.clone()).unwrap();
    }
    assert_eq!(survey.next(), None, "{} pages are enough", pages.len());
    let Survey(Asked::Trades { found, .. }) = survey else { panic!("trades were asked for") };
    assert_eq!(found.len(), wanted);
}

#[test]
fn trades_are_read_to_the_last_page() {
    check(&[page(0, None)], 0);
    check(&[page(0, Some(0))], 0);
    check(&[page(100, Some(100))], 100);
    check(&[page(100, None), page(0, None)], 100);
    check(&[page(100, Some(130)), page(30, Some(130))], 130);
    check(&[page(100, Some(130)), page(0, Some(130))], 100);
    check(&[page(100, None), page(7, None)], 107);
}

#[test]
fn another_answer_is_told_from_a_page() {
    let mut survey = Survey::of(Kind::ZendeskShiftTrades, None);
    assert_eq!(survey.take(json!({"message": "not found"})), Err(NoTrades));
}

#[test]
fn a_week_reads_its_schedule_and_the_others_nothing() {
    let mut survey = Survey::of(Kind::SchedulerWeek, Some("w 43/a"));
    assert_eq!(survey.next().as_deref(), Some("/api/v2/wfm/schedules/w%2043%2Fa"));
    survey.take(json!({"agents": []})).unwrap();
    assert_eq!(survey.next(), None);
    for kind in [Kind::SchedulerWeek, Kind::SchedulerChanges, Kind::ServicenowQualityReviews] {
        assert_eq!(Survey::of(kind, None).next(), None);
    }
}
