//! A small seeded generator (SplitMix64), so that one seed gives one run, byte for byte.

/// A deterministic stream of numbers.
///
/// SplitMix64 is used because it is ten lines, has no state beyond one word and is good enough for a test target.
#[derive(Debug, Clone)]
pub(crate) struct Rng {
    state: u64,
}

impl Rng {
    /// A stream that depends on the seed only.
    pub(crate) fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// A stream of its own for one purpose, so that draws for one thing do not shift the draws for another.
    pub(crate) fn named(seed: u64, purpose: &str) -> Self {
        Self::new(seed ^ hash(purpose.as_bytes()))
    }

    /// The next 64 bits.
    pub(crate) fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mix(self.state)
    }

    /// A number below `bound`; 0 when the bound is 0. The bias is below 2⁻³² for every bound used here.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        if bound == 0 { 0 } else { usize::try_from(self.next() % bound as u64).unwrap_or(0) }
    }

    /// A number from `low` to `high`, both included; `low` when the range is empty.
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        if high <= low {
            return low;
        }
        let span = (high - low) as u64 + 1;
        low + i64::try_from(self.next() % span).unwrap_or(0)
    }

    /// A number in [0, 1).
    pub(crate) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// True with the given probability. Nothing is drawn for 0, so that a switched-off fault does not move the stream.
    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        probability > 0.0 && self.unit() < probability
    }

    /// The waiting time to the next event of a Poisson process, at least 1 ms.
    pub(crate) fn wait_ms(&mut self, mean_ms: i64) -> i64 {
        let wait = -(1.0 - self.unit()).ln() * mean_ms as f64;
        (wait as i64).max(1)
    }

    /// An identifier in the shape of a random UUID.
    pub(crate) fn uuid(&mut self) -> String {
        let (high, low) = (self.next(), self.next());
        let version = high & !0xf000 | 0x4000;
        let variant = low & 0x0fff_ffff_ffff_ffff | (8 | low >> 62) << 60;
        let bits = u128::from(version) << 64 | u128::from(variant);
        let mut text = [b'-'; 36];
        let mut place = 0;
        for (at, byte) in bits.to_be_bytes().into_iter().enumerate() {
            place += usize::from(matches!(at, 4 | 6 | 8 | 10));
            for digit in [byte >> 4, byte & 15] {
                text[place] = b"0123456789abcdef"[usize::from(digit)];
                place += 1;
            }
        }
        std::str::from_utf8(&text).expect("digits are ASCII").to_owned()
    }

    /// One of the given items.
    pub(crate) fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        items.get(self.below(items.len()))
    }
}

/// The finaliser of SplitMix64: turns a counter into well-mixed bits.
pub(crate) fn mix(value: u64) -> u64 {
    let mut z = value;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// FNV-1a over bytes: names streams, derives identifiers from e-mail addresses.
pub(crate) fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |acc, byte| (acc ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

/// The fingerprint under which the ledger keeps a request's body: 16 hexadecimal digits, equal for equal bodies.
#[must_use]
pub fn fingerprint(body: &[u8]) -> String {
    // Word by word: bodies are long, and every write has one.
    let word = |bytes: &[u8]| {
        let mut word = [0; 8];
        word[..bytes.len()].copy_from_slice(bytes);
        u64::from_le_bytes(word)
    };
    let bits = body.chunks(8).fold(body.len() as u64, |bits, bytes| mix(bits ^ word(bytes)));
    format!("{bits:016x}")
}

/// A UUID-shaped identifier that depends on the text only.
pub(crate) fn uuid_of(text: &str) -> String {
    Rng::new(hash(text.as_bytes())).uuid()
}
