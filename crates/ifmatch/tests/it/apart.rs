//! A sandbox and a gateway as processes of their own, so that one can die without the other.

use crate::http::Caller;
use crate::rig::{end, start};
use crate::run::command;
use serde_json::{Value, json};
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// What the source of the configuration logs in with.
const SECRET: &str = "a secret of the test";

/// A sandbox, and the configuration of a gateway in front of it.
pub(crate) struct Target {
    child: Child,
    /// The folder with the configuration; gateways run in it.
    pub(crate) folder: TempDir,
    line: Value,
}

impl Target {
    /// Starts a sandbox; `scenario` is TOML over `calm-unlimited`, `more` stands in the gateway's
    /// configuration.
    pub(crate) fn start(scenario: &str, more: &str) -> Self {
        Self::spoken("wfm-v2", scenario, more)
    }

    /// The same for a gateway that speaks this dialect with it.
    pub(crate) fn spoken(dialect: &str, scenario: &str, more: &str) -> Self {
        Self::of_seed(7, dialect, scenario, more)
    }

    /// The same with ids, secrets and tokens of another seed.
    pub(crate) fn of_seed(seed: u64, dialect: &str, scenario: &str, more: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("scenario.toml"), format!("base = \"calm-unlimited\"\n{scenario}")).unwrap();
        let seed = seed.to_string();
        let args = ["sandbox", "--listen", "127.0.0.1:0", "--seed", &seed, "--scenario", "scenario.toml"];
        let (child, line) = start(folder.path(), &args);
        let config = format!(
            r#"
            {more}
            [[org]]
            name = "acme"
            dialect = "{dialect}"
            api_url = {}
            client_id = {}
            client_secret_env = "ACME_SECRET"
            allow_private = true
            [[source]]
            name = "script"
            org = "acme"
            client_id = "script"
            client_secret_env = "SCRIPT_SECRET"
            "#,
            line["url"], line["client_id"],
        );
        std::fs::write(folder.path().join("ifmatch.toml"), config).unwrap();
        Self { child, folder, line }
    }

    /// The command that serves in front of it, with its data in `ifmatch-data`.
    pub(crate) fn serve(&self) -> Command {
        let mut serve = command(self.folder.path(), &["serve", "--listen", "127.0.0.1:0"]);
        self.tell_secrets(&mut serve);
        serve
    }

    /// Puts the secrets that the configuration names where it looks for them.
    pub(crate) fn tell_secrets(&self, command: &mut Command) {
        command.env("ACME_SECRET", self.line["client_secret"].as_str().unwrap()).env("SCRIPT_SECRET", SECRET);
    }

    /// The control API.
    pub(crate) fn control(&self) -> Caller {
        Caller::new(self.line["url"].as_str().unwrap())
    }

    /// The records of a kind: id, path and version.
    pub(crate) fn world(&self) -> Value {
        self.control().get("/__sandbox/world").expect(200).json()
    }

    /// Every accepted write.
    pub(crate) fn ledger(&self) -> Vec<Value> {
        self.control().get("/__sandbox/ledger").expect(200).json().as_array().unwrap().clone()
    }

    /// What a gateway logs in with there: URL, client id and secret.
    pub(crate) fn credentials(&self) -> [&str; 3] {
        ["url", "client_id", "client_secret"].map(|name| self.line[name].as_str().unwrap())
    }

    /// The client id of the gateway in the ledger.
    pub(crate) fn client_id(&self) -> &Value {
        &self.line["client_id"]
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// A gateway that runs until it is told otherwise.
pub(crate) struct Served {
    child: Child,
    log: PathBuf,
    pub(crate) url: String,
}

impl Served {
    /// Starts it and waits for its first line; its log goes to a file in the folder.
    pub(crate) fn start(command: &mut Command, folder: &Path) -> Self {
        let log = folder.join("log");
        let file = File::options().append(true).create(true).open(&log).unwrap();
        let mut child = command.stdout(Stdio::piped()).stderr(file).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let said: Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {}", read(&log)));
        let url = said["url"].as_str().unwrap().to_owned();
        Self { child, log, url }
    }

    /// The process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// The source of the configuration, logged in.
    pub(crate) fn script(&self) -> Caller {
        self.source("script")
    }

    /// A source with the secret of the configuration, logged in.
    pub(crate) fn source(&self, client_id: &str) -> Caller {
        Caller::new(&self.url).log_in(client_id, SECRET)
    }

    /// Ends it as a power cut does.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to end as a supervisor does; its exit code.
    pub(crate) fn end(&mut self) -> Option<i32> {
        end(&mut self.child)
    }

    /// What it logged so far.
    pub(crate) fn log(&self) -> String {
        read(&self.log)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn read(path: &Path) -> String {
    let mut text = String::new();
    File::open(path).unwrap().read_to_string(&mut text).unwrap();
    text
}

/// Logs in at a gateway that may be on its way out.
pub(crate) fn try_script(url: &str) -> std::io::Result<Caller> {
    Caller::new(url).try_log_in("script", SECRET)
}

/// An intent that changes fields of a score.
pub(crate) fn patch_score(id: &Value, patch: &Value, key: &str) -> Value {
    json!({
        "idempotency_key": key,
        "resource": {"org": "acme", "kind": "quality-score", "id": id},
        "change": {"merge_patch": patch},
    })
}
