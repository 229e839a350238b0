//! What the target as a whole does: questions of one API, and the window of requests.

use super::book::Book;
use super::line::{Answered, Halt};
use super::manner::ping;
use super::session::Session;
use ifmatch_core::{Method, Request, SignedDuration};
use serde_json::{Value, json};

const W: &str = "/api/v2/workforcemanagement";

/// Jobs that are begun in order to see how one is answered: they only look for trades, and five a minute are allowed.
const JOBS: usize = 3;

/// The longest wait for a window to begin.
const WINDOW_MAX: SignedDuration = SignedDuration::from_secs(120);

/// The most requests that use up a window.
const EXHAUST_MAX: u64 = 1_000;

/// Questions that one API has.
pub(super) async fn questions(session: &mut Session, book: &mut Book) {
    match session.dialect.name() {
        "wfm-v2" => {
            let outcome = events(session, book).await;
            settle(book, &["events"], outcome);
        }
        _ => {
            let outcome = acts_as_user(session, book).await;
            settle(book, &["client_acts_as_user"], outcome);
            let outcome = jobs(session, book).await;
            settle(book, &["jobs"], outcome);
        }
    }
}

fn settle(book: &mut Book, names: &[&str], outcome: Result<(), Halt>) {
    if let Err(halt) = outcome {
        book.halted(names, None, &halt);
    }
}

async fn events(session: &Session, book: &mut Book) -> Result<(), Halt> {
    let answered = session.line.read(&Request::bare(Method::Get, "/api/v2/wfm/events")).await?;
    let value = match answered.response.status {
        200 => "offered",
        404 => "not_offered",
        _ => return Err(refused(&answered)),
    };
    book.found("events", None, value, vec![answered.exchange]);
    Ok(())
}

/// The requests for time off of whoever the token stands for: a client that stands for nobody is told so.
async fn acts_as_user(session: &Session, book: &mut Book) -> Result<(), Halt> {
    let answered = session.line.read(&Request::bare(Method::Get, format!("{W}/timeoffrequests"))).await?;
    let code = code(&answered);
    let acts = match (answered.response.status, code.as_str()) {
        (200, _) => true,
        (400, "not.a.user") => false,
        _ => return Err(refused(&answered)),
    };
    book.found("client_acts_as_user", None, acts, vec![answered.exchange.showing(code)]);
    Ok(())
}

/// Looks for the trades of a week by a job, a few times.
async fn jobs(session: &Session, book: &mut Book) -> Result<(), Halt> {
    let first = |list: &Answered, name: &str| {
        let body = list.response.json().unwrap_or_default();
        body["entities"].as_array().and_then(|all| all.first()).map(|one| one[name].clone()).unwrap_or_default()
    };
    let units = session.line.read(&Request::bare(Method::Get, format!("{W}/businessunits"))).await?;
    let Some(unit) = first(&units, "id").as_str().map(str::to_owned) else {
        return Err(Halt::Seen("the client sees no business unit".to_owned()));
    };
    let path = format!("{W}/businessunits/{unit}/weeks/recent/schedules");
    let schedules = session.line.read(&Request::bare(Method::Get, path)).await?;
    let Some(week) = first(&schedules, "weekDate").as_str().map(str::to_owned) else {
        return Err(Halt::Seen("the business unit has no schedule of these weeks".to_owned()));
    };
    let units = session.line.read(&Request::bare(Method::Get, format!("{W}/managementunits"))).await?;
    let body = json!({"managementUnitIds": [first(&units, "id")], "weekDates": [week]});
    let request =
        Request::json(Method::Post, format!("{W}/businessunits/{unit}/shifttrading/trades/query/jobs"), &body);
    let (mut at_once, mut later, mut evidence) = (false, false, Vec::new());
    for _ in 0..JOBS {
        let answered = session.line.read(&request).await?;
        match answered.response.status {
            200 | 201 => at_once = true,
            202 => later = true,
            _ => return Err(refused(&answered)),
        }
        evidence.push(answered.exchange);
    }
    let value = match (at_once, later) {
        (true, true) => "both",
        (true, false) => "at_once",
        _ => "later",
    };
    book.found("jobs", None, value, evidence);
    Ok(())
}

fn code(answered: &Answered) -> String {
    let body = answered.response.json().unwrap_or_default();
    body["code"].as_str().unwrap_or_default().to_owned()
}

