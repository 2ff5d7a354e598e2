//! A server under test: started, asked how much memory it takes, and ended.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::address::address_in;
use crate::shell::{command, output_of};

/// How long a server may take until it answers.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server on a port that the system chose; it goes when this goes.
pub(in crate::bench) struct Program {
    child: Child,
    pub(super) address: SocketAddr,
}

impl Program {
    /// Starts a program that says `http://ADDRESS` on its stderr, and waits until it takes connections.
    pub(in crate::bench) fn start(program: &mut Command) -> Result<Self> {
        let name = program.get_program().to_string_lossy().into_owned();
        let mut child = program
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("{name} could not be started"))?;
        let stderr = child.stderr.take().context("the server has no stderr")?;
        let mut lines = BufReader::new(stderr).lines();
        let address = lines
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| address_in(&line));
        // Read on, so that the server never waits for us.
        std::thread::spawn(move || lines.for_each(drop));
        let Some(address) = address else {
            bail!("{name} ended with {} before it listened", child.wait()?);
        };
        let program = Self { child, address };
        program.wait_until_it_takes_connections()?;
        Ok(program)
    }

    fn wait_until_it_takes_connections(&self) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        while TcpStream::connect(self.address).is_err() {
            if Instant::now() > deadline {
                bail!("nobody listens on {}", self.address);
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        Ok(())
    }

    pub(in crate::bench) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A line of what the kernel tells of its memory, in MB: `VmRSS` now, `VmHWM` at most so far.
    pub(super) fn memory_mb(&self, line: &str) -> Result<f64> {
        let path = format!("/proc/{}/status", self.child.id());
        let text =
            fs::read_to_string(&path).with_context(|| format!("{path} could not be read"))?;
        let lines = text.lines();
        let kib = lines
            .filter_map(|text| text.strip_prefix(line)?.strip_prefix(':'))
            .find_map(|rest| rest.trim().trim_end_matches(" kB").parse::<f64>().ok());
        Ok(kib.with_context(|| format!("{path} has no {line}"))? * 1024.0 / 1e6)
    }

    /// SIGKILL.
    pub(super) fn kill(mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Asks it to stop in good order and waits until it has.
    pub(in crate::bench) fn stop(mut self) -> Result<()> {
        output_of(command("kill").args(["-TERM", &self.child.id().to_string()]))
            .context("the server could not be asked to stop")?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have gone already; then there is nothing to end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
