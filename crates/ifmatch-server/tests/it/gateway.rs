//! A gateway with its sandbox, for one test.

use crate::client::Client;
use ifmatch_sandbox::Scenario;
use ifmatch_server::config::{self, Environment, Flags};
use ifmatch_server::{ReadySource, Running, SandboxSetup, ServeOptions, serve};
use serde_json::{Value, json};
use std::path::Path;
use tempfile::TempDir;

/// Seconds of scenario time per second of wall time in these tests.
pub(crate) const SPEED: f64 = 20.0;

pub(crate) struct Gateway {
    pub(crate) running: Running,
    pub(crate) folder: TempDir,
    /// Logged in as the source `sandbox`, a script.
    pub(crate) script: Client,
    /// Logged in as the source `servicenow`, whose conflicts are held.
    pub(crate) servicenow: Client,
    /// With the operator's token.
    pub(crate) operator: Client,
}

impl Gateway {
    /// Starts a gateway with a calm sandbox on a fresh folder.
    pub(crate) async fn calm() -> Self {
        Self::start(Scenario::named("calm-unlimited", 1).unwrap()).await
    }

    pub(crate) async fn start(scenario: Scenario) -> Self {
        Self::start_at(scenario, SPEED).await
    }

    pub(crate) async fn start_at(scenario: Scenario, speed: f64) -> Self {
        Self::in_folder(tempfile::tempdir().unwrap(), scenario, speed).await
    }

    /// Starts a gateway with a calm sandbox and what a configuration says.
    pub(crate) async fn configured(text: &str) -> Self {
        Self::configured_in(tempfile::tempdir().unwrap(), text).await
    }

    /// The same over the folder of an earlier one.
    pub(crate) async fn configured_in(folder: TempDir, text: &str) -> Self {
        let file = folder.path().join("ifmatch.toml");
        std::fs::write(&file, text).unwrap();
        let mut options = options(folder.path(), Scenario::named("calm-unlimited", 1).unwrap());
        let flags = Flags {
            file: Some(file),
            listen: Some("127.0.0.1:0".to_owned()),
            data: Some(folder.path().to_owned()),
            observe: false,
        };
        options.config = config::load(&flags, &Environment::default()).unwrap().config;
        Self::over(serve(options).await.unwrap(), folder).await
    }

    /// Starts a gateway with a fresh calm sandbox over the folder of an earlier one.
    pub(crate) async fn again(folder: TempDir) -> Self {
        Self::in_folder(folder, Scenario::named("calm-unlimited", 1).unwrap(), SPEED).await
    }

    async fn in_folder(folder: TempDir, scenario: Scenario, speed: f64) -> Self {
        let mut options = options(folder.path(), scenario);
        options.sandbox.as_mut().unwrap().speed = speed;
        let running = serve(options).await.unwrap();
        Self::over(running, folder).await
    }

    /// Shuts it down and gives back its folder.
    pub(crate) async fn stop(self) -> TempDir {
        self.running.shutdown().await;
        self.folder
    }

    pub(crate) async fn over(running: Running, folder: TempDir) -> Self {
        running.ready().await;
        let anonymous = Client::new(&running.url);
        let mut clients = Vec::new();
        for name in ["sandbox", "servicenow"] {
            let account = running.accounts.iter().find(|account| account.name == name).unwrap();
            clients.push(anonymous.log_in(&account.client_id, &account.client_secret).await);
        }
        let token = std::fs::read_to_string(running.operator_token_path()).unwrap();
        let operator = anonymous.with_token(token.trim());
        let [script, servicenow] = clients.try_into().unwrap();
        Self { running, folder, script, servicenow, operator }
    }

    /// The id and version of a quality score of the sandbox.
    pub(crate) fn score(&self, index: usize) -> (String, u64) {
        let world = self.running.sandbox().unwrap().with(|sandbox| sandbox.world());
        let score = &world["quality_scores"][index];
        (score["id"].as_str().unwrap().to_owned(), score["version"].as_u64().unwrap())
    }

    /// A person's edit of a score in the target.
    pub(crate) fn edit(&self, id: &str, patch: &Value) {
        let (sandbox, now) = (self.running.sandbox().unwrap(), self.running.clock().now_ms());
        sandbox.with(|sandbox| sandbox.edit(now, &score_path(id), patch, "Ada Reviewer").unwrap());
    }

    /// What the target holds of a score.
    pub(crate) fn record(&self, id: &str) -> Value {
        self.running.sandbox().unwrap().with(|sandbox| sandbox.record(&score_path(id)).unwrap())
    }
}

/// Options for a gateway with a sandbox over a data folder.
pub(crate) fn options(folder: &Path, scenario: Scenario) -> ServeOptions {
    let flags = Flags { listen: Some("127.0.0.1:0".to_owned()), data: Some(folder.to_owned()), ..Flags::default() };
    ServeOptions {
        config: config::load(&flags, &Environment::default()).unwrap().config,
        sandbox: Some(SandboxSetup::new(scenario, 1, SPEED)),
        extra_sources: ReadySource::well_known(),
    }
}

pub(crate) fn score_path(id: &str) -> String {
    format!("/api/v2/wfm/v2/quality/scores/{id}")
}

/// An intent that sets fields of a score.
pub(crate) fn set_score(id: &str, patch: &Value) -> Value {
    json!({
        "resource": {"org": "sandbox", "kind": "quality-score", "id": id},
        "change": {"merge_patch": patch},
    })
}
