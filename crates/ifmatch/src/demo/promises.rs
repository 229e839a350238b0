//! The promises that the demonstration exercises, and whether they held for ifmatch.

use super::figures::Figures;
use super::incident::Incident;
use super::judge::Verdict;
use super::wish::End;

/// One promise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Promise {
    /// Its number, `P1` to `P8`.
    pub(crate) id: &'static str,
    /// What it says, as the table shows it.
    pub(crate) text: &'static str,
    /// What broke it, one sentence per case; none when it held.
    pub(crate) broken: Vec<String>,
}

/// The most requests that ifmatch may need in I04, in percent of those of the naive loop.
const SHARE_MAX: f64 = 5.0;

/// What both strategies came to in one incident.
pub(super) struct Pair<'a> {
    pub(super) incident: Incident,
    pub(super) naive: &'a Figures,
    pub(super) ours: &'a Figures,
    pub(super) verdict: &'a Verdict,
}

/// Judges the promises over all incidents that were played.
pub(super) fn judge(pairs: &[Pair<'_>]) -> Vec<Promise> {
    let over = |id, text, find: &dyn Fn(&Pair<'_>) -> Vec<String>| {
        let broken = pairs.iter().flat_map(|pair| {
            find(pair).into_iter().map(|what| format!("{}: {what}", pair.incident.id())).collect::<Vec<_>>()
        });
        Promise { id, text, broken: broken.collect() }
    };
    let mut promises = vec![
        over("P1", "nothing accepted is lost", &accounted),
        over("P2", "no lost edit, no needless review", &|pair| {
            [pair.verdict.lost_edits.clone(), pair.verdict.needless_reviews.clone()].concat()
        }),
        over("P3", "no duplicate effect", &|pair| {
            [pair.verdict.duplicates.clone(), pair.verdict.unexplained.clone()].concat()
        }),
        over("P4", "no request before Retry-After ends", &|pair| counted(pair.ours.early, "early requests")),
        over("P5", "one writer per record, one publish at a time", &|pair| {
            counted(pair.verdict.concurrent, "writes met another one in flight")
        }),
    ];
    if pairs.iter().any(|pair| matches!(pair.incident, Incident::I03 | Incident::I04)) {
        let bounded = |pair: &Pair<'_>| [pair.verdict.unbounded.clone(), frugal(pair)].concat();
        promises.push(over("P6", "waits are bounded, nothing spins", &bounded));
    }
    promises
}

fn accounted(pair: &Pair<'_>) -> Vec<String> {
    let mut broken = pair.verdict.unproven.clone();
    let sum: usize = End::ALL.into_iter().map(|end| pair.ours.count(end)).sum();
    if sum != pair.ours.intents {
        broken.push(format!("{} wishes and {sum} ends", pair.ours.intents));
    }
    broken.extend(counted(pair.ours.count(End::Pending) as u64, "wishes did not end"));
    broken
}

fn counted(count: u64, what: &str) -> Vec<String> {
    if count == 0 { Vec::new() } else { vec![format!("{count} {what}")] }
}

fn frugal(pair: &Pair<'_>) -> Vec<String> {
    let share = 100.0 * pair.ours.requests as f64 / (pair.naive.requests.max(1)) as f64;
    let spends = pair.incident == Incident::I04 && share > SHARE_MAX;
    if spends { vec![format!("{share:.1} % of the naive loop's requests, at most {SHARE_MAX} %")] } else { Vec::new() }
}
