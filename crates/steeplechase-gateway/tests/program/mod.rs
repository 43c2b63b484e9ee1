//! The program, as an operator runs it.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::{Arc, Mutex};
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
    log: Arc<Mutex<String>>,
    config: Option<File>,
}

/// A file that is removed when it is dropped.
pub(crate) struct File(std::path::PathBuf);

impl File {
    pub(crate) fn new(text: &str) -> Self {
        let name = format!(
            "steeplechase-{}-{}.yaml",
            std::process::id(),
            fastrand::u64(..)
        );
        let path = std::env::temp_dir().join(name);
        std::fs::write(&path, text).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }

    /// Puts another text in its place, as editors do: whoever reads it sees the one or the other.
    pub(crate) fn replace(&self, text: &str) {
        let other = self.0.with_extension("new");
        std::fs::write(&other, text).unwrap();
        std::fs::rename(&other, &self.0).unwrap();
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
        let mut command = command(args, env);
        command.args(["--port", "0"]).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let log = listen(child.stderr.take().unwrap());
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
            log,
            config,
        }
    }

    /// What it has logged.
    pub(crate) fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// Its configuration.
    pub(crate) fn config(&self) -> &File {
        self.config.as_ref().unwrap()
    }

    /// Tells it to read its configuration again.
    pub(crate) fn hang_up(&self) {
        self.signal("-HUP");
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
        self.signal("-TERM");
    }

    fn signal(&self, signal: &str) {
        let pid = self.child.id().to_string();
        let status = Command::new("kill").args([signal, &pid]).status();
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

/// Collects what a program logs.
fn listen(stderr: ChildStderr) -> Arc<Mutex<String>> {
    let log = Arc::new(Mutex::new(String::new()));
    let heard = Arc::clone(&log);
    std::thread::spawn(move || {
        for line in BufReader::new(stderr).lines() {
            let Ok(line) = line else { return };
            let mut log = heard.lock().unwrap();
            log.push_str(&line);
            log.push('\n');
        }
    });
    log
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
