//! The parts of a message, and the marks on them.

use serde_json::Value;
use serde_json::json;
use steeplechase_core::Class;

use super::SONNET_45;
use super::dropped;
use super::turns::called;
use super::turns::text;
use super::turns::turns;
use super::write;

/// What becomes of a part: its block, and the betas that it takes; or the field that is wrong.
fn part(part: Value) -> Result<(Value, Vec<&'static str>), (String, Class)> {
    let call = json!({"messages": [{"role": "user", "content": [part]}]});
    let written = write(SONNET_45, &call).map_err(|error| {
        assert_eq!(error.status(), 400);
        (error.param().unwrap().to_owned(), error.class())
    })?;
    let body: Value = serde_json::from_slice(&written.body).unwrap();
    Ok((body["messages"][0]["content"][0].clone(), written.betas))
}

fn image(url: &str) -> Result<(Value, Vec<&'static str>), (String, Class)> {
    // How closely to look cannot be said, so it does not matter what is there.
    part(json!({"type": "image_url", "image_url": {"url": url, "detail": "microscopic"}}))
}

fn file(fields: Value) -> Result<(Value, Vec<&'static str>), (String, Class)> {
    part(json!({"type": "file", "file": fields}))
}

fn base64(kind: &str, media_type: &str, data: &str) -> Value {
    json!({"type": kind, "source": {"type": "base64", "media_type": media_type, "data": data}})
}

#[test]
fn pictures_go_by_what_they_are() {
    for (url, wanted) in [
        (
            "data:image/gif;name=x;base64,R0lG",
            base64("image", "image/gif", "R0lG"),
        ),
        (
            "DATA:image/JPG;base64,/9j/",
            base64("image", "image/jpeg", "/9j/"),
        ),
        (
            "data:application/pdf;base64,JVBE",
            base64("document", "application/pdf", "JVBE"),
        ),
        (
            "https://pics.test/p.webp",
            json!({"type": "image", "source": {"type": "url", "url": "https://pics.test/p.webp"}}),
        ),
    ] {
        assert_eq!(image(url).unwrap().0, wanted, "{url}");
    }
    let bare = json!({"type": "image_url", "image_url": "data:image/png;base64,iVBO"});
    assert_eq!(part(bare).unwrap().0, base64("image", "image/png", "iVBO"));
}

#[test]
fn documents_go_by_what_they_are() {
    let named = file(json!({"file_data": "data:application/pdf;base64,JVBE", "filename": "a.pdf"}));
    assert_eq!(named.unwrap().0["title"], "a.pdf");
    let theirs = file(json!({"file_id": "file_011C"})).unwrap();
    assert_eq!(
        theirs.0["source"],
        json!({"type": "file", "file_id": "file_011C"})
    );
    assert_eq!(theirs.1, ["files-api-2025-04-14"]);
    let url = file(json!({"file_data": "https://docs.test/d.pdf"})).unwrap();
    assert_eq!(
        url.0["source"],
        json!({"type": "url", "url": "https://docs.test/d.pdf"})
    );
}

#[test]
fn text_comes_out_of_its_base64_however_it_was_put_there() {
    let text = |data: &str| {
        let url = format!("data:text/plain;base64,{data}");
        file(json!({"file_data": url})).map(|(block, _)| block)
    };
    let block = |text: &str| {
        let source = json!({"type": "text", "media_type": "text/plain", "data": text});
        json!({"type": "document", "source": source})
    };
    for (data, wanted) in [
        ("SGVqIMOl", "Hej å"),
        ("SGVq\r\nIMOl\n", "Hej å"),
        // The other alphabet, and no padding.
        ("w78_", "ÿ?"),
        ("w78/", "ÿ?"),
        ("YQ==", "a"),
        ("YQ", "a"),
        ("YR==", "a"),
        ("", ""),
    ] {
        assert_eq!(text(data).unwrap(), block(wanted), "{data}");
    }
    for data in ["?", "Y", "YQ===Y", "/9j/", "SG Vq"] {
        let at = "messages[0].content[0]".to_owned();
        assert_eq!(
            text(data).unwrap_err(),
            (at, Class::InvalidRequest),
            "{data}"
        );
    }
}

#[test]
fn what_the_provider_cannot_see_is_refused_by_name() {
    let at = "messages[0].content[0]";
    for (result, param, class) in [
        (image("http://pics.test/p.png"), at, Class::InvalidRequest),
        (image("data:image/png,raw"), at, Class::InvalidRequest),
        (image("data:image/bmp;base64,Qk0="), at, Class::Unsupported),
        (
            image("data:image/svg+xml;base64,PHN2"),
            at,
            Class::Unsupported,
        ),
        (image("data:image/tiff;base64,SUkq"), at, Class::Unsupported),
        (
            file(json!({"file_data": "JVBE"})),
            "messages[0].content[0].file.file_data",
            Class::InvalidRequest,
        ),
        (
            file(json!({"file_id": "file-9"})),
            "messages[0].content[0].file.file_id",
            Class::Unsupported,
        ),
        (
            part(json!({"type": "input_audio", "input_audio": {"data": "AA", "format": "mp3"}})),
            at,
            Class::Unsupported,
        ),
        (part(json!({"type": "smell"})), at, Class::Unsupported),
    ] {
        assert_eq!(result.unwrap_err(), (param.to_owned(), class));
    }
}

#[test]
fn the_result_of_a_tool_may_be_a_document() {
    let pdf = json!({"type": "file", "file": {"file_data": "data:application/pdf;base64,JVBE"}});
    let turns = turns(
        SONNET_45,
        json!([
            {"role": "user", "content": "a"},
            {"role": "assistant", "tool_calls": [called("c1")]},
            {"role": "tool", "tool_call_id": "c1", "content": [{"type": "text", "text": "read this"}, pdf]},
        ]),
    );
    let wanted = json!([{"type": "tool_result", "tool_use_id": "c1", "content": [
        text("read this"), base64("document", "application/pdf", "JVBE")]}]);
    assert_eq!(turns[2]["content"], wanted);
}

#[test]
fn only_the_last_four_cache_marks_stay() {
    let mark = json!({"type": "ephemeral"});
    let call = json!({
        "tools": [{"type": "function", "function": {"name": "look"}, "cache_control": mark}],
        "messages": [
            {"role": "system", "content": "s", "cache_control": mark},
            {"role": "user", "content": "a"},
            {"role": "assistant", "content": "b", "cache_control": mark, "tool_calls": [called("c1")]},
            {"role": "tool", "tool_call_id": "c1", "content": "r", "cache_control": mark},
            {"role": "user", "content": [
                {"type": "text", "text": "", "cache_control": mark},
                {"type": "text", "text": "d", "prompt_cache_breakpoint": {"mode": "explicit"}}]},
        ],
    });
    let written = write(SONNET_45, &call).unwrap();
    assert_eq!(dropped(&written), ["cache_control"]);
    let body: Value = serde_json::from_slice(&written.body).unwrap();
    assert_eq!(body["tools"][0].get("cache_control"), None);
    let messages = &body["messages"];
    assert_eq!(body["system"][0]["cache_control"], mark);
    assert_eq!(
        messages[1]["content"][0].get("cache_control"),
        None,
        "it is on the last block"
    );
    assert_eq!(messages[1]["content"][1]["cache_control"], mark);
    assert_eq!(messages[2]["content"][0]["cache_control"], mark);
    assert_eq!(messages[2]["content"][1]["cache_control"], mark);
}
