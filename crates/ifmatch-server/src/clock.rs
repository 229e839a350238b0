//! The one place that reads a clock.
//!
//! Everything else takes a [`Clock`]: in production it is real time, with a sandbox it may run
//! at a multiple of it from a chosen instant, so that gateway, sandbox and clients share one time.

mod pace;

use jiff::{SignedDuration, Timestamp};
use pace::Pace;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime};
use tokio::sync::Notify;

/// Scenario time: real time from the machine's clock at the start on, or a multiple of it.
///
/// Instants have whole milliseconds and never run backwards within a process. Where the machine's clock is set, they go on
/// as before (docs/design/011-clocks.md); [`Clock::set_by`] tells by how much.
#[derive(Debug, Clone)]
pub struct Clock(Arc<Face>);

#[derive(Debug)]
struct Face {
    pace: Pace,
    /// Latest instant given out, milliseconds since the Unix epoch.
    latest_ms: AtomicI64,
    /// Milliseconds by which the clock was put forward.
    ahead_ms: AtomicI64,
    /// Wakes sleepers when it is put forward.
    moved: Notify,
}

/// A step of the machine's clock below this is no news.
const STEP_MIN: SignedDuration = SignedDuration::from_secs(2);

/// Longest sleep in one piece: the end of a machine's sleep is noticed after this.
const NAP_MAX: Duration = Duration::from_secs(30);

impl Clock {
    /// Real time.
    #[must_use]
    pub fn wall() -> Self {
        Self::new(Pace::steady())
    }

    /// By how much the machine's clock was set since this one began: forward, or back where negative.
    #[must_use]
    pub fn set_by(&self) -> SignedDuration {
        SignedDuration::from_millis(self.0.pace.set_by_ms())
    }

    /// A clock that shows `origin` at this moment and from then on runs `speed` seconds of scenario
    /// time for each second of wall time. `speed` is a finite number above 0.
    #[must_use]
    pub fn scaled(origin: Timestamp, speed: f64) -> Self {
        Self::new(Pace::scaled(origin.as_millisecond(), speed))
    }

    /// A clock that begins at the wall clock's instant and runs at this speed.
    #[must_use]
    pub fn scaled_from_now(speed: f64) -> Self {
        Self::scaled(timestamp(wall_ms()), speed)
    }

    fn new(pace: Pace) -> Self {
        Self(Arc::new(Face {
            pace,
            latest_ms: AtomicI64::new(i64::MIN),
            ahead_ms: AtomicI64::new(0),
            moved: Notify::new(),
        }))
    }

    /// Says in the log when the machine's clock is set, for as long as it is asked to.
    pub(crate) async fn watch(self) {
        let mut told = SignedDuration::ZERO;
        loop {
            tokio::time::sleep(NAP_MAX).await;
            let set_by = self.set_by();
            if (set_by - told).abs() > STEP_MIN {
                told = set_by;
                let set_by_s = set_by.as_secs();
                tracing::warn!(set_by_s, "the machine's clock was set: deadlines follow it after a restart");
            }
        }
    }

    /// Seconds of scenario time per second of wall time.
    #[must_use]
    pub fn speed(&self) -> f64 {
        self.0.pace.speed()
    }

    /// This instant by the machine's clock, whatever scenario time is: for what others have signed by theirs.
    #[must_use]
    pub(crate) fn outside() -> Timestamp {
        timestamp(wall_ms())
    }

    /// This instant.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        timestamp(self.now_ms())
    }

    /// This instant in milliseconds since the Unix epoch.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        let ms = self.0.pace.now_ms().saturating_add(self.0.ahead_ms.load(Ordering::Acquire));
        self.0.latest_ms.fetch_max(ms, Ordering::AcqRel).max(ms)
    }

    /// Puts the clock forward by a span of scenario time: for the control API of the sandbox, and
    /// past the instants of an earlier run.
    pub fn advance(&self, span: Duration) {
        let ms = i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
        self.0.ahead_ms.fetch_add(ms, Ordering::AcqRel);
        self.0.moved.notify_waiters();
    }

    /// From here on a scaled clock goes on for at most `gap_max` of wall time until the next beat,
    /// then stands still; without `gap_max` it runs freely again. Real time takes no notice.
    pub(crate) fn beat(&self, gap_max: Option<Duration>) {
        self.0.pace.beat(gap_max);
    }

    /// How much wall time a span of scenario time takes; zero for a negative one.
    #[must_use]
    pub fn to_wall(&self, span: SignedDuration) -> Duration {
        let seconds = (span.as_secs_f64() / self.speed()).clamp(0.0, 1e9);
        Duration::from_secs_f64(seconds)
    }

    /// How much scenario time passes in a span of wall time.
    #[must_use]
    pub fn from_wall(&self, span: Duration) -> SignedDuration {
        SignedDuration::from_secs_f64((span.as_secs_f64() * self.speed()).min(1e12))
    }

    /// Sleeps until an instant of scenario time; returns at once when it has passed.
    pub async fn sleep_until(&self, at: Timestamp) {
        loop {
            let left = at.duration_since(self.now());
            if !left.is_positive() {
                return;
            }
            // A millisecond is the grain of the timer: less would spin.
            let nap = self.to_wall(left).clamp(Duration::from_millis(1), NAP_MAX);
            tokio::select! {
                () = tokio::time::sleep(nap) => {}
                () = self.0.moved.notified() => {}
            }
        }
    }

    /// Waits for a future until an instant of scenario time; `None` when that came first.
    pub async fn until<F: Future>(&self, at: Timestamp, future: F) -> Option<F::Output> {
        tokio::select! {
            biased;
            output = future => Some(output),
            () = self.sleep_until(at) => None,
        }
    }
}

fn wall_ms() -> i64 {
    match SystemTime::now().duration_since(SystemTime::UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_millis()).unwrap_or(i64::MAX),
        Err(before) => -i64::try_from(before.duration().as_millis()).unwrap_or(i64::MAX),
    }
}

fn timestamp(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests;
