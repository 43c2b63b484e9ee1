use serde_json::Value;
use steeplechase_core::Error;

use crate::chat::notes::unsupported;
use crate::chat::parse::messages::cache;
use crate::chat::{FilePart, Part, PartKind};
use crate::fields::{Object, Path, kind, wrong};

/// What an item says: a string, or parts.
pub(super) fn content(value: Value, path: &Path<'_>) -> Result<Vec<Part>, Error> {
    match value {
        Value::String(text) => Ok(vec![Part::text(text)]),
        Value::Array(parts) => {
            let parts = parts.into_iter().enumerate();
            parts
                .map(|(index, value)| part(value, &Path::Index(path, index)))
                .collect()
        }
        other => {
            let found = kind(&other);
            let wanted = format_args!("must be a string or an array, not {found}");
            Err(wrong(path, wanted))
        }
    }
}

/// What a tool gives back: the same, and whatever JSON somebody has forgotten to encode.
pub(super) fn output(value: Value, path: &Path<'_>) -> Result<Vec<Part>, Error> {
    let is_parts = |items: &[Value]| {
        let mut items = items.iter();
        items.all(|item| item.get("type").is_some_and(Value::is_string))
    };
    match value {
        Value::Array(items) if is_parts(&items) => content(Value::Array(items), path),
        Value::String(_) => content(value, path),
        other => Ok(vec![Part::text(other.to_string())]),
    }
}

fn part(value: Value, path: &Path<'_>) -> Result<Part, Error> {
    if let Value::String(text) = value {
        return Ok(Part::text(text));
    }
    let mut fields = Object::new(value, path)?;
    let mark = cache(&mut fields)?;
    let kind = match fields.required_string("type")?.as_str() {
        "input_text" | "output_text" | "text" => {
            PartKind::Text(fields.string("text")?.unwrap_or_default())
        }
        "refusal" => PartKind::Refusal(fields.string("refusal")?.unwrap_or_default()),
        "input_image" | "image_url" => image(&mut fields)?,
        "input_file" => file(&mut fields)?,
        "input_audio" => audio(&mut fields)?,
        _ => {
            let wanted = "must be input_text, input_image, input_file, input_audio, output_text or \
                          refusal";
            return Err(wrong(&fields.at("type"), wanted));
        }
    };
    Ok(Part {
        cache: mark,
        ..Part::new(kind)
    })
}

fn image(fields: &mut Object<'_>) -> Result<PartKind, Error> {
    let detail = fields.string("detail")?;
    let Some(value) = fields.take("image_url") else {
        if fields.has("file_id") {
            let why = "this model's provider does not have the file; send the image as `image_url`";
            return Err(unsupported(fields.at("file_id"), why));
        }
        return Err(wrong(&fields.at("image_url"), "is required"));
    };
    let path = fields.at("image_url");
    let (url, detail) = match value {
        // As a chat has it.
        Value::Object(_) => {
            let mut image = Object::new(value, &path)?;
            let inner = image.string("detail")?;
            (image.required_string("url")?, inner.or(detail))
        }
        value => (crate::fields::string(value, &path)?, detail),
    };
    Ok(PartKind::Image { url, detail })
}

fn file(fields: &mut Object<'_>) -> Result<PartKind, Error> {
    let name = fields.string("filename")?;
    let data = fields.string("file_data")?;
    let file = FilePart {
        id: fields.string("file_id")?,
        data: data.map(|data| data_url(data, name.as_deref())),
        url: fields.string("file_url")?,
        name,
        ..FilePart::default()
    };
    if file.id.is_none() && file.data.is_none() && file.url.is_none() {
        let wanted = "is required, or file_url or file_id";
        return Err(wrong(&fields.at("file_data"), wanted));
    }
    Ok(PartKind::File(file))
}

/// The data of a file as a URL. Some send the base64 as it is.
fn data_url(data: String, name: Option<&str>) -> String {
    const KNOWN: [(&str, &str); 9] = [
        ("csv", "text/csv"),
        ("html", "text/html"),
        ("jpeg", "image/jpeg"),
        ("jpg", "image/jpeg"),
        ("json", "application/json"),
        ("md", "text/markdown"),
        ("png", "image/png"),
        ("txt", "text/plain"),
        ("xml", "text/xml"),
    ];
    if data
        .get(..5)
        .is_some_and(|start| start.eq_ignore_ascii_case("data:"))
    {
        return data;
    }
    let end = name
        .and_then(|name| name.rsplit_once('.'))
        .map(|(_, end)| end);
    let known = KNOWN
        .iter()
        .find(|(known, _)| end.is_some_and(|end| end.eq_ignore_ascii_case(known)));
    let kind = known.map_or("application/pdf", |(_, kind)| kind);
    format!("data:{kind};base64,{data}")
}

fn audio(fields: &mut Object<'_>) -> Result<PartKind, Error> {
    let value = fields.required("input_audio")?;
    let path = fields.at("input_audio");
    let mut audio = Object::new(value, &path)?;
    Ok(PartKind::Audio {
        data: audio.required_string("data")?,
        format: audio.required_string("format")?,
    })
}
