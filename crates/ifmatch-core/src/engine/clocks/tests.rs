//! Behaviour of the comparison of clocks.

use super::*;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + seconds).unwrap()
}

#[test]
fn the_smallest_difference_counts() {
    let mut clocks = Clocks::default();
    assert_eq!(clocks.there(at(0)), None, "nothing was heard yet");
    // We are 100 seconds ahead; the answers took 30 s, 2 s and 9 s.
    clocks.hear(at(130), at(0));
    assert_eq!(clocks.there(at(130)), Some(at(0)));
    clocks.hear(at(202), at(100));
    clocks.hear(at(309), at(200));
    assert_eq!(clocks.there(at(310)), Some(at(208)));
}

#[test]
fn a_difference_is_not_trusted_for_ever() {
    let mut clocks = Clocks::default();
    clocks.hear(at(0), at(0));
    // After a day two clocks may be 8.64 s apart.
    clocks.hear(at(86_400), at(86_395));
    assert_eq!(clocks.there(at(86_400)), Some(at(86_395)));
    clocks.hear(at(86_500), at(86_400));
    assert_eq!(clocks.there(at(86_500)), Some(at(86_495)));
}
