//! A data folder that cannot be written, and a disk that runs full: a clear refusal, nothing lost.
//!
//! The gateway runs in a mount namespace of its own, where its data folder is a small file system;
//! that needs no rights of the tests, and nothing is left behind when the process ends.

use crate::apart::{Served, Target, patch_score};
use crate::http::{Answer, Caller};
use crate::run::{Ran, command, finish};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

/// How long the gateway may take to notice that there is space again.
const NOTICED: Duration = Duration::from_secs(10);

/// Serves after a shell has mounted something on the data folder of the target's gateway. Nothing
/// forks: the process that is started becomes the gateway.
fn serve_on(target: &Target, mount: &str) -> Command {
    let script = format!("{mount} && exec {} serve --listen 127.0.0.1:0", env!("CARGO_BIN_EXE_ifmatch"));
    // Who is root in a namespace of users may mount in it.
    let mut unshare = Command::new("unshare");
    unshare.args(["--user", "--map-root-user", "--mount", "sh", "-c", &script]).current_dir(target.folder.path());
    target.tell_secrets(&mut unshare);
    unshare
}

fn make_data_folder(target: &Target) -> PathBuf {
    let folder = target.folder.path().join("ifmatch-data");
    std::fs::create_dir(&folder).unwrap();
    folder
}

fn check_refused(ran: Ran) {
    let ran = ran.expect(2);
    assert_eq!(ran.out, "", "it never answered");
    assert!(ran.err.contains("ifmatch-data"), "{}", ran.err);
    assert!(ran.err.contains("hint: check that the folder is writable and the disk is not full"), "{}", ran.err);
}

#[test]
fn a_file_in_the_place_of_the_folder_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("ifmatch-data"), "mine").unwrap();
    check_refused(finish(&mut command(folder.path(), &["serve", "--sandbox", "--listen", "127.0.0.1:0"])));
    assert_eq!(std::fs::read(folder.path().join("ifmatch-data")).unwrap(), b"mine");
}

#[test]
fn an_empty_folder_that_is_read_only_is_refused() {
    let target = Target::start("", "");
    make_data_folder(&target);
    check_refused(finish(&mut serve_on(&target, "mount -t tmpfs -o ro tmpfs ifmatch-data")));
}

#[test]
fn a_folder_that_turned_read_only_is_refused_and_keeps_what_it_has() {
    let target = Target::start("", "");
    let mut gateway = Served::start(&mut target.serve(), target.folder.path());
    let intent = patch_score(&target.world()["quality_scores"][0]["id"], &json!({"comments": "kept"}), "k1");
    let taken = gateway.script().post("/v1/intents?wait=20", &intent).expect(200).json();
    assert_eq!(gateway.end(), Some(0));
    let read_only = "mount --bind ifmatch-data ifmatch-data && mount -o remount,bind,ro ifmatch-data";
    check_refused(finish(&mut serve_on(&target, read_only)));
    let gateway = Served::start(&mut target.serve(), target.folder.path());
    let path = format!("/v1/intents/{}", taken["id"].as_str().unwrap());
    assert_eq!(gateway.script().get(&path).expect(200).json()["state"], "landed");
}

#[test]
fn a_disk_too_small_for_a_store_is_refused() {
    let target = Target::start("", "");
    make_data_folder(&target);
    check_refused(finish(&mut serve_on(&target, "mount -t tmpfs -o size=16k tmpfs ifmatch-data")));
}

/// Bytes of the small file system that runs full.
const SIZE: usize = 32 << 20;

/// Takes all the space that is left, which cannot be more than the file system has.
fn fill(folder: &Path) -> PathBuf {
    let filler = folder.join("filler");
    let mut file: File = OpenOptions::new().create_new(true).write(true).open(&filler).unwrap();
    let mut taken = 0;
    while file.write_all(&[0; 4096]).is_ok() {
        taken += 4096;
        assert!(taken <= SIZE, "{} is another file system", folder.display());
    }
    filler
}

