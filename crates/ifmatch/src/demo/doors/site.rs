//! Where the senders stand: the gateway's configuration, their credentials, and what they know of the target.

use super::shell::ifmatch;
use crate::demo::feed::{Feed, pull, schedule_path};
use crate::demo::incident::Incident;
use crate::demo::wish::{Door, Effect, Payload, Set, Wish};
use crate::live::{Http, Stage};
use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ifmatch_server::Running;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::hash::{BuildHasher as _, RandomState};
use std::path::PathBuf;

/// The source of whatever is a script, a timer or a person's file.
pub(super) const SCRIPT: &str = "script";

/// The file that a timer sends again and again.
pub(super) const WEEK: &str = "week.ndjson";

const I01: &str = include_str!("i01.toml");
const I02: &str = include_str!("i02.toml");
const I03: &str = include_str!("i03.toml");
const I04: &str = include_str!("i04.toml");
const I05: &str = include_str!("i05.toml");

/// When what a script sends through the proxy is worth nothing any more: it cannot say so.
const NEVER_MS: i64 = 86_400_000;

/// What a sender was given when its source was set up.
#[derive(Debug, Clone)]
pub(in crate::demo) struct Keys {
    secret: String,
    signing: String,
}

/// Where the senders stand.
pub(in crate::demo) struct Site {
    pub(super) url: String,
    /// Without a login.
    pub(super) http: Http,
    pub(super) stage: Stage,
    /// The secret of every source.
    pub(super) secret: String,
    /// What the signed hook signs with.
    pub(super) signing: String,
    /// The source whose hook asks for a password.
    pub(super) caller: &'static str,
    /// Where files lie.
    pub(super) folder: PathBuf,
    /// The gateway's own, with the token of its operator.
    data: PathBuf,
    /// The script, logged in.
    pub(super) script: Option<Http>,
    /// The whole week as the scheduler knows it, for the one that repeats it.
    pub(super) week: Option<String>,
}

impl Keys {
    /// Draws them.
    pub(in crate::demo) fn draw() -> Self {
        let secret: String = (0_u8..4).map(|part| format!("{:016x}", RandomState::new().hash_one(part))).collect();
        Self { signing: format!("whsec_{}", STANDARD.encode(secret.as_bytes())), secret }
    }

    /// The configuration of the gateway: the sources of an incident as a customer has them.
    pub(in crate::demo) fn config(&self, incident: Incident, seed: u64) -> anyhow::Result<String> {
        let text = match incident {
            Incident::I01 => I01.to_owned(),
            Incident::I02 => I02.to_owned(),
            Incident::I03 => I03.to_owned(),
            Incident::I04 => {
                let pulled = pull(incident, seed);
                let text = I04.replace("{schedule}", &pulled.schedule);
                let sites = Feed::from(incident, pulled)?.sources;
                sites.iter().map(|site| text.replace("{site}", site)).collect()
            }
            Incident::I05 => I05.replace("{schedule}", &pull(incident, seed).schedule),
        };
        Ok(text.replace("{secret}", &self.secret).replace("{signing}", &self.signing))
    }
}

impl Site {
    /// The senders of an incident, at a gateway that runs with [`Keys::config`].
    pub(in crate::demo) async fn open(
        incident: Incident,
        keys: &Keys,
        running: &Running,
        stage: &Stage,
    ) -> anyhow::Result<Self> {
        let folder = running.data_dir.join("senders");
        std::fs::create_dir(&folder).context("no folder for files")?;
        let http = Http::new(&running.url);
        let logs_in = matches!(incident, Incident::I03 | Incident::I05);
        let script = if logs_in { Some(http.log_in(SCRIPT, &keys.secret).await?) } else { None };
        Ok(Self {
            url: running.url.clone(),
            http,
            stage: stage.clone(),
            secret: keys.secret.clone(),
            signing: keys.signing.clone(),
            caller: if incident == Incident::I01 { "nightly" } else { "servicenow" },
            folder,
            data: running.data_dir.clone(),
            script,
            week: None,
        })
    }

    /// The incident's feed as these senders bring it: what is pulled is pulled through the gateway, files come whole, and who sends
    /// a whole entry wants the values in it.
    pub(in crate::demo) async fn feed(&mut self, incident: Incident, seed: u64) -> anyhow::Result<Feed> {
        let Some(script) = &self.script else {
            let feed = Feed::of(incident, seed)?;
            let first_ms = feed.next_ms().unwrap_or_default();
            return Ok(feed.adjust(|wish| match wish.door {
                Door::Csv(_) | Door::Ndjson(_) => wish.at_ms = first_ms,
                _ => {}
            }));
        };
        let mut pulled = pull(incident, seed);
        let answer = script.get(&schedule_path(&pulled.schedule)).await?;
        anyhow::ensure!(answer.is_done(), "the week is not to be had: {}", answer.text);
        let entries = answer.json()["agents"].as_array().cloned().unwrap_or_default();
        pulled.agents =
            entries.into_iter().filter_map(|entry| Some((entry["agent_id"].as_str()?.to_owned(), entry))).collect();
        let entries = pulled.agents.clone();
        if incident == Incident::I05 {
            self.adopt(week(&entries)).await?;
        }
        let feed = Feed::from(incident, pulled)?;
        Ok(feed.adjust(|wish| says_values(wish, &entries)))
    }

    /// Tells the gateway that a week is what the scheduler said so far, as whoever sets a source of whole states up.
    async fn adopt(&mut self, week: String) -> anyhow::Result<()> {
        std::fs::write(self.folder.join(WEEK), &week)?;
        let data = self.data.to_string_lossy().into_owned();
        ifmatch(self, SCRIPT, &["sources", "adopt", SCRIPT, WEEK, "--data", &data], &[0]).await?;
        self.week = Some(week);
        Ok(())
    }
}

/// A week as a scheduling engine exports it.
fn week(agents: &BTreeMap<String, Value>) -> String {
    let row = |(agent, entry): (&String, &Value)| json!({"agent_id": agent, "site": "head office", "week": "2026-06-01", "shifts": entry["shifts"]});
    agents.iter().map(|one| format!("{}\n", row(one))).collect()
}

/// A whole entry, through the proxy, says values and no deed, and no deadline.
fn says_values(wish: &mut Wish, pulled: &BTreeMap<String, Value>) {
    let (Door::Proxy, Payload::Agent { entry, .. }) = (&wish.door, &wish.payload) else { return };
    let before = entry["agent_id"].as_str().and_then(|agent| pulled.get(agent));
    let lists = |entry: Option<&Value>| -> BTreeMap<String, Value> {
        let shifts = entry.and_then(|entry| entry["shifts"].as_array()).into_iter().flatten();
        shifts.filter_map(|shift| Some((shift["id"].as_str()?.to_owned(), shift["activities"].clone()))).collect()
    };
    let (before, after) = (lists(before), lists(Some(entry)));
    let differs = after.into_iter().filter(|(id, list)| before.get(id) != Some(list));
    let sets = differs.map(|(id, list)| Set {
        path: format!("/shifts/{id}/activities"),
        base: before.get(&id).cloned(),
        after: Some(list),
        own: Vec::new(),
    });
    wish.truth.effect = Effect::Sets(sets.collect());
    wish.truth.deadline_ms = Some(NEVER_MS);
}
