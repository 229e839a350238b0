//! A load generator: many keep-alive connections, each with one request on the wire at a time.
//!
//! It writes prepared bytes and reads no more of an answer than its status and its length, so that
//! on a machine of few cores most of the work is the server's.

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use std::io::{Read as _, Write as _};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// How long one exchange may take before the bench gives up.
const PATIENCE: Duration = Duration::from_secs(30);

/// The largest answer that is taken, in bytes.
const ANSWER_MAX: usize = 1 << 20;

/// Where requests go and what they carry.
#[derive(Debug, Clone)]
pub(super) struct Target {
    pub(super) address: SocketAddr,
    /// `Authorization`, with its scheme.
    pub(super) authorization: String,
}

/// What one run of load came to.
#[derive(Debug)]
pub(super) struct Round {
    /// Answers a second.
    pub(super) per_second: f64,
    /// Time from the first byte out to the last byte in, in microseconds, one for each answer.
    pub(super) micros: Vec<f64>,
}

/// Makes the requests of one connection, one after the other.
pub(super) type Script = Box<dyn FnMut() -> String + Send>;

/// Sends `POST path` over `connections` connections for a while; `body` makes the body of a number
/// that is never used twice. Every answer must have the status 202.
pub(super) async fn drive(
    target: &Target,
    path: &str,
    connections: usize,
    span: Duration,
    next: &Arc<AtomicU64>,
    body: fn(u64) -> String,
) -> Result<Round> {
    let script = |_| -> Script {
        let (target, path, next) = (target.clone(), path.to_owned(), Arc::clone(next));
        Box::new(move || target.request("POST", &path, "", &body(next.fetch_add(1, Ordering::Relaxed))))
    };
    play(target.address, (0..connections).map(script).collect(), span, 202).await
}

/// The same at a steady rate, whatever the answers take: times count from when a request was due, so that one that has to wait for
/// its connection counts as slow as its sender sees it.
pub(super) async fn steady(
    target: &Target,
    path: &str,
    connections: u32,
    per_second: f64,
    span: Duration,
    body: &Arc<dyn Fn(u64) -> String + Send + Sync>,
) -> Result<Round> {
    let every = Duration::from_secs_f64(f64::from(connections) / per_second);
    let script = |connection: u32| -> (Script, Pace) {
        let (target, path, body) = (target.clone(), path.to_owned(), Arc::clone(body));
        let mut next = u64::from(connection);
        let script = move || {
            let number = next;
            next += u64::from(connections);
            target.request("POST", &path, "", &body(number))
        };
        (Box::new(script), Pace::Every { first: every.mul_f64(f64::from(connection) / f64::from(connections)), every })
    };
    play_paced(target.address, (0..connections).map(script).collect(), span, 202).await
}

/// When a connection sends its next request.
#[derive(Debug, Clone, Copy)]
enum Pace {
    /// As soon as the last one is answered.
    AtOnce,
    /// The first so long after the start, each further one so long after the one before was due.
    Every { first: Duration, every: Duration },
}

impl Target {
    /// A whole request; `more` are further header lines, each with its end.
    pub(super) fn request(&self, method: &str, path: &str, more: &str, body: &str) -> String {
        format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\nauthorization: {}\r\ncontent-type: application/json\r\n{more}\
             content-length: {}\r\n\r\n{body}",
            self.address,
            self.authorization,
            body.len()
        )
    }
}

/// Sends what each script makes over a connection of its own for a while. Every answer must have the
/// status, and every request gets its answer.
pub(super) async fn play(address: SocketAddr, scripts: Vec<Script>, span: Duration, status: u16) -> Result<Round> {
    play_paced(address, scripts.into_iter().map(|script| (script, Pace::AtOnce)).collect(), span, status).await
}

