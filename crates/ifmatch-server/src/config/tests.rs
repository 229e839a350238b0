//! Behaviour of the configuration: layers, secrets, and what an error says.

use super::*;
use ifmatch_core::{AnswerPolicy, Limits, LocalTimes, OnOverwrite, Verify};

const ORG: &str = r#"
[[org]]
name = "acme"
dialect = "wfm-v2"
api_url = "https://api.example.net"
client_id = "gateway"
client_secret_env = "ACME_SECRET"
"#;

const SOURCE: &str = r#"
[[source]]
name = "servicenow"
org = "acme"
kind = "servicenow"
client_id = "snow"
client_secret = "in the open"
on_conflict = { "/comments" = "append" }
local_times = "later"
"#;

fn load_text(text: &str) -> Result<LoadedConfig, ConfigError> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ifmatch.toml");
    std::fs::write(&file, text).unwrap();
    let flags = Flags { file: Some(file), ..Flags::default() };
    load(&flags, &[("ACME_SECRET", "s3cret")].into_iter().collect())
}

fn check_error(text: &str, field: &str, reason: &str) {
    let error = load_text(text).expect_err(text);
    let inside_map = field.ends_with(".map") && error.field.starts_with(field);
    assert!(error.field == field || inside_map, "{error}");
    assert!(error.reason.contains(reason), "{error}");
    assert!(error.place.ends_with("ifmatch.toml"), "{error}");
}

#[test]
fn the_defaults_are_valid_and_those_of_the_engine() {
    let config = Config::defaults();
    assert_eq!(config.server.listen.port(), 8409);
    assert_eq!(config.store.data_dir(), std::path::Path::new("ifmatch-data"));
    assert_eq!(
        format!("{:?}", config.limits.to_limits()),
        format!("{:?}", Limits::default()),
        "config.default.toml and the engine agree"
    );
}

#[test]
fn later_layers_win_and_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ifmatch.toml");
    std::fs::write(&file, "[limits]\nmerges_max = 3\nin_flight_max = 4\n").unwrap();
    let environment = [("IFMATCH_LIMITS_MERGES_MAX", "5"), ("IFMATCH_SERVER_LISTEN", "127.0.0.1:1")];
    let flags = Flags {
        file: Some(file.clone()),
        listen: Some("127.0.0.1:0".to_owned()),
        data: Some(folder.path().to_owned()),
        observe: false,
    };
    let loaded = load(&flags, &environment.into_iter().collect()).unwrap();
    assert_eq!(loaded.config.limits.merges_max, 5);
    assert_eq!(loaded.config.limits.in_flight_max, 4);
    assert_eq!(loaded.config.server.listen.port(), 0);
    assert_eq!(loaded.config.store.data_dir(), folder.path());
    let origin = |field: &str| {
        let value = loaded.effective.iter().find(|value| value.field == field);
        value.unwrap().origin.clone()
    };
    assert_eq!(origin("limits.merges_max"), Origin::Environment("IFMATCH_LIMITS_MERGES_MAX".to_owned()));
    assert_eq!(origin("limits.in_flight_max"), Origin::File(file));
    assert_eq!(origin("server.listen"), Origin::Flag("--listen"));
    assert_eq!(origin("limits.ambiguity_max"), Origin::Default);
}

#[test]
fn secrets_are_found_and_never_shown() {
    let loaded = load_text(&format!("{ORG}{SOURCE}")).unwrap();
    assert_eq!(loaded.config.orgs[0].client_secret.expose(), "s3cret");
    assert_eq!(loaded.warnings.len(), 1, "{:?}", loaded.warnings);
    assert!(loaded.warnings[0].starts_with("source.0.client_secret "));
    let shown = format!("{:?}", loaded);
    assert!(!shown.contains("in the open") && !shown.contains("s3cret"), "{shown}");
}

#[test]
fn the_kind_of_a_source_decides_how_a_conflict_is_answered() {
    let loaded = load_text(&format!("{ORG}{SOURCE}")).unwrap();
    assert_eq!(loaded.config.sources[0].answer, AnswerPolicy::Hold);
    let script = SOURCE.replace("kind = \"servicenow\"", "kind = \"script\"");
    let loaded = load_text(&format!("{ORG}{script}")).unwrap();
    assert_eq!(loaded.config.sources[0].answer, AnswerPolicy::Refuse);
}

#[test]
fn a_source_says_what_a_local_time_in_doubt_means() {
    let of = |source: &str| {
        load_text(&format!("{ORG}{source}")).unwrap().config.sources[0].to_engine(Default::default()).local_times
    };
    assert_eq!(of(SOURCE), LocalTimes::Later);
    assert_eq!(of(&SOURCE.replace("local_times = \"later\"", "")), LocalTimes::Review);
    check_error(&format!("{ORG}{}", SOURCE.replace("later", "sooner")), "source.0.local_times", "sooner");
}