fn refused(answered: &Answered) -> Halt {
    let code = code(answered);
    let space = if code.is_empty() { "" } else { " " };
    Halt::Seen(format!("{} answered {}{space}{code}", answered.exchange.request, answered.response.status))
}

/// The window of requests: what the headers told, and a refusal where that was asked for.
pub(super) async fn window(session: &mut Session, book: &mut Book, exhaust: bool) {
    let outcome = shape(session, book).await;
    settle(book, &["rate_window"], outcome);
    if exhaust {
        let outcome = use_up(session).await;
        settle(book, &["rate_refusal"], outcome);
    }
    let refusal = session.line.desk().refusals.first().cloned();
    match refusal {
        Some((form, exchange)) => book.found("rate_refusal", None, form, vec![exchange]),
        None => {
            book.unknown("rate_refusal", None, "no refusal was met; --exhaust-window uses a window up to see one");
        }
    }
}

async fn shape(session: &Session, book: &mut Book) -> Result<(), Halt> {
    let ping = ping(session.dialect.name());
    session.line.read(&ping).await?;
    let begun =
        |session: &Session| session.line.desk().told_windows.iter().any(|told| told.remaining + 1 == told.limit);
    if !begun(session) {
        let latest = session.line.desk().told_windows.last().cloned();
        let Some(latest) = latest else {
            return Err(Halt::Seen("no answer told of a window".to_owned()));
        };
        let left = latest.reset_at.duration_since(session.now());
        if left <= WINDOW_MAX {
            session.line.wait(left + SignedDuration::from_secs(1)).await?;
            session.line.read(&ping).await?;
        }
    }
    let told = session.line.desk().told_windows.clone();
    let Some(first) = told.first() else { return Err(Halt::Seen("no answer told of a window".to_owned())) };
    let begin = told.iter().find(|told| told.remaining + 1 == told.limit);
    let longest = told.iter().map(|told| told.seconds).max().unwrap_or_default();
    let mut value = json!({"allowed": first.limit, "seconds": begin.map_or(longest, |told| told.seconds)});
    // Only a window whose beginning was seen has told its whole length.
    value["exact"] = json!(begin.is_some());
    value["fixed"] = is_fixed(&told).map_or(Value::Null, Value::Bool);
    let shown = begin.unwrap_or(first);
    let words = format!("{} of {} left, {} s to go", shown.remaining, shown.limit, shown.seconds);
    book.found("rate_window", None, value, vec![shown.exchange.showing(words)]);
    Ok(())
}

/// Whether answers of one window agree on when it ends; `None` where too few, or too near ones, were seen.
fn is_fixed(told: &[super::line::Window]) -> Option<bool> {
    let second = SignedDuration::from_millis(1_500);
    let (first, last) = (told.first()?, told.last()?);
    let spread = last.at.duration_since(first.at);
    if told.len() < 3 || spread < SignedDuration::from_secs(2) {
        return None;
    }
    // Within a window the end stands still. It may only jump once the window before has ended.
    let moves = |pair: &[super::line::Window]| {
        let moved = pair[1].reset_at.duration_since(pair[0].reset_at).abs() > second;
        moved && pair[1].at + second < pair[0].reset_at
    };
    Some(!told.windows(2).any(moves))
}

/// Uses a window up by reads, until one is refused.
async fn use_up(session: &Session) -> Result<(), Halt> {
    let limit = session.line.desk().told_windows.last().map(|told| told.limit);
    let Some(limit) = limit.filter(|limit| *limit <= EXHAUST_MAX) else {
        return Err(Halt::Seen("the window is unknown or too large to be used up".to_owned()));
    };
    let ping = ping(session.dialect.name());
    session.line.exhaust(true);
    let mut outcome = Ok(());
    // It may be half over when this begins, so there is time for a second one.
    for _ in 0..2 * limit + 5 {
        outcome = session.line.read(&ping).await.map(drop);
        if outcome.is_err() || !session.line.desk().refusals.is_empty() {
            break;
        }
    }
    session.line.exhaust(false);
    let slow = || Halt::Seen("reads, one after another, were too slow to use the window up".to_owned());
    outcome.and_then(|()| if session.line.desk().refusals.is_empty() { Err(slow()) } else { Ok(()) })
}
