use steeplechase_core::Error;

use super::native::{NativeAudio, NativeFile, NativeImage, NativePart};
use super::quirks::Quirks;
use crate::anthropic::caller::as_text;
use crate::chat::data_url::DataUrl;
use crate::chat::notes::{At, Notes, unsupported};
use crate::chat::{FilePart, Part, PartKind};

/// The parts of a message, without those that have nothing in them.
pub(super) fn parts<'a>(
    content: &'a [Part],
    message: usize,
    quirks: &Quirks,
    notes: &mut Notes,
) -> Result<Vec<NativePart<'a>>, Error> {
    let mut parts = Vec::with_capacity(content.len());
    for (part, said) in content.iter().enumerate() {
        let at = At { message, part };
        let Some(mut native) = one(said, at, quirks)? else {
            continue;
        };
        if let (Some(mark), Some(slot)) = (&said.cache, native.mark()) {
            if quirks.cache_marks {
                *slot = Some(&mark.0);
            } else {
                notes.note("cache_control");
            }
        }
        parts.push(native);
    }
    Ok(parts)
}

fn one<'a>(part: &'a Part, at: At, quirks: &Quirks) -> Result<Option<NativePart<'a>>, Error> {
    let native = match &part.kind {
        PartKind::Text(text) | PartKind::Refusal(text) if text.is_empty() => return Ok(None),
        PartKind::Text(text) | PartKind::Refusal(text) => NativePart::text(text),
        PartKind::Image { url, detail } => image(url, detail.as_deref()),
        PartKind::Audio { data, format } => NativePart::InputAudio {
            input_audio: NativeAudio { data, format },
        },
        PartKind::File(file) => self::file(file, at, quirks)?,
        PartKind::Other(block) => match as_text(block) {
            Some(text) => NativePart::text(text),
            None => return Err(unsupported(at, "the provider does not know such a part")),
        },
    };
    if quirks.text_only && !matches!(native, NativePart::Text { .. }) {
        return Err(unsupported(at, "the provider takes text only"));
    }
    Ok(Some(native))
}

fn image<'a>(url: &'a str, detail: Option<&'a str>) -> NativePart<'a> {
    // Only what is known: any other is an error there.
    let detail = detail.filter(|detail| matches!(*detail, "auto" | "low" | "high"));
    NativePart::ImageUrl {
        image_url: NativeImage { url, detail },
        cache_control: None,
    }
}

fn file<'a>(file: &'a FilePart, at: At, quirks: &Quirks) -> Result<NativePart<'a>, Error> {
    let name = file.name.as_deref();
    if let Some(data) = file.data.as_deref() {
        let parsed = DataUrl::parse(data);
        let kind = parsed.as_ref().map_or("", |url| url.media_type.as_str());
        if kind.starts_with("image/") {
            return Ok(image(data, None));
        }
        // Words are words. A model that takes no documents takes them too.
        if kind.starts_with("text/")
            && let Some(text) = parsed.as_ref().and_then(DataUrl::text)
        {
            return Ok(match name {
                Some(name) => NativePart::text(format!("{name}\n{text}")),
                None => NativePart::text(text),
            });
        }
        return Ok(NativePart::File {
            file: NativeFile {
                file_data: Some(data),
                filename: Some(name.unwrap_or("document.pdf")),
                ..NativeFile::default()
            },
        });
    }
    if file.url.is_some() {
        let field = format!("{at}.file.file_url");
        let why = "the provider fetches no documents; send its bytes";
        return Err(unsupported(field, why));
    }
    let file_id = file.id.as_deref().unwrap_or_default();
    // Those of others have other names, and are unknown here.
    if !quirks.is_openai || !file_id.starts_with("file-") {
        let field = format!("{at}.file.file_id");
        let why = "the file was uploaded to another provider; send its bytes";
        return Err(unsupported(field, why));
    }
    Ok(NativePart::File {
        file: NativeFile {
            file_id: Some(file_id),
            ..NativeFile::default()
        },
    })
}

/// The text of parts that are all text.
pub(super) fn joined(parts: Vec<NativePart<'_>>, between: &str) -> String {
    let texts = parts.into_iter().filter_map(|part| match part {
        NativePart::Text { text, .. } => Some(text),
        _ => None,
    });
    let texts: Vec<_> = texts.collect();
    texts.join(between)
}
