//! Accounts: every row has one outcome, and the totals are the rows.

use super::*;
use crate::migration::plan::Checked;
use proptest::prelude::*;

fn plan(verdicts: &[Verdict]) -> Plan {
    let row = |(verdict, row): (&Verdict, u64)| {
        PlanRow::stopped(row, &format!("S{row}"), *verdict, Some("planned"), "as planned")
    };
    let rows = verdicts.iter().zip(1..).map(row).collect();
    let mut plan = Plan {
        file: "f".to_owned(),
        sha256: "0".repeat(64),
        kind: Kind::ZendeskShiftTrades,
        org: None,
        target: Checked::Unchecked,
        rows,
        totals: BTreeMap::new(),
        forecast: None,
    };
    plan.count();
    plan
}

fn in_state(row: u64, state: &str) -> Progress {
    Progress { state: state.to_owned(), code: Some("said".to_owned()), ..Progress::sent(row, None) }
}

#[test]
fn what_is_submitted_ends_as_the_intent_and_the_rest_as_planned() {
    use Verdict::{Create, Duplicate, Equal, Hold, Reject, Review, Update};
    let check = |verdict: Verdict, state: Option<&str>, wanted: Outcome| {
        let journal =
            Journal { rows: state.map(|state| (1, in_state(1, state))).into_iter().collect(), ..Journal::default() };
        let account = Account::of(&plan(&[verdict]), &journal);
        assert_eq!(account.account[0].outcome, wanted, "{verdict:?} {state:?}");
        let open = matches!(wanted, Outcome::Pending | Outcome::Skipped);
        assert_eq!(account.complete, !open);
        let code = if state.is_some() && verdict.is_applied() { "said" } else { "planned" };
        assert_eq!(account.account[0].code.as_deref(), Some(code));
    };
    check(Create, None, Outcome::Skipped);
    check(Update, Some("sent"), Outcome::Pending);
    check(Create, Some("parked"), Outcome::Pending);
    check(Create, Some("landed"), Outcome::Landed);
    check(Create, Some("refused"), Outcome::Rejected);
    check(Update, Some("review"), Outcome::Review);
    check(Equal, None, Outcome::Equal);
    check(Duplicate, None, Outcome::Duplicate);
    check(Hold, None, Outcome::Hold);
    check(Review, None, Outcome::Review);
    check(Reject, Some("landed"), Outcome::Rejected);
}

proptest! {
    #[test]
    fn the_totals_are_the_rows(
        verdicts in prop::collection::vec(0..Verdict::ALL.len(), 1..40),
        states in prop::collection::btree_map(1..60_u64, "[a-z]{4,8}|landed|review|refused|sent", 0..40),
    ) {
        let verdicts: Vec<Verdict> = verdicts.into_iter().map(|at| Verdict::ALL[at]).collect();
        let rows = states.into_iter().map(|(row, state)| (row, in_state(row, &state))).collect();
        let account = Account::of(&plan(&verdicts), &Journal { rows, ..Journal::default() });
        prop_assert_eq!(account.totals.values().sum::<usize>(), verdicts.len());
        prop_assert_eq!(account.rows, verdicts.len());
        prop_assert!(account.account.iter().zip(1..).all(|(entry, row)| entry.row == row));
    }
}
