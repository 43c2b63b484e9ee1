//! Writes what the fuzz targets start from: the golden cases.
//!
//! ```text
//! seeds GOLDEN CORPUS     the folder of the cases, and the folder of the corpora
//! ```

use std::error::Error;
use std::path::Path;
use std::{env, fs};

use serde_json::Value;
use steeplechase_fuzz::CALLERS;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let (Some(golden), Some(corpus)) = (arguments.next(), arguments.next()) else {
        return Err("usage: seeds GOLDEN CORPUS".into());
    };
    let corpus = Path::new(&corpus);
    for file in fs::read_dir(golden)? {
        let file = file?.path();
        if file.extension().is_none_or(|kind| kind != "jsonl") {
            continue;
        }
        for line in fs::read_to_string(file)?
            .lines()
            .filter(|line| !line.is_empty())
        {
            seeds(&serde_json::from_str(line)?, corpus)?;
        }
    }
    Ok(())
}

fn seeds(case: &Value, corpus: &Path) -> Result<(), Box<dyn Error>> {
    let id = case["id"].as_str().ok_or("a case without an id")?;
    let dialect = case["provider"]["dialect"].as_str().unwrap_or("openai");
    let path = case["path"].as_str().unwrap_or(CALLERS[0].0);
    let caller = CALLERS.iter().position(|(known, _)| *known == path);
    let caller = u8::try_from(caller.unwrap_or(0))?;
    let upstream = &case["upstream"];
    if let Some(events) = upstream["events"].as_array() {
        let line = if dialect == "bedrock" { frame } else { event };
        let stream: String = events.iter().map(line).collect();
        write(corpus, "sse", id, &[20], &stream)?;
        for caller in 0..4 {
            write(
                corpus,
                dialect,
                &format!("{id}-{caller}"),
                &[caller, 20],
                &stream,
            )?;
        }
    } else if !upstream["body"].is_null() {
        write(
            corpus,
            dialect,
            id,
            &[caller | 4, 20],
            &text(&upstream["body"]),
        )?;
    }
    if !case["call"].is_null() {
        write(corpus, "calls", id, &[caller, 0], &text(&case["call"]))?;
    }
    Ok(())
}

fn event(event: &Value) -> String {
    let data = || text(&event["data"]);
    match (event, event["event"].as_str()) {
        (Value::String(raw), _) => raw.clone(),
        (_, Some(name)) => format!("event: {name}\ndata: {}\n\n", data()),
        _ => format!("data: {}\n\n", data()),
    }
}

/// An event as a line, as the target for AWS event streams takes it.
fn frame(event: &Value) -> String {
    let (mark, name) = match event["exception"].as_str() {
        Some(name) => ("!", name),
        None => ("", event["event"].as_str().unwrap_or_default()),
    };
    format!("{mark}{name} {}\n", text(&event["data"]))
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

fn write(
    corpus: &Path,
    target: &str,
    id: &str,
    control: &[u8],
    text: &str,
) -> Result<(), Box<dyn Error>> {
    let folder = corpus.join(target);
    fs::create_dir_all(&folder)?;
    fs::write(folder.join(id), [control, text.as_bytes()].concat())?;
    Ok(())
}
