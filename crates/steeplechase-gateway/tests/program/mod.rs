//! The program, as an operator runs it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::{Instant, sleep};

const BINARY: &str = env!("CARGO_BIN_EXE_steeplechase");
const PATIENCE: Duration = Duration::from_secs(20);

/// A gateway that runs. Dropping it kills it.
pub(crate) struct Program {
    child: Child,
    addr: SocketAddr,
    banner: String,
    _config: Option<File>,
}

/// A file that is removed when it is dropped.
struct File(std::path::PathBuf);

impl File {
    fn new(text: &str) -> Self {
        let name = format!(
            "steeplechase-{}-{}.yaml",
            std::process::id(),
            fastrand::u64(..)
        );
        let path = std::env::temp_dir().join(name);
        let mut file = std::fs::File::create(&path).unwrap();
        file.write_all(text.as_bytes()).unwrap();
        Self(path)
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

impl Program {
    /// Starts it with a configuration.
    pub(crate) async fn start(config: &str) -> Self {
        let file = File::new(config);
        let path = file.0.to_str().unwrap().to_owned();
        Self::launch(&["--config", &path], &[], Some(file)).await
    }

    /// Starts it on a free port, and waits until it says where it is.
    pub(crate) async fn start_with(args: &[&str], env: &[(&str, &str)]) -> Self {
        Self::launch(args, env, None).await
    }

    async fn launch(args: &[&str], env: &[(&str, &str)], config: Option<File>) -> Self {
        let mut child = command(args, env).args(["--port", "0"]).spawn().unwrap();
        let stdout = child.stdout.take().unwrap();
        let reading = tokio::task::spawn_blocking(move || {
            let mut lines = BufReader::new(stdout);
            let mut banner = String::new();
            // The banner ends with an empty line after the example.
            while !banner.ends_with("}'\n\n") && lines.read_line(&mut banner).unwrap() > 0 {}
            banner
        });
        let banner = reading.await.unwrap();
        let url = banner
            .split("http://")
            .nth(1)
            .and_then(|rest| rest.split_whitespace().next());
        let addr = url
            .unwrap_or_else(|| panic!("no address in {banner:?}"))
            .parse()
            .unwrap();
        Self {
            child,
            addr,
            banner,
            _config: config,
        }
    }

    pub(crate) fn addr(&self) -> SocketAddr {
        self.addr
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.addr)
    }

    pub(crate) fn banner(&self) -> &str {
        &self.banner
    }

    /// Tells it to stop, as an operator's system does.
    pub(crate) fn terminate(&self) {
        let pid = self.child.id().to_string();
        let status = Command::new("kill").args(["-TERM", &pid]).status();
        assert!(status.unwrap().success());
    }

    /// Waits until it takes no new connections.
    pub(crate) async fn wait_closed(&self) {
        let deadline = Instant::now() + PATIENCE;
        while TcpStream::connect(self.addr).await.is_ok() {
            assert!(Instant::now() < deadline, "it still takes connections");
            sleep(Duration::from_millis(5)).await;
        }
    }

    /// Waits until it has ended.
    pub(crate) async fn exit_code(&mut self) -> Option<i32> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            assert!(Instant::now() < deadline, "it still runs");
            sleep(Duration::from_millis(5)).await;
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs it to its end, with a configuration in place of `{file}`.
pub(crate) fn run(
    args: &[&str],
    config: &str,
    env: &[(&str, &str)],
) -> (Option<i32>, String, String) {
    let file = File::new(config);
    let path = file.0.to_str().unwrap();
    let args: Vec<_> = args
        .iter()
        .map(|arg| if *arg == "{file}" { path } else { arg })
        .collect();
    exits(&args, env, PATIENCE)
}

/// Runs it to its end: the exit code, and what it has said.
pub(crate) fn exits(
    args: &[&str],
    env: &[(&str, &str)],
    patience: Duration,
) -> (Option<i32>, String, String) {
    let mut child = command(args, env).stderr(Stdio::piped()).spawn().unwrap();
    let (mut stdout, mut stderr) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let out = std::thread::spawn(move || {
        let mut text = String::new();
        stdout.read_to_string(&mut text).unwrap();
        text
    });
    let err = std::thread::spawn(move || {
        let mut text = String::new();
        stderr.read_to_string(&mut text).unwrap();
        text
    });
    let deadline = Instant::now() + patience;
    let code = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status.code();
        }
        if Instant::now() > deadline {
            child.kill().unwrap();
            child.wait().unwrap();
            break None;
        }
        std::thread::sleep(Duration::from_millis(10));
    };
    (code, out.join().unwrap(), err.join().unwrap())
}

fn command(args: &[&str], env: &[(&str, &str)]) -> Command {
    let mut command = Command::new(BINARY);
    command
        .args(args)
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    // Nothing of the environment that the tests run in.
    command.env_clear().envs(env.iter().copied());
    if let Some(path) = std::env::var_os("PATH") {
        command.env("PATH", path);
    }
    command
}
