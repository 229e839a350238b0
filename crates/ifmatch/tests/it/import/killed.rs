//! SIGKILL at 50 drawn points of `ifmatch apply`, now and then of the gateway too, over as many migrations as that takes: each goes
//! on, and ends as one that nobody disturbed.

use super::{APPLIED, PLANNED, SAMPLE, settled_once, totals, trades};
use crate::apart::{Served, Target};
use crate::killed::Numbers;
use crate::run::{command, finish};
use serde_json::Value;
use std::fmt::Write as _;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How often something is killed while a run is on.
const KILLS: usize = 50;

/// How many requests a gateway has on the wire at once: what it may send again after it died.
const IN_FLIGHT: u64 = 8;

/// Reads that lag, and answers so slow that there is time for kills.
const HARD: &str = r#"
[options]
latency_ms_min = 150
latency_ms_max = 400
replica_lag_ms = 300
replica_lag_varies = true
[world]
sample = "shift-trades"
"#;

/// The same file in an easy world.
const EASY: &str = "[world]\nsample = \"shift-trades\"\n";

/// A target, a gateway at an address that it keeps, and the plan of the file.
struct Office {
    target: Target,
    address: String,
    gateway: Option<Served>,
}

impl Office {
    fn open(scenario: &str) -> Self {
        let target = Target::start(scenario, "");
        // The port is free again as soon as the listener is gone.
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
        let agents =
            target.world()["agents"].as_array().unwrap().iter().fold("email,id\n".to_owned(), |mut text, agent| {
                writeln!(text, "{},{}", agent["email"].as_str().unwrap(), agent["id"].as_str().unwrap()).unwrap();
                text
            });
        std::fs::write(target.folder.path().join("agents.csv"), agents).unwrap();
        let mut office = Self { target, address, gateway: None };
        office.serve();
        let import =
            ["import", "zendesk-shift-trades", SAMPLE, "--plan", "p.json", "--agents", "agents.csv", "--checked"];
        finish(&mut office.command(&import)).expect(0);
        totals(&serde_json::from_slice(&std::fs::read(office.file("p.json")).unwrap()).unwrap(), &PLANNED);
        office
    }

    fn file(&self, name: &str) -> PathBuf {
        self.target.folder.path().join(name)
    }

    fn serve(&mut self) {
        let mut serve = command(self.target.folder.path(), &["serve", "--listen", &self.address]);
        self.target.tell_secrets(&mut serve);
        self.gateway = Some(Served::start(&mut serve, self.target.folder.path()));
    }

    /// The gateway dies as by a power cut.
    fn cut(&mut self) {
        self.gateway.take().unwrap().kill();
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = command(self.target.folder.path(), args);
        self.target.tell_secrets(&mut command);
        let secret = command.get_envs().find(|(name, _)| *name == "SCRIPT_SECRET").and_then(|(_, value)| value);
        let secret = secret.unwrap().to_owned();
        command.env("IFMATCH_URL", format!("http://{}", self.address));
        command.env("IFMATCH_CLIENT_ID", "script").env("IFMATCH_CLIENT_SECRET", secret);
        command
    }

