//! How scenario time follows wall time.

use super::wall_ms;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The machine's clock as it was at the start and goes on from there, or a multiple of the time that it has run.
#[derive(Debug)]
pub(super) enum Pace {
    Steady { origin_ms: i64, since: Steady },
    Scaled { origin_ms: i64, speed: f64, run: Mutex<Run> },
}

/// For how long a scaled clock has run, wall time.
#[derive(Debug)]
pub(super) struct Run {
    /// Up to the last beat.
    before: Duration,
    /// The last beat, or the start.
    since: Instant,
    /// The most that counts of the time since the last beat; `None` where all of it counts.
    gap_max: Option<Duration>,
}

impl Pace {
    pub(super) fn steady() -> Self {
        Self::Steady { origin_ms: wall_ms(), since: Steady::now() }
    }

    pub(super) fn scaled(origin_ms: i64, speed: f64) -> Self {
        let run = Run { before: Duration::ZERO, since: Instant::now(), gap_max: None };
        Self::Scaled { origin_ms, speed, run: Mutex::new(run) }
    }

    pub(super) fn now_ms(&self) -> i64 {
        match self {
            Self::Steady { origin_ms, since } => origin_ms + since.elapsed_ms(),
            Self::Scaled { origin_ms, speed, run } => {
                origin_ms + (locked(run).so_far().as_secs_f64() * 1e3 * speed) as i64
            }
        }
    }

    pub(super) fn speed(&self) -> f64 {
        match self {
            Self::Steady { .. } => 1.0,
            Self::Scaled { speed, .. } => *speed,
        }
    }

    /// By how much the machine's clock was set since the start: forward, or back where negative.
    pub(super) fn set_by_ms(&self) -> i64 {
        match self {
            Self::Steady { origin_ms, since } => wall_ms() - (origin_ms + since.elapsed_ms()),
            Self::Scaled { .. } => 0,
        }
    }

    /// Counts the time since the last beat, and from here on at most `gap_max` until the next one.
    pub(super) fn beat(&self, gap_max: Option<Duration>) {
        if let Self::Scaled { run, .. } = self {
            let mut run = locked(run);
            *run = Run { before: run.so_far(), since: Instant::now(), gap_max };
        }
    }
}

/// A clock that nobody sets. Where the system has one that also counts while the machine sleeps, it is that one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Steady {
    #[cfg(target_os = "linux")]
    since_ms: i64,
    #[cfg(not(target_os = "linux"))]
    since: Instant,
}

#[cfg(target_os = "linux")]
impl Steady {
    fn now() -> Self {
        Self { since_ms: Self::boot_ms() }
    }

    fn elapsed_ms(self) -> i64 {
        Self::boot_ms() - self.since_ms
    }

    fn boot_ms() -> i64 {
        let since = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
        since.tv_sec * 1000 + since.tv_nsec / 1_000_000
    }
}

#[cfg(not(target_os = "linux"))]
impl Steady {
    fn now() -> Self {
        Self { since: Instant::now() }
    }

    fn elapsed_ms(self) -> i64 {
        i64::try_from(self.since.elapsed().as_millis()).unwrap_or(i64::MAX)
    }
}

impl Run {
    fn so_far(&self) -> Duration {
        let gap = self.since.elapsed();
        self.before + self.gap_max.map_or(gap, |most| gap.min(most))
    }
}

fn locked(run: &Mutex<Run>) -> MutexGuard<'_, Run> {
    run.lock().unwrap_or_else(PoisonError::into_inner)
}
