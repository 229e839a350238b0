//! The one place that draws randomness: ids, tokens, secrets and seeds.

use crate::clock::Clock;
use ifmatch_core::IntentId;

/// Bytes from the system's secure generator.
pub(crate) fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rustls::crypto::ring::default_provider()
        .secure_random
        .fill(&mut bytes)
        .expect("the system's random generator works");
    bytes
}

/// A secret of 256 bits that is safe in URLs, headers and files.
pub(crate) fn secret() -> String {
    bytes::<32>().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A seed.
pub(crate) fn seed() -> u64 {
    u64::from_be_bytes(bytes())
}

/// A new intent id, ordered by time (UUIDv7, RFC 9562 §5.7).
pub(crate) fn intent_id(clock: &Clock) -> IntentId {
    let ms = u64::try_from(clock.now_ms()).unwrap_or(0);
    let id = uuid::Builder::from_unix_timestamp_millis(ms, &bytes()).into_uuid();
    IntentId(id.as_u128())
}
