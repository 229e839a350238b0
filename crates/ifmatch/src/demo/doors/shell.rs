//! The command line: this very binary, started as a person or a script starts it.

use super::site::Site;
use anyhow::Context as _;
use std::fs::File;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// From one look at a process to the next, wall time.
const LOOK: Duration = Duration::from_millis(10);

/// Numbers the processes, for the names of what they print.
static STARTED: AtomicUsize = AtomicUsize::new(0);

/// A process that ends with the play.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// Runs a command as a source; what it printed.
pub(super) async fn ifmatch(site: &Site, source: &str, args: &[&str], good: &[i32]) -> anyhow::Result<String> {
    let number = STARTED.fetch_add(1, Ordering::Relaxed);
    let printed = site.folder.join(format!("{number}.out"));
    let talked = site.folder.join(format!("{number}.err"));
    let mut command = Command::new(std::env::current_exe().context("where this binary is")?);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("IFMATCH_") {
            command.env_remove(name);
        }
    }
    command
        .args(args)
        .current_dir(&site.folder)
        .env("IFMATCH_URL", &site.url)
        .env("IFMATCH_CLIENT_ID", source)
        .env("IFMATCH_CLIENT_SECRET", &site.secret)
        .stdin(Stdio::null())
        .stdout(File::create(&printed)?)
        .stderr(File::create(&talked)?);
    let mut process = Process(command.spawn().context("this binary does not start")?);
    let status = loop {
        if let Some(status) = process.0.try_wait()? {
            break status;
        }
        tokio::time::sleep(LOOK).await;
    };
    let said = std::fs::read_to_string(&talked)?;
    anyhow::ensure!(status.code().is_some_and(|code| good.contains(&code)), "{args:?} ended with {status}: {said}");
    Ok(std::fs::read_to_string(&printed)?)
}