    fn spawn(&self) -> Child {
        self.command(&["apply", "p.json"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    /// Applies to the end; the account has every row of the file.
    fn finish(&self) {
        let report = finish(&mut self.command(&["apply", "p.json", "--json"])).expect(4).json();
        totals(&report, &APPLIED);
        let rows = report["account"].as_array().unwrap().iter().map(|entry| entry["row"].as_u64().unwrap());
        assert!(rows.eq(1..=423), "an entry for each row, in their order");
        assert_eq!(report["complete"], true);
    }

    fn ask(&self, path: &str) -> Value {
        self.target.control().get(&format!("/__sandbox/{path}")).expect(200).json()
    }

    /// Writes of the gateway that reached the target.
    fn writes(&self) -> u64 {
        let id = self.target.client_id().as_str().unwrap().to_owned();
        self.ask("stats")["clients"][&id]["writes"].as_u64().unwrap()
    }
}

/// Waits for a drawn point of a run: some more bytes of the journal, or a moment. Whether the run is still on.
fn reached(run: &mut Child, journal: &Path, numbers: &mut Numbers) -> bool {
    let length = || std::fs::metadata(journal).map_or(0, |data| data.len());
    let (bytes, moment) = match numbers.below(2) {
        0 => (length() + 1 + numbers.below(4_000), Duration::from_millis(400)),
        _ => (u64::MAX, Duration::from_millis(numbers.below(400))),
    };
    let started = Instant::now();
    while length() < bytes && started.elapsed() < moment && run.try_wait().unwrap().is_none() {
        thread::sleep(Duration::from_micros(200));
    }
    run.try_wait().unwrap().is_none()
}

fn kill(run: &mut Child) {
    drop(run.kill());
    run.wait().unwrap();
}

/// What was killed of one migration.
#[derive(Debug, Default)]
struct Kills {
    all: usize,
    /// Of these, those of the gateway.
    cuts: u64,
}

/// Kills at so many drawn points, or until everything has landed.
fn disturb(office: &mut Office, numbers: &mut Numbers, most: usize) -> Kills {
    let journal = office.file("p.json.journal");
    let (mut kills, mut run) = (Kills::default(), office.spawn());
    while kills.all < most {
        if !reached(&mut run, &journal, numbers) {
            match run.wait().unwrap().code() {
                // Its gateway died while it logged in: it says so, and is started again.
                Some(3) => run = office.spawn(),
                code => {
                    assert_eq!(code, Some(4), "all rows have settled, and some need a person");
                    return kills;
                }
            }
            continue;
        }
        kills.all += 1;
        match numbers.below(10) {
            // The run outlives its gateway.
            0 => office.cut(),
            1 => {
                office.cut();
                kill(&mut run);
            }
            _ => kill(&mut run),
        }
        if office.gateway.is_none() {
            kills.cuts += 1;
            office.serve();
        }
        if run.try_wait().unwrap().is_some_and(|status| status.code().is_none()) {
            run = office.spawn();
        }
    }
    kill(&mut run);
    kills
}

#[test]
fn killed_at_50_drawn_points_it_goes_on_and_ends_the_same() {
    let calm = Office::open(EASY);
    calm.finish();
    assert_eq!(calm.writes(), 365);
    let undisturbed = trades(&|path| calm.ask(path));
    let started = Instant::now();
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    let mut killed = 0;
    while killed < KILLS {
        let mut office = Office::open(HARD);
        let kills = disturb(&mut office, &mut numbers, KILLS - killed);
        assert!(kills.all > 0, "a run is on long enough to be killed");
        killed += kills.all;
        office.finish();
        let ask = |path: &str| office.ask(path);
        settled_once(&ask);
        assert_eq!(trades(&ask), undisturbed);
        // What died with the gateway may be sent again, and nothing else is.
        let (stats, again) = (office.ask("stats"), office.writes() - 365);
        eprintln!("{kills:?} after {:?}; {again} writes more; {stats}", started.elapsed());
        assert!(again <= kills.cuts * IN_FLIGHT, "{again} writes more, {kills:?}: {stats}");
        cut_journal(&office);
    }
}

/// A power cut may also take lines that were written: whatever is left of the journal, nothing is done twice.
fn cut_journal(office: &Office) {
    let journal = office.file("p.json.journal");
    let (whole, writes) = (std::fs::read(&journal).unwrap(), office.writes());
    for part in [1, 3, 5] {
        std::fs::write(&journal, &whole[..whole.len() * part / 6]).unwrap();
        office.finish();
    }
    assert_eq!(office.writes(), writes);
    std::fs::write(&journal, b"{\"row\":1}\n").unwrap();
    finish(&mut office.command(&["apply", "p.json"])).expect(2);
}
