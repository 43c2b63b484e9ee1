//! What a test can ask for while the sims serve.
//!
//! ```text
//! {"counts": NAME}                        {"started": …, "completed": …, "cancelled": …,
//!                                          "failed": …, "in_flight": …}
//! {"wait": NAME, "for": {COUNT: least, …}, "within_ms": …}
//!                                         the counts, as soon as they are at least so; an error
//!                                         if they are not within that time
//! {"requests": NAME}                      [{"method", "path", "headers", "body"}, …], oldest first
//! {"enqueue": NAME, "behaviours": […]}    {}; they are for the next requests
//! {"release": NAME}                       {}; all requests go on that are held now
//! ```

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use steeplechase_sim::{Counts, Recorded, Sim, SimServer};

use crate::spec::{self, Wrong};

/// All sims, by name.
pub(crate) type Servers = BTreeMap<String, SimServer>;

/// Carries out one command.
pub(crate) async fn obey(line: &str, servers: &Servers) -> Result<Value, Wrong> {
    let command: Value = serde_json::from_str(line).map_err(|error| format!("command: {error}"))?;
    let verbs = ["counts", "wait", "requests", "release", "enqueue"];
    let verb = verbs.into_iter().find(|verb| command.get(verb).is_some());
    let verb = verb.ok_or_else(|| format!("command: expected one of {}", verbs.join(", ")))?;
    let name = spec::text(&command[verb], verb)?;
    let server = servers.get(name);
    let sim = server.ok_or_else(|| format!("{verb}: there is no sim {name:?}"))?;
    let sim = sim.sim();
    match verb {
        "counts" => Ok(counts(sim.counts())),
        "wait" => wait(sim, &command).await,
        "release" => {
            sim.release();
            Ok(json!({}))
        }
        "requests" => Ok(sim.requests().iter().map(request).collect()),
        _ => {
            sim.enqueue(spec::behaviours(&command["behaviours"], "behaviours")?);
            Ok(json!({}))
        }
    }
}

async fn wait(sim: &Sim, command: &Value) -> Result<Value, Wrong> {
    let within = spec::millis(&command["within_ms"], "within_ms")?;
    let least = command["for"].as_object();
    let least = least.ok_or("for: expected an object of counts")?;
    for (name, least) in least {
        spec::whole(least, name)?;
        if counts(Counts::default()).get(name).is_none() {
            return Err(format!("for: there is no count {name:?}"));
        }
    }
    let enough = |found: &Counts| {
        let found = counts(*found);
        least
            .iter()
            .all(|(name, least)| found[name].as_u64() >= least.as_u64())
    };
    match tokio::time::timeout(within, sim.wait_until(enough)).await {
        Ok(found) => Ok(counts(found)),
        Err(_) => Err(format!(
            "wait: after {within:?}, {} is at {}",
            sim.name(),
            counts(sim.counts())
        )),
    }
}

fn counts(counts: Counts) -> Value {
    json!({
        "started": counts.started,
        "completed": counts.completed,
        "cancelled": counts.cancelled,
        "failed": counts.failed,
        "in_flight": counts.in_flight(),
    })
}

fn request(recorded: &Recorded) -> Value {
    let headers = recorded.headers.iter().map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        (name.as_str().to_owned(), Value::from(value))
    });
    json!({
        "method": recorded.method.as_str(),
        "path": recorded.path(),
        "headers": headers.collect::<Map<_, _>>(),
        "body": serde_json::from_slice::<Value>(&recorded.body).unwrap_or_default(),
    })
}