#[test]
fn an_org_says_what_its_target_does_not_guard_and_what_follows() {
    let of = |org: &str| load_text(&format!("{ORG}{org}{SOURCE}")).unwrap().config;
    assert!(of("").orgs[0].unguarded.is_empty());
    let one = of("unguarded = [\"shift-trade\"]\n");
    assert_eq!(one.orgs[0].unguarded.iter().collect::<Vec<_>>(), ["shift-trade"]);
    assert_eq!(of("guarded = false\n").orgs[0].unguarded.len(), 4);
    let policy = |org: &str, source: &str| {
        let config = load_text(&format!("{ORG}{org}{SOURCE}{source}")).unwrap().config;
        config.sources[0].to_engine(config.orgs[0].on_overwrite).on_overwrite
    };
    assert_eq!(policy("", ""), OnOverwrite::Repair);
    assert_eq!(policy("on_overwrite = \"review\"\n", ""), OnOverwrite::Review);
    assert_eq!(policy("on_overwrite = \"review\"\n", "on_overwrite = \"report\"\n"), OnOverwrite::Report);
    assert_eq!(of("").orgs[0].verify, Verify::Answer);
    assert_eq!(of("verify = \"always\"\n").orgs[0].verify, Verify::Always);
    check_error(&format!("{ORG}verify = \"never\""), "org.0.verify", "never");
    check_error(&format!("{ORG}unguarded = [\"shift\"]"), "org.0.unguarded", "no kind");
    let rules = |text: &str| load_text(&format!("{ORG}rules = {text}\n{SOURCE}")).unwrap().config.orgs[0].rules.clone();
    assert_eq!(rules("{}"), Rules::default());
    assert_eq!(rules("{ rest_minutes_min = 660, paid_minutes_max = 2400 }").paid_minutes_max, Some(2400));
    check_error(&format!("{ORG}rules = {{ rest = 5 }}"), "org.0.rules.rest", "unknown field");
    check_error(&format!("{ORG}on_overwrite = \"mend\""), "org.0.on_overwrite", "mend");
}

/// A configuration whose org names a certificate with this one finding.
fn certified(org: &str, finding: &str) -> Config {
    let folder = tempfile::tempdir().unwrap();
    let certificate = format!(
        r#"{{"schema": "ifmatch-certificate/1", "target": "https://api.example.net", "dialect": "wfm-v2",
            "at": "2026-11-16T07:00:00Z", "requests": 9, "writes": 2, "records": [], "findings": [{finding}]}}"#
    );
    std::fs::write(folder.path().join("c.json"), certificate).unwrap();
    let file = folder.path().join("ifmatch.toml");
    std::fs::write(&file, format!("{ORG}certificate = \"c.json\"\n{org}{SOURCE}")).unwrap();
    let flags = Flags { file: Some(file), ..Flags::default() };
    load(&flags, &[("ACME_SECRET", "s3cret")].into_iter().collect()).unwrap().config
}

