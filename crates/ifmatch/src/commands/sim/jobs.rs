//! Work on several threads, taken in order.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;

/// How many cores there are.
pub(super) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Does the work for each number on so many threads, and hands the results over in the order of the numbers.
///
/// # Errors
/// Those of `take`; what is under way then ends, and nothing more begins.
pub(super) fn in_order<T: Send, E>(
    numbers: Range<u64>,
    jobs: usize,
    work: impl Fn(u64) -> T + Sync,
    mut take: impl FnMut(u64, T) -> Result<(), E>,
) -> Result<(), E> {
    let next = AtomicU64::new(numbers.start);
    let (done, results) = mpsc::channel();
    std::thread::scope(|scope| {
        for _ in 0..jobs.max(1) {
            let (done, next, work) = (done.clone(), &next, &work);
            scope.spawn(move || {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= numbers.end || done.send((number, work(number))).is_err() {
                        return;
                    }
                }
            });
        }
        drop(done);
        let mut early = BTreeMap::new();
        for number in numbers.clone() {
            let result = loop {
                if let Some(result) = early.remove(&number) {
                    break result;
                }
                // A thread that panicked leaves its number out; the scope passes the panic on.
                let Ok((other, result)) = results.recv() else { return Ok(()) };
                early.insert(other, result);
            };
            if let Err(error) = take(number, result) {
                next.store(numbers.end, Ordering::Relaxed);
                drop(results);
                return Err(error);
            }
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::in_order;

    #[test]
    fn results_come_in_order_whoever_is_first() {
        let slow_first = |number: u64| {
            if number == 0 {
                std::thread::sleep(std::time::Duration::from_millis(20));
            }
            number * number
        };
        let mut seen = Vec::new();
        let ended: Result<(), ()> = in_order(0..50, 4, slow_first, |number, square| {
            seen.push((number, square));
            Ok(())
        });
        assert_eq!(ended, Ok(()));
        assert_eq!(seen, (0..50).map(|number| (number, number * number)).collect::<Vec<_>>());
    }

    #[test]
    fn an_error_ends_the_work() {
        let mut taken = 0;
        let ended = in_order(
            0..1_000_000_000,
            3,
            |number| number,
            |number, _| {
                taken += 1;
                if number == 3 { Err("enough") } else { Ok(()) }
            },
        );
        assert_eq!((ended, taken), (Err("enough"), 4));
    }
}
