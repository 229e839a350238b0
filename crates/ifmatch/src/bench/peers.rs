//! Stub servers of others, as npm carries them: WireMock, whose package holds its Java archive, and
//! Prism. Each answers any write of a trade with one and the same document, and looks at no version.

use super::gateway::Process;
use super::held::Folder;
use super::load;
use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How long a server may take to its first right answer.
const START_MAX: Duration = Duration::from_secs(60);

/// A path that both answer, and the sandbox: `…/{id}`.
pub(super) const TRADES: &str = "/api/v2/wfm/scheduling/shifts";

/// A server of others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Peer {
    WireMock,
    Prism,
}

impl Peer {
    /// Its name and what it runs on.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::WireMock => "WireMock (Java)",
            Self::Prism => "Prism (Node)",
        }
    }

    /// Starts it from the folder of packages, with an answer like that of the sandbox.
    pub(super) fn start(self, packages: Option<&Path>, folder: &Folder, answer: &Value) -> Result<Process> {
        let modules = packages.context("no folder of peers was named")?.join("node_modules");
        let port = free_port()?;
        let mut command = match self {
            Self::WireMock => wiremock(&modules, folder.path(), port, answer)?,
            Self::Prism => prism(&modules, folder.path(), port, answer)?,
        };
        command.stdin(Stdio::null()).stdout(Stdio::null());
        let mut process = Process::at(SocketAddr::from((Ipv4Addr::LOCALHOST, port)), &mut command)?;
        let end = Instant::now() + START_MAX;
        let head = format!("PUT {TRADES}/1 HTTP/1.1\r\ncontent-type: application/json\r\n");
        loop {
            match load::once(process.address, &head, "{}") {
                Ok((status, _)) if status.contains(" 200 ") => return Ok(process),
                Ok((status, _)) => bail!("it answers {status}"),
                Err(error) if Instant::now() > end => return Err(error.context("it does not answer in time")),
                Err(_) => ensure!(!process.is_over(), "it ends at once"),
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

fn wiremock(modules: &Path, folder: &Path, port: u16, answer: &Value) -> Result<Command> {
    let build = modules.join("wiremock/build");
    let found = std::fs::read_dir(&build).with_context(|| format!("{} is not there", build.display()))?;
    let archive: Option<PathBuf> =
        found.flatten().map(|entry| entry.path()).find(|path| path.extension().is_some_and(|ending| ending == "jar"));
    let mapping = json!({
        "request": {"method": "PUT", "urlPathPattern": format!("{TRADES}/[^/]+")},
        "response": {"status": 200, "headers": {"Content-Type": "application/json"}, "jsonBody": answer},
    });
    std::fs::create_dir_all(folder.join("mappings"))?;
    std::fs::write(folder.join("mappings/trade.json"), mapping.to_string())?;
    let mut command = Command::new("java");
    command.arg("-jar").arg(archive.context("the package of WireMock holds no archive")?);
    command.args(["--bind-address", "127.0.0.1", "--port", &port.to_string(), "--root-dir"]).arg(folder);
    // It keeps no journal, and names lengths as the load generator wants them.
    command.args(["--no-request-journal", "--disable-banner", "--use-chunked-encoding", "never"]);
    Ok(command)
}

fn prism(modules: &Path, folder: &Path, port: u16, answer: &Value) -> Result<Command> {
    let program = modules.join("@stoplight/prism-cli/dist/index.js");
    ensure!(program.is_file(), "{} is not there", program.display());
    let document = json!({
        "openapi": "3.0.3", "info": {"title": "Trades", "version": "1"},
        "paths": {format!("{TRADES}/{{id}}"): {"put": {
            "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
            "requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}},
            "responses": {"200": {"description": "The trade", "content": {"application/json": {"example": answer}}}},
        }}},
    });
    let file = folder.join("trades.json");
    std::fs::write(&file, document.to_string())?;
    let mut command = Command::new("node");
    command
        .arg(program)
        .args(["mock", "-h", "127.0.0.1", "-p", &port.to_string(), "--verboseLevel", "silent"])
        .arg(file);
    Ok(command)
}

/// A port that was free a moment ago: neither of them says which one it took.
fn free_port() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("there is no free port")?;
    Ok(listener.local_addr()?.port())
}