#[test]
fn a_certificate_makes_an_org_more_careful_and_never_less() {
    let guard = |value: &str| format!(r#"{{"name": "guard", "kind": "shift-trade", "value": "{value}"}}"#);
    let unguarded = |config: Config| config.orgs[0].unguarded.iter().cloned().collect::<Vec<_>>();
    assert_eq!(unguarded(certified("", &guard("ignored"))), ["shift-trade"]);
    assert!(unguarded(certified("", &guard("checked"))).is_empty());
    assert_eq!(unguarded(certified("unguarded = [\"shift-trade\"]\n", &guard("checked"))), ["shift-trade"]);
    let lag =
        r#"{"name": "read_lag_ms", "kind": "schedule", "value": {"at_least": 40000, "at_most": 50000, "writes": 6}}"#;
    assert_eq!(certified("", lag).orgs[0].known.read_lag_ms, 50_000);
}

#[test]
fn an_error_names_file_field_and_reason() {
    check_error("[server]\nlisten = \"nowhere\"", "server.listen", "socket address");
    check_error("[server]\nlisten_to = 1", "server.listen_to", "unknown field");
    check_error("[limits]\nmerges_max = -1", "limits.merges_max", "invalid value");
    check_error("[limits]\nlock_probe_min_s = 60", "limits.lock_probe_min_s", "not above");
    check_error("[server", "", "TOML parse error at line 1");
    check_error("[store]\nurl = \"postgres://db\"", "store.url", "not built in");
    check_error(&ORG.replace("wfm-v2", "wfm-v9"), "org.0.dialect", "no dialect");
    check_error(&ORG.replace("https://api.example.net", "http://127.0.0.1:1"), "org.0.api_url", "private");
    check_error(&ORG.replace("https://api", "ftp://api"), "org.0.api_url", "https://");
    check_error(&ORG.replace("ACME_SECRET", "OTHER"), "org.0.client_secret_env", "not set");
    check_error(&ORG.replace("client_secret_env = \"ACME_SECRET\"", ""), "org.0.client_secret", "no secret");
    check_error(&format!("{ORG}{ORG}"), "org.1.name", "another org");
    check_error(SOURCE, "source.0.org", "no org");
    let operator = SOURCE.replace("name = \"servicenow\"", "name = \"operator\"");
    check_error(&format!("{ORG}{operator}"), "source.0.name", "operator");
    let upstream = format!("{ORG}{SOURCE}auth = \"upstream\"");
    check_error(&upstream, "source.0.auth", "observe mode only");
}

const HOOK: &str = r#"
[source.hook]
auth = ["standard-webhooks"]
secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

[source.hook.map]
kind = "quality-score"
external = { system = "servicenow", id = "/sys_id" }
fields = { "/score" = { from = "/score", as = "number" } }
"#;

#[test]
fn a_hook_is_read_and_its_secret_is_not_shown() {
    let loaded = load_text(&format!("{ORG}{SOURCE}{HOOK}")).unwrap();
    let hook = loaded.config.sources[0].hook.as_ref().unwrap();
    assert_eq!(hook.auth, [HookAuth::StandardWebhooks]);
    assert_eq!((hook.form.as_str(), hook.tolerance.as_secs(), hook.maps.len()), ("servicenow", 300, 1));
    assert_eq!(hook.header, "x-api-key");
    assert!(loaded.warnings.iter().any(|warning| warning.starts_with("source.0.hook.secret stands")), "{loaded:?}");
    assert!(!format!("{loaded:?}").contains("MfKQ9r8G"), "{loaded:?}");
    let maps = HOOK.replace("[source.hook.map]", "[[source.hook.map]]");
    let two = format!(
        "{ORG}{SOURCE}{maps}\n[[source.hook.map]]\nkind = \"quality-score\"\nid = \"/id\"\nchange = \"delete\""
    );
    assert_eq!(load_text(&two).unwrap().config.sources[0].hook.as_ref().unwrap().maps.len(), 2);
    assert!(load_text(&format!("{ORG}{SOURCE}")).unwrap().config.sources[0].hook.is_none());
    let script = SOURCE.replace("kind = \"servicenow\"", "kind = \"script\"");
    let plain = load_text(&format!("{ORG}{script}[source.hook]\n")).unwrap();
    let hook = plain.config.sources[0].hook.as_ref().unwrap();
    assert_eq!((hook.auth.as_slice(), hook.form.as_str()), ([HookAuth::Token, HookAuth::Basic].as_slice(), "plain"));
}

#[test]
fn a_wrong_hook_names_its_field() {
    let check = |from: &str, to: &str, field: &str, reason: &str| {
        assert!(HOOK.contains(from), "{from}");
        check_error(&format!("{ORG}{SOURCE}{}", HOOK.replace(from, to)), &format!("source.0.hook{field}"), reason);
    };
    check("[\"standard-webhooks\"]", "[\"digest\"]", ".auth.0", "unknown variant `digest`");
    check("[\"standard-webhooks\"]", "[]", ".auth", "nobody");
    check("[\"standard-webhooks\"]", "[\"bearer\", \"zendesk\"]", ".auth", "share one secret");
    check("[\"standard-webhooks\"]", "[\"basic\"]", ".secret", "nothing in auth goes by it");
    check("secret = \"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\"", "", ".secret", "no secret");
    check("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_short", ".secret", "24 to 64 bytes");
    check("secret = \"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\"", "secret_env = \"OTHER\"", ".secret_env", "not set");
    check("auth =", "header = \"no header\"\nauth =", ".header", "no name of a header");
    check("auth =", "tolerance = 3\nauth =", ".tolerance", "unknown field");
    check("auth =", "form = \"json\"\nauth =", ".form", "unknown variant");
    check(
        "external = { system = \"servicenow\", id = \"/sys_id\" }",
        "",
        ".map",
        "exactly one of id, key and external",
    );
    check("\"/sys_id\"", "\"sys_id\"", ".map", "no JSON Pointer");
    check("as = \"number\"", "as = \"points\"", ".map", "unknown variant `points`");
    check("kind = \"quality-score\"", "kind = \"parking-space\"", ".map", "parking-space");
    check("kind = \"quality-score\"", "kinds = 1", ".map", "unknown field `kinds`");
    let without = HOOK.split("[source.hook.map]").next().unwrap();
    check_error(&format!("{ORG}{SOURCE}{without}"), "source.0.hook.map", "needs a map");
}

#[test]
fn a_secret_with_blanks_is_several_and_that_is_said() {
    let of = |secret: &str| {
        let hook = format!("[source.hook]\nauth = [\"bearer\"]\nform = \"plain\"\nsecret = \"{secret}\"\n");
        load_text(&format!("{ORG}{SOURCE}{hook}"))
    };
    let one = of("one-long-secret").unwrap();
    assert!(!one.warnings.iter().any(|warning| warning.contains("blanks")), "{one:?}");
    let two = of("the-new-key the-old-key").unwrap();
    assert!(two.warnings.iter().any(|warning| warning.contains("is 2 secrets with blanks")), "{two:?}");
    assert_eq!(two.config.sources[0].hook.as_ref().unwrap().secrets.len(), 2);
    let error = of("a long random text").unwrap_err();
    assert_eq!(error.field, "source.0.hook.secret");
    assert!(error.reason.contains("part it into 4 secrets, one of them of 1 bytes"), "{error}");
    assert!(!error.to_string().contains("random"), "{error}");
}

const FILES: &str = r#"
[source.files]
watch = "inbox"
format = "csv"
mode = "state"
scope = ["/unit", "/week"]
missing = { "/comments" = "" }
[source.files.guard]
rows_min = 3
[source.files.map]
kind = "quality-score"
id = "/id"
fields = { "/comments" = "/comments" }
"#;

/// A source that sends files and nothing else.
fn scheduler() -> String {
    SOURCE.replace("kind = \"servicenow\"", "kind = \"scheduler\"")
}

#[test]
fn files_are_read_with_their_defaults() {
    let files = |text: &str| {
        let source = load_text(&format!("{ORG}{}{text}", scheduler())).unwrap().config.sources.remove(0);
        source.files.unwrap()
    };
    let state = files(FILES);
    assert_eq!((state.mode, state.format.as_str(), state.scope.len()), (FilesMode::State, "csv", 2));
    assert_eq!(state.missing, Missing::Set(serde_json::json!({"comments": ""})));
    assert_eq!((state.guard.share_percent_max, state.guard.rows_min, state.settle_s), (20, 3, 2));
    let events = files("[source.files]\nformat = \"ndjson\"\n");
    assert_eq!((events.mode, events.watch, events.missing), (FilesMode::Events, None, Missing::Keep));
    let weeks = files(
        "[source.files]\nformat = \"scheduler-week\"\nmode = \"state\"\nschedule = \"w48\"\nmissing = \"delete\"\n",
    );
    assert_eq!((weeks.scope.len(), weeks.missing), (1, Missing::Delete));
    // The maps of the hook are those of files that bring none.
    let both = load_text(&format!("{ORG}{SOURCE}{HOOK}[source.files]\nformat = \"ndjson\"\n")).unwrap();
    let files = both.config.sources[0].files.clone().unwrap();
    assert!(format!("{:?}", files.meaning).contains("Servicenow"), "{files:?}");
}

#[test]
fn wrong_files_name_their_field() {
    let check = |from: &str, to: &str, field: &str, reason: &str| {
        let text = format!("{ORG}{}{}", scheduler(), FILES.replace(from, to));
        check_error(&text, &format!("source.0.files{field}"), reason);
    };
    check("\"csv\"", "\"xlsx\"", ".format", "unknown variant");
    check("\"csv\"", "\"scheduler-changes\"", ".mode", "no state");
    check("\"csv\"", "\"scheduler-week\"", ".schedule", "do not say it");
    check("rows_min = 3", "share_percent_max = 0", ".guard.share_percent_max", "1 to 100");
    check("{ \"/comments\" = \"\" }", "{}", ".missing", "names no fields");
    check("{ \"/comments\" = \"\" }", "{ \"/a/b\" = 1 }", ".missing", "fields of the record");
    check("id = \"/id\"", "id = \"/id\"\nchange = \"merge_patch\"", ".map", "says records");
    check("quality-score", "parking-space", ".map", "does not have");
    check("format = \"csv\"", "format = \"csv\"\ndelimiter = \"é\"", ".delimiter", "ASCII");
    let state = format!("{ORG}{}sends = \"state\"\n{FILES}", scheduler());
    check_error(&state, "source.0.files.mode", "compared here");
    let other = scheduler().replace("servicenow", "other").replace("\"snow\"", "\"other\"");
    let twice = format!("{ORG}{}{FILES}{other}{FILES}", scheduler());
    check_error(&twice, "source.1.files.watch", "another source watches inbox");
    check_error(&format!("{ORG}[limits]\nfile_row_bytes_max = 1"), "limits.file_row_bytes_max", "1 KiB");
    check_error(&format!("{ORG}[limits]\nfiles_open_max = 0"), "limits.files_open_max", "above 0");
}
