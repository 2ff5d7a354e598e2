//! A running `questlog serve`, on a port and a data folder of its own.

use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use crate::address::address_in;
use crate::http::{self, Response};
use crate::questlog;

/// How long a server may take to listen, and to end after it was asked to.
const PATIENCE: Duration = Duration::from_secs(30);

/// A server that ends, by force, when this value does.
#[derive(Debug)]
pub struct Server {
    child: Child,
    /// The lines of its stderr, read by a thread so that the server never waits for us.
    said: Receiver<String>,
    address: SocketAddr,
    data: PathBuf,
}

impl Server {
    /// Starts a server on a port that the system chooses, and waits until it listens.
    pub fn start(data: &Path) -> Result<Self> {
        Self::start_with(data, "127.0.0.1:0", &[])
    }

    /// Starts a server on this address with these further arguments, and waits until it listens.
    pub fn start_with(data: &Path, listen: &str, args: &[&str]) -> Result<Self> {
        let mut child = serve(data, listen, args)?
            .spawn()
            .context("starting the server")?;
        let stderr = child.stderr.take().context("the server has no stderr")?;
        let mut server = Self {
            child,
            said: lines(stderr),
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            data: data.to_owned(),
        };
        server.address = server.listening()?;
        Ok(server)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where it listens, as a URL without a slash at its end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The data folder.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// Sends a GET.
    pub fn get(&self, path: &str) -> Result<Response> {
        http::request(self.address, "GET", path, &[], b"")
    }

    /// Sends a POST of a body of this type.
    pub fn post(&self, path: &str, content_type: &str, body: impl AsRef<[u8]>) -> Result<Response> {
        let headers = [("Content-Type", content_type)];
        http::request(self.address, "POST", path, &headers, body.as_ref())
    }

    /// SIGKILL: the process is gone before this returns, and had no chance to tidy up.
    pub fn kill(mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Sends a signal, such as `HUP`.
    pub fn signal(&self, name: &str) -> Result<()> {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill")
            .args([&format!("-{name}"), &pid])
            .status()?;
        ensure!(sent.success(), "SIG{name} could not be sent");
        Ok(())
    }

    /// Waits until it says a line with these words, beyond those that were heard before.
    pub fn hear(&self, words: &str) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let line = self.said.recv_timeout(left);
            if line
                .with_context(|| format!("it did not say `{words}`"))?
                .contains(words)
            {
                return Ok(());
            }
        }
    }

    /// SIGTERM, as a service manager stops it; gives how it ended.
    pub fn stop(mut self) -> Result<ExitStatus> {
        self.signal("TERM")?;
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            ensure!(Instant::now() < deadline, "the server ignores SIGTERM");
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Reads what it says until it tells its address.
    fn listening(&mut self) -> Result<SocketAddr> {
        let deadline = Instant::now() + PATIENCE;
        let mut heard = String::new();
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.said.recv_timeout(left) {
                Ok(line) => {
                    if let Some(address) = address_in(&line) {
                        return Ok(address);
                    }
                    heard.push_str(&line);
                    heard.push('\n');
                }
                Err(mpsc::RecvTimeoutError::Timeout) => {
                    bail!("the server does not listen: {heard}")
                }
                Err(mpsc::RecvTimeoutError::Disconnected) => {
                    bail!("the server ended with {}: {heard}", self.child.wait()?)
                }
            }
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already; there is nobody to tell anyway.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs a server that has to refuse to start; gives its exit code and what it said.
pub fn refused(data: &Path, listen: &str, args: &[&str]) -> Result<questlog::Output> {
    let mut child = serve(data, listen, args)?.spawn()?;
    let said = lines(child.stderr.take().context("the server has no stderr")?);
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(questlog::Output {
                code: status.code(),
                stdout: String::new(),
                stderr: said.iter().collect::<Vec<_>>().join("\n"),
            });
        }
        if Instant::now() > deadline {
            child.kill()?;
            child.wait()?;
            bail!("the server started: {:?}", said.iter().collect::<Vec<_>>());
        }
        thread::sleep(Duration::from_millis(10));
    }
}

/// A port that nobody listens on now, for a server that has to come back on the same one.
///
/// It lies below those that the system gives to outgoing connections, so none of them can take it while the server is down.
pub fn free_port() -> Result<u16> {
    const FIRST: u16 = 15_000;
    const COUNT: u16 = 15_000;
    static TRIED: AtomicU16 = AtomicU16::new(0);
    let start = u16::try_from(std::process::id() % u32::from(COUNT))?;
    for _ in 0..COUNT {
        let step = TRIED.fetch_add(1, Ordering::Relaxed);
        let port = FIRST + (start + step % COUNT) % COUNT;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return Ok(port);
        }
    }
    bail!("no port is free")
}

fn serve(data: &Path, listen: &str, args: &[&str]) -> Result<Command> {
    let mut command = questlog::command()?;
    command
        .args(["serve", "--listen", listen, "--data"])
        .arg(data)
        .args(args)
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    Ok(command)
}

fn lines(stderr: ChildStderr) -> Receiver<String> {
    let (send, receive) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(stderr).lines().map_while(Result::ok) {
            // Whoever listened may have stopped; the pipe still has to be emptied.
            let _ = send.send(line);
        }
    });
    receive
}