/// Intents of one run, each with a comment of its own on a score of its own.
struct Intents<'a> {
    script: Caller,
    target: &'a Target,
    scores: Value,
    /// The ids of those that were acknowledged, by number.
    taken: BTreeMap<usize, String>,
}

impl Intents<'_> {
    fn submit(&mut self, number: usize) -> Answer {
        let comment = json!({"comments": format!("comment {number}")});
        let intent = patch_score(&self.scores[number]["id"], &comment, &format!("k{number}"));
        let answer = self.script.post("/v1/intents", &intent);
        if answer.status != 503 {
            let id = answer.clone().expect(202).json()["id"].as_str().unwrap().to_owned();
            self.taken.insert(number, id);
        }
        answer
    }

    fn show(&self, number: usize, wait: u64) -> Value {
        self.script.get(&format!("/v1/intents/{}?wait={wait}", self.taken[&number])).expect(200).json()
    }

    /// How often the target took the comment of an intent.
    fn times(&self, number: usize) -> usize {
        let comment = format!("comment {number}");
        let is_it = |change: &Value| change["after"] == comment.as_str();
        let carries = |entry: &Value| entry["changes"].as_array().unwrap().iter().any(is_it);
        self.target.ledger().iter().filter(|entry| carries(entry)).count()
    }
}

fn check_unavailable(answer: &Answer) {
    assert_eq!((answer.status, &answer.json()["code"]), (503, &json!("unavailable")), "{answer:?}");
    assert_eq!(answer.header("content-type"), "application/problem+json");
    assert_eq!(answer.header("retry-after"), "1");
}

/// What cannot be recorded is not sent.
fn check_proxy_refuses(intents: &Intents<'_>, number: usize) {
    let score = &intents.scores[number];
    let path = score["path"].as_str().unwrap();
    let body = json!({"comments": format!("comment {number}"), "version": score["version"]}).to_string();
    check_unavailable(&intents.script.send("PATCH", path, &[("content-type", "application/json")], &body));
    assert_eq!(intents.times(number), 0);
}

#[test]
fn a_full_disk_refuses_and_the_gateway_goes_on_when_there_is_space() {
    let target = Target::start("[world]\nscores = 400", "");
    let folder = make_data_folder(&target);
    let mount = format!("mount -t tmpfs -o size={SIZE} tmpfs ifmatch-data");
    let gateway = Served::start(&mut serve_on(&target, &mount), target.folder.path());
    let inside = PathBuf::from(format!("/proc/{}/root", gateway.id())).join(folder.strip_prefix("/").unwrap());
    let scores = target.world()["quality_scores"].clone();
    let mut intents = Intents { script: gateway.script(), target: &target, scores, taken: BTreeMap::new() };
    // Many of these are on their way when the disk runs full.
    for number in 0..100 {
        assert_eq!(intents.submit(number).status, 202);
    }
    let filler = fill(&inside);
    let refused = (100..400).find(|number| intents.submit(*number).status == 503).expect("it runs out of space");
    for _ in 0..5 {
        check_unavailable(&intents.submit(refused));
    }
    for (number, id) in &intents.taken {
        assert_eq!(intents.show(*number, 0)["id"], id.as_str(), "it is there while the disk is full");
    }
    check_proxy_refuses(&intents, refused);

    std::fs::remove_file(filler).unwrap();
    let since = Instant::now();
    while intents.submit(refused).status == 503 {
        assert!(since.elapsed() < NOTICED, "it is still refused");
        thread::sleep(Duration::from_millis(50));
    }
    for number in intents.taken.keys() {
        let shown = intents.show(*number, 60);
        assert_eq!(shown["state"], "landed", "{shown}");
        assert_eq!(intents.times(*number), 1, "{shown}");
    }
    let listed = intents.script.get("/v1/intents?limit=1000").expect(200).json();
    assert_eq!(listed["intents"].as_array().unwrap().len(), intents.taken.len(), "what was refused was not taken");
}
