//! A gateway with a built-in sandbox, for the time of a test.

use crate::run::{Ran, command, finish};
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// A gateway of its own, in a folder of its own.
pub(crate) struct Gateway {
    child: Child,
    /// The folder it was started in.
    pub(crate) folder: TempDir,
    /// Its first line.
    pub(crate) line: Value,
}

impl Gateway {
    /// Starts it and reads its first line.
    pub(crate) fn start() -> Self {
        Self::start_at("20")
    }

    /// The same at another speed.
    pub(crate) fn start_at(speed: &str) -> Self {
        Self::playing("calm-unlimited", speed)
    }

    /// The same with another scenario.
    pub(crate) fn playing(scenario: &str, speed: &str) -> Self {
        Self::start_with(&["--scenario", scenario, "--speed", speed])
    }

    /// The same with these words.
    pub(crate) fn start_with(more: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let args = ["serve", "--sandbox", "--listen", "127.0.0.1:0"];
        let (child, line) = start(folder.path(), &[&args, more].concat());
        Self { child, folder, line }
    }

    /// A member of its first line.
    pub(crate) fn said(&self, name: &str) -> &str {
        self.line[name].as_str().unwrap()
    }

    /// Runs a command as the ready-made source.
    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        finish(
            self.command(args)
                .env("IFMATCH_CLIENT_ID", self.said("client_id"))
                .env("IFMATCH_CLIENT_SECRET", self.said("client_secret")),
        )
    }

    /// Runs a command as the operator, whose token lies in the data folder.
    pub(crate) fn run_as_operator(&self, args: &[&str]) -> Ran {
        finish(&mut self.command(args))
    }

    /// A command that finds it.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = command(self.folder.path(), args);
        command.env("IFMATCH_URL", self.said("url"));
        command
    }

    /// Submits what the text holds, as the ready-made source.
    pub(crate) fn submit(&self, intents: &str, more: &[&str]) -> Ran {
        std::fs::write(self.folder.path().join("intents.json"), intents).unwrap();
        self.run(&[&["intents", "submit", "intents.json", "--json"], more].concat())
    }

    /// The first quality scores of the world: id, path and version.
    pub(crate) fn score(&self, at: usize) -> Value {
        self.control("GET", "world", &Value::Null)["quality_scores"][at].clone()
    }

    /// A person's edit in the target.
    pub(crate) fn edit(&self, score: &Value, patch: Value) {
        self.control("POST", "edit", &json!({"path": score["path"], "merge_patch": patch, "by": "Mara Lind"}));
    }

    /// Asks the control API of its sandbox.
    pub(crate) fn control(&self, method: &str, path: &str, body: &Value) -> Value {
        let host = self.said("sandbox").strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(host).unwrap();
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let length = body.len();
        let head = format!(
            "{method} /__sandbox/{path} HTTP/1.1\r\nhost: {host}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
        );
        stream.write_all(format!("{head}{body}").as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 20"), "{answer}");
        serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap_or_default()
    }

    /// Asks it to end as a supervisor does, and waits for it.
    pub(crate) fn end(&mut self) -> Option<i32> {
        end(&mut self.child)
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Starts a server and reads its first line.
pub(crate) fn start(folder: &Path, args: &[&str]) -> (Child, Value) {
    let mut child = command(folder, args).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    (child, serde_json::from_str(&line).unwrap())
}

/// Asks a server to end as a supervisor does, and waits for it.
pub(crate) fn end(child: &mut Child) -> Option<i32> {
    assert!(Command::new("kill").arg(child.id().to_string()).status().unwrap().success());
    child.wait().unwrap().code()
}
