//! Behaviour of signatures: the published examples, and everything that must not pass.

use super::*;
use crate::Headers;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
const SIGNED_AT: i64 = 1_614_265_330;
const BODY: &[u8] = br#"{"test": 2432232314}"#;
const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

const ZENDESK_SECRET: &str = "dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ==";
const ZENDESK_AT: &str = "2021-03-25T05:09:27Z";

fn window(now: Timestamp) -> Window {
    Window { now, tolerance: SignedDuration::from_secs(300) }
}

fn standard(secrets: &[&str], headers: [&str; 3], body: &[u8], now: i64) -> Result<String, Refused> {
    let secrets: Vec<_> = secrets.iter().map(|secret| standard::Secret::parse(secret).unwrap()).collect();
    let [id, timestamp, signature] = headers;
    let headers = [("webhook-id", id), ("webhook-timestamp", timestamp), ("Webhook-Signature", signature)];
    let headers: Headers = headers.into_iter().filter(|(_, value)| *value != "-").collect();
    let now = Timestamp::from_second(now).unwrap();
    standard::verify(&secrets, &headers, body, window(now)).map(str::to_owned)
}

/// The published example with one thing changed.
fn check(headers: [&str; 3], body: &[u8], now: i64, expected: Result<&str, Refused>) {
    assert_eq!(standard(&[SECRET], headers, body, now), expected.map(str::to_owned), "{headers:?} at {now}");
}