async fn play_paced(address: SocketAddr, scripts: Vec<(Script, Pace)>, span: Duration, status: u16) -> Result<Round> {
    let mut streams = Vec::new();
    for (script, pace) in scripts {
        let stream = TcpStream::connect(address).await.context("the server takes no connection")?;
        stream.set_nodelay(true)?;
        streams.push((stream, script, pace));
    }
    let start = Instant::now();
    let times = (start, start + span);
    let tasks: Vec<_> = streams
        .into_iter()
        .map(|(stream, script, pace)| tokio::spawn(converse(stream, script, pace, times, status)))
        .collect();
    let mut micros = Vec::new();
    for task in tasks {
        micros.extend(task.await.context("a connection's task broke")??);
    }
    let seconds = start.elapsed().as_secs_f64();
    ensure!(!micros.is_empty(), "no answer came within {seconds:.1} s");
    Ok(Round { per_second: micros.len() as f64 / seconds, micros })
}

async fn converse(
    mut stream: TcpStream,
    mut script: Script,
    pace: Pace,
    (begin, end): (Instant, Instant),
    status: u16,
) -> Result<Vec<f64>> {
    let mut micros = Vec::new();
    let mut buffer = Vec::with_capacity(4096);
    let wanted = format!("HTTP/1.1 {status} ");
    let mut due = match pace {
        Pace::AtOnce => begin,
        Pace::Every { first, .. } => begin + first,
    };
    while due < end && Instant::now() < end {
        let request = script();
        let start = match pace {
            Pace::AtOnce => Instant::now(),
            Pace::Every { every, .. } => {
                tokio::time::sleep_until(due.into()).await;
                let this = due;
                due += every;
                this
            }
        };
        let exchange = async {
            stream.write_all(request.as_bytes()).await?;
            answer(&mut stream, &mut buffer, &wanted).await
        };
        tokio::time::timeout(PATIENCE, exchange).await.map_err(|_| anyhow!("an answer did not come in time"))??;
        micros.push(start.elapsed().as_secs_f64() * 1e6);
    }
    Ok(micros)
}

/// Reads one answer to its end; `wanted` is how its first line begins.
async fn answer(stream: &mut TcpStream, buffer: &mut Vec<u8>, wanted: &str) -> Result<()> {
    buffer.clear();
    loop {
        ensure!(stream.read_buf(buffer).await? > 0, "the server closed a connection");
        if let Some(whole) = length(buffer)?
            && buffer.len() >= whole
        {
            ensure!(buffer.starts_with(wanted.as_bytes()), "an answer does not begin {wanted:?}: {}", text(buffer));
            return Ok(());
        }
    }
}

/// The length of the whole answer, as soon as its head is there.
fn length(answer: &[u8]) -> Result<Option<usize>> {
    let Some(end) = answer.windows(4).position(|four| four == b"\r\n\r\n") else {
        ensure!(answer.len() < ANSWER_MAX, "an answer has no end of its head");
        return Ok(None);
    };
    let head = std::str::from_utf8(&answer[..end]).context("the head of an answer is no text")?;
    let length = head.split("\r\n").filter_map(|line| line.split_once(':'));
    let length = length.filter(|(name, _)| name.eq_ignore_ascii_case("content-length")).map(|(_, value)| value.trim());
    match length.last() {
        Some(value) => Ok(Some(end + 4 + value.parse::<usize>().context("an answer has no length")?)),
        None => bail!("an answer names no length: {head}"),
    }
}

/// One exchange on a connection of its own; gives status line and body.
///
/// # Errors
/// When the server cannot be reached or breaks off.
pub(super) fn once(address: SocketAddr, head: &str, body: &str) -> Result<(String, String)> {
    let mut stream = std::net::TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let request = format!("{head}host: {address}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    stream.take(ANSWER_MAX as u64).read_to_end(&mut answer)?;
    let answer = text(&answer);
    let (head, body) = answer.split_once("\r\n\r\n").context("the answer has no head")?;
    Ok((head.lines().next().unwrap_or_default().to_owned(), body.to_owned()))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    //! Behaviour of the reader of answers.

    use super::*;

    #[test]
    fn the_length_is_known_when_the_head_is_there() {
        assert_eq!(length(b"HTTP/1.1 202 Accepted\r\ncontent-le").unwrap(), None);
        assert_eq!(length(b"HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\n{").unwrap(), Some(46));
        assert!(length(b"HTTP/1.1 202 Accepted\r\n\r\n{}").is_err());
        assert!(length(b"HTTP/1.1 202 Accepted\r\ncontent-length: x\r\n\r\n").is_err());
    }
}
