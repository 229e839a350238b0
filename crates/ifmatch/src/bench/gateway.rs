//! Processes of this same binary that are measured: a gateway on an empty or a filled folder, and
//! the handler without a store. Each ends with its value.

use super::held;
use super::load::{self, Target};
use anyhow::{Context as _, Result, bail, ensure};
use base64::Engine as _;
use serde_json::Value;
use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// Name of the org and of the source in the configuration below.
pub(super) const NAME: &str = "bench";

/// How long a process may take to say its first line.
const START_MAX: Duration = Duration::from_secs(60);

/// An org whose target nobody answers for, so that intents wait and nothing else is measured.
const CONFIG: &str = r#"
[[org]]
name = "bench"
dialect = "wfm-v2"
api_url = "http://127.0.0.1:1"
client_id = "bench"
client_secret = "no-secret"
allow_private = true

[[source]]
name = "bench"
org = "bench"
client_id = "bench"
client_secret = "no-secret"
"#;

/// A running process.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    pub(super) address: SocketAddr,
    /// What it said first; nothing where that is no line of JSON.
    pub(super) said: Value,
}

/// Starts a gateway on a folder; gives it with the time from the start of the process to the first
/// 200 of `GET /health/ready`.
pub(super) fn start(folder: &Path) -> Result<(Process, Duration)> {
    start_with(folder, CONFIG)
}

/// The same with another configuration.
pub(super) fn start_with(folder: &Path, text: &str) -> Result<(Process, Duration)> {
    let config = folder.join("ifmatch.toml");
    std::fs::write(&config, text)?;
    let mut command = binary()?;
    command.arg("serve").arg("--listen").arg("127.0.0.1:0").arg("--config").arg(config).arg("--data").arg(folder);
    let start = Instant::now();
    let process = Process::spawn(command.current_dir(folder))?;
    let (status, _) = load::once(process.address, "GET /health/ready HTTP/1.1\r\n", "")?;
    let took = start.elapsed();
    ensure!(status.contains(" 200 "), "a gateway that said its first line is not ready: {status}");
    Ok((process, took))
}

/// Starts the handler without a store.
pub(super) fn start_floor() -> Result<Process> {
    Process::spawn(binary()?.args(["bench", "--floor"]).stdin(Stdio::piped()))
}

/// Starts a sandbox on a scenario, by its name or its file.
pub(super) fn start_sandbox(listen: SocketAddr, scenario: &OsStr) -> Result<Process> {
    let mut command = binary()?;
    let listen = listen.to_string();
    Process::spawn(command.args(["sandbox", "--seed", "7", "--listen", &listen, "--scenario"]).arg(scenario))
}

/// Any free port of loopback.
pub(super) const ANY_PORT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// This binary, without what the surroundings say about a gateway.
fn binary() -> Result<Command> {
    let mut command = Command::new(std::env::current_exe().context("this program is nowhere")?);
    command.env_clear().stdin(Stdio::null());
    Ok(command)
}

impl Process {
    /// Starts a program that will answer at an address.
    pub(super) fn at(address: SocketAddr, command: &mut Command) -> Result<Self> {
        let child = command.stderr(Stdio::null()).spawn().context("no process starts")?;
        // From here on its drop ends the child.
        let process = Self { child, address, said: Value::Null };
        held::process(process.child.id())?;
        Ok(process)
    }

    /// Starts a program whose first line says where it answers.
    fn spawn(command: &mut Command) -> Result<Self> {
        let mut process = Self::at(SocketAddr::from(([127, 0, 0, 1], 0)), command.stdout(Stdio::piped()))?;
        let stdout = process.child.stdout.take().context("the process has an output")?;
        let (tell, told) = mpsc::channel();
        std::thread::spawn(move || {
            let mut line = String::new();
            let read = BufReader::new(stdout).read_line(&mut line);
            let _gone = tell.send(read.map(|_| line));
        });
        let line = told.recv_timeout(START_MAX).context("a process said nothing in time")??;
        let line: Value = serde_json::from_str(&line).with_context(|| format!("no first line: {line:?}"))?;
        let url = line.get("url").and_then(Value::as_str).context("the first line has a url")?;
        process.address = url.trim_start_matches("http://").parse().context("the url has an address")?;
        process.said = line;
        Ok(process)
    }

    /// Whether it has ended by itself.
    pub(super) fn is_over(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// Logs in as the source, or as the client that the first line names.
    pub(super) fn log_in(&self) -> Result<Target> {
        let said = |name: &str| self.said.get(name).and_then(Value::as_str);
        let (id, secret) = said("client_id").zip(said("client_secret")).unwrap_or((NAME, "no-secret"));
        let basic = base64::prelude::BASE64_STANDARD.encode(format!("{id}:{secret}"));
        let head = format!(
            "POST /oauth/token HTTP/1.1\r\nauthorization: Basic {basic}\r\ncontent-type: application/x-www-form-urlencoded\r\n"
        );
        let (status, body) = load::once(self.address, &head, "grant_type=client_credentials")?;
        let body: Value = serde_json::from_str(&body).with_context(|| format!("the log-in is refused: {status}"))?;
        let token = body.get("access_token").and_then(Value::as_str).context("the log-in gives a token")?;
        Ok(Target { address: self.address, authorization: format!("Bearer {token}") })
    }

    /// Resident memory in bytes, as the kernel counts it.
    pub(super) fn resident_bytes(&self) -> Result<f64> {
        let file = format!("/proc/{}/status", self.child.id());
        let status = std::fs::read_to_string(&file).with_context(|| format!("{file} cannot be read"))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("the kernel says VmRSS")?;
        let kib: f64 = line.trim().trim_end_matches("kB").trim().parse().context("VmRSS is a number")?;
        Ok(kib * 1024.0)
    }

    /// Processor time spent so far by all its threads, in microseconds. The kernel counts it in
    /// hundredths of a second.
    pub(super) fn cpu_micros(&self) -> Result<f64> {
        let file = format!("/proc/{}/stat", self.child.id());
        let stat = std::fs::read_to_string(&file).with_context(|| format!("{file} cannot be read"))?;
        // The name of the program may hold anything; the numbers begin behind its last bracket.
        let (_, numbers) = stat.rsplit_once(") ").context("the kernel names the program")?;
        let numbers: Vec<&str> = numbers.split(' ').collect();
        let ticks = |at: usize| -> Result<f64> { Ok(numbers.get(at).context("the kernel counts time")?.parse()?) };
        // User and system time: fields 14 and 15 of proc(5), the first number being the third field.
        Ok((ticks(11)? + ticks(12)?) * 10_000.0)
    }

    /// Asks it to end as a supervisor does, and waits for it: the store is closed properly.
    pub(super) fn stop(mut self) -> Result<()> {
        let asked = Command::new("kill").arg(self.child.id().to_string()).status().context("kill does not run")?;
        ensure!(asked.success(), "the gateway cannot be asked to end");
        let end = Instant::now() + START_MAX;
        while self.child.try_wait()?.is_none() {
            if Instant::now() > end {
                bail!("the gateway does not end");
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // One that ended already is the usual case.
        let _gone = self.child.kill();
        let _ended = self.child.wait();
        held::ended(self.child.id());
    }
}