#[test]
fn the_published_example_passes_and_nothing_beside_it() {
    let at = SIGNED_AT.to_string();
    let good = [ID, at.as_str(), SIGNATURE];
    check(good, BODY, SIGNED_AT, Ok(ID));
    check(good, br#"{"test":2432232314}"#, SIGNED_AT, Err(Refused::Mismatch));
    check(["msg_other", &at, SIGNATURE], BODY, SIGNED_AT, Err(Refused::Mismatch));
    check([ID, "1614265331", SIGNATURE], BODY, SIGNED_AT, Err(Refused::Mismatch));
    check([ID, &at, &SIGNATURE.replace("g0h", "g0i")], BODY, SIGNED_AT, Err(Refused::Mismatch));
    check([ID, &at, &SIGNATURE.replace("v1,", "v1a,")], BODY, SIGNED_AT, Err(Refused::Mismatch));
    check([ID, &at, "v1,"], BODY, SIGNED_AT, Err(Refused::Mismatch));
    check([ID, &at, &SIGNATURE[..20]], BODY, SIGNED_AT, Err(Refused::Mismatch));
}

#[test]
fn headers_that_are_missing_or_broken_are_refused() {
    let at = SIGNED_AT.to_string();
    for missing in [["-", at.as_str(), SIGNATURE], [ID, "-", SIGNATURE], [ID, &at, "-"], ["", &at, SIGNATURE]] {
        check(missing, BODY, SIGNED_AT, Err(Refused::Missing));
    }
    for broken in [[ID, "soon", SIGNATURE], [ID, "1614265330.0", SIGNATURE], ["msg.1", &at, SIGNATURE]] {
        check(broken, BODY, SIGNED_AT, Err(Refused::Malformed));
    }
    check([ID, "99999999999999999", SIGNATURE], BODY, SIGNED_AT, Err(Refused::Malformed));
}

#[test]
fn a_replay_outside_the_tolerance_is_stale_either_way() {
    let at = SIGNED_AT.to_string();
    let good = [ID, at.as_str(), SIGNATURE];
    for (away, expected) in [(300, Ok(ID)), (-300, Ok(ID)), (301, Err(Refused::Stale)), (-301, Err(Refused::Stale))] {
        check(good, BODY, SIGNED_AT + away, expected);
    }
}

#[test]
fn a_key_can_be_changed_on_either_side() {
    let at = SIGNED_AT.to_string();
    let other = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let good = [ID, at.as_str(), SIGNATURE];
    assert_eq!(standard(&[other, SECRET], good, BODY, SIGNED_AT).unwrap(), ID, "the receiver knows two");
    assert_eq!(standard(&[other], good, BODY, SIGNED_AT), Err(Refused::Mismatch));
    assert_eq!(standard(&[], good, BODY, SIGNED_AT), Err(Refused::Mismatch));
    let list = format!(
        "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg== v1,bm9uc2Vuc2U= {SIGNATURE}"
    );
    check([ID, &at, &list], BODY, SIGNED_AT, Ok(ID));
}

#[test]
fn a_secret_is_base64_of_a_sound_length_and_not_shown() {
    let secret = standard::Secret::parse(SECRET).unwrap();
    assert_eq!(standard::Secret::parse(&SECRET[6..]).unwrap(), secret);
    assert_eq!(format!("{secret:?}"), "***");
    for text in ["", "whsec_", "whsec_c2hvcnQ=", "whsec_no base64 at all, is it?", &"QUFB".repeat(22)] {
        assert_eq!(standard::Secret::parse(text), Err(standard::NoSecret), "{text}");
    }
}

fn zendesk(secrets: &[&str], at: &str, signature: &str, body: &str, now: &str) -> Result<(), Refused> {
    let headers = [("X-Zendesk-Webhook-Signature", signature), ("X-Zendesk-Webhook-Signature-Timestamp", at)]
        .into_iter()
        .collect();
    zendesk::verify(secrets, &headers, body.as_bytes(), window(now.parse().unwrap()))
}

#[test]
fn the_known_examples_of_zendesk_pass_and_nothing_beside_them() {
    for (body, signature) in [
        (r#"{"event":"ticket.updated","id":123}"#, "S/RDdU2ERmj7LHDDoWJ2onPYH+t7/f2+LTM4dL7UiLM="),
        (r#"{"id":"evt-1"}"#, "EGJL2mgpoIDJK/AwkzrLamyAbPUINHPKqUrL1TLOUgI="),
    ] {
        assert_eq!(zendesk(&[ZENDESK_SECRET], ZENDESK_AT, signature, body, ZENDESK_AT), Ok(()));
        assert_eq!(zendesk(&["other", ZENDESK_SECRET], ZENDESK_AT, signature, body, ZENDESK_AT), Ok(()));
        for refused in [
            zendesk(&["other"], ZENDESK_AT, signature, body, ZENDESK_AT),
            zendesk(&[ZENDESK_SECRET], "2021-03-25T05:09:28Z", signature, body, ZENDESK_AT),
            zendesk(&[ZENDESK_SECRET], ZENDESK_AT, signature, &body.replace('1', "2"), ZENDESK_AT),
            zendesk(&[ZENDESK_SECRET], ZENDESK_AT, &format!("T{}", &signature[1..]), body, ZENDESK_AT),
        ] {
            assert_eq!(refused, Err(Refused::Mismatch));
        }
    }
}

#[test]
fn zendesk_is_bound_to_its_time_as_well() {
    let (body, signature) = (r#"{"id":"evt-1"}"#, "EGJL2mgpoIDJK/AwkzrLamyAbPUINHPKqUrL1TLOUgI=");
    let at = |now: &str| zendesk(&[ZENDESK_SECRET], ZENDESK_AT, signature, body, now);
    assert_eq!(at("2021-03-25T05:14:27Z"), Ok(()));
    assert_eq!(at("2021-03-25T05:14:28Z"), Err(Refused::Stale));
    assert_eq!(at("2021-03-25T05:04:26Z"), Err(Refused::Stale));
    let now = ZENDESK_AT;
    assert_eq!(zendesk(&[ZENDESK_SECRET], "", signature, body, now), Err(Refused::Missing));
    assert_eq!(zendesk(&[ZENDESK_SECRET], "2021-03-25 05:09:27", signature, body, now), Err(Refused::Malformed));
    assert_eq!(zendesk(&[ZENDESK_SECRET], ZENDESK_AT, "%%", body, now), Err(Refused::Malformed));
}
