//! The processes: started, measured, and ended.

use std::fs;
use std::io::{self, BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tower::BoxError;

/// The clock ticks of `/proc`. Linux has shown programs this many a second on all its platforms for
/// twenty years.
const TICKS_A_SECOND: u64 = 100;

/// What the gateway is told.
const CONFIG: &str = "\
model_list:
  - model_name: m
    litellm_params:
      model: openai/m
      api_base: UPSTREAM/v1
      api_key: x
";

/// Where the programs are.
pub(crate) struct Subjects {
    gateway: PathBuf,
    this: PathBuf,
}

/// A process that serves on an address. Dropping it ends it.
pub(crate) struct Process {
    child: Child,
    pub(crate) addr: SocketAddr,
    // Closing it tells those of this program to stop; closing the other would break what it prints.
    _stdin: ChildStdin,
    _stdout: BufReader<ChildStdout>,
    config: Option<PathBuf>,
}

// ===== impl Subjects =====

impl Subjects {
    /// Finds the programs, and builds the gateway.
    pub(crate) fn prepare() -> Result<Self, BoxError> {
        let this = std::env::current_exe()?;
        if let Some(gateway) = std::env::var_os("STEEPLECHASE_BIN") {
            let gateway = gateway.into();
            return Ok(Self { gateway, this });
        }
        // target/release/deps/gateway-0123456789abcdef
        let release = this.ancestors().nth(2).ok_or("the program is nowhere")?;
        let target = release.parent().ok_or("the program is nowhere")?;
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.toml");
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let status = Command::new(cargo)
            .args([
                "build",
                "--release",
                "--quiet",
                "-p",
                "steeplechase-gateway",
            ])
            .arg("--manifest-path")
            .arg(manifest)
            .arg("--target-dir")
            .arg(target)
            .status()?;
        if !status.success() {
            return Err("the gateway could not be built".into());
        }
        let gateway = target.join("release/steeplechase");
        Ok(Self { gateway, this })
    }

    /// The provider, with answers of so many tokens and a time in between.
    pub(crate) fn provider(&self, tokens: usize, gap: Duration) -> io::Result<Process> {
        let mut command = Command::new(&self.this);
        command.args(["--sim", &tokens.to_string(), &gap.as_micros().to_string()]);
        Process::start(command, None)
    }

    /// What the gateway is compared with.
    pub(crate) fn raw(&self, provider: &Process) -> io::Result<Process> {
        let mut command = Command::new(&self.this);
        command.args(["--raw", &provider.addr.to_string()]);
        Process::start(command, None)
    }

    /// The gateway, with its defaults.
    pub(crate) fn gateway(&self, provider: &Process) -> io::Result<Process> {
        let name = format!("steeplechase-bench-{}.yaml", std::process::id());
        let path = std::env::temp_dir().join(name);
        let url = format!("http://{}", provider.addr);
        fs::File::create(&path)?.write_all(CONFIG.replace("UPSTREAM", &url).as_bytes())?;
        let mut command = Command::new(&self.gateway);
        command
            .arg("--config")
            .arg(&path)
            .args(["--host", "127.0.0.1", "--port", "0"])
            .env_remove("CONFIG_FILE_PATH")
            .env_remove("RUST_LOG");
        Process::start(command, Some(path))
    }
}

// ===== impl Process =====

impl Process {
    /// Starts it, and waits until it says where it serves.
    fn start(mut command: Command, config: Option<PathBuf>) -> io::Result<Self> {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let stdin = child.stdin.take().expect("it was asked for");
        let mut stdout = BufReader::new(child.stdout.take().expect("it was asked for"));
        let mut line = String::new();
        let addr = loop {
            line.clear();
            if stdout.read_line(&mut line)? == 0 {
                let _ = child.kill();
                let status = child.wait()?;
                return Err(io::Error::other(format!(
                    "{command:?} ended early: {status}"
                )));
            }
            if let Some(addr) = address(&line) {
                break addr;
            }
        };
        Ok(Self {
            child,
            addr,
            _stdin: stdin,
            _stdout: stdout,
            config,
        })
    }

    /// The processor time that it has used, in the kernel and out of it.
    pub(crate) fn processor(&self) -> io::Result<Duration> {
        let stat = fs::read_to_string(self.proc("stat"))?;
        // After the name, which may have anything in it, comes the third field.
        let fields = stat.rsplit(')').next().unwrap_or_default();
        let ticks = fields.split_whitespace().skip(11).take(2);
        let ticks: u64 = ticks.filter_map(|field| field.parse::<u64>().ok()).sum();
        Ok(Duration::from_millis(ticks * 1000 / TICKS_A_SECOND))
    }

    /// The memory that it has, in KiB.
    pub(crate) fn memory(&self) -> io::Result<u64> {
        let status = fs::read_to_string(self.proc("status"))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let field = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
        field.ok_or_else(|| io::Error::other("there is no VmRSS in /proc"))
    }

    fn proc(&self, file: &str) -> PathBuf {
        format!("/proc/{}/{file}", self.child.id()).into()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if let Some(config) = &self.config {
            let _ = fs::remove_file(config);
        }
    }
}

/// The address in a line such as `… on http://127.0.0.1:4000`.
fn address(line: &str) -> Option<SocketAddr> {
    let (_, rest) = line.split_once("http://")?;
    rest.split_whitespace().next()?.parse().ok()
}

/// Is ready when the process that has started this one has gone, or has closed its input.
pub(crate) async fn until_told() {
    let mut buffer = [0; 64];
    let mut stdin = tokio::io::stdin();
    while matches!(stdin.read(&mut buffer).await, Ok(1..)) {}
}
