use std::borrow::Cow;

use steeplechase_core::Error;

use super::native::Block;
use super::native::Source;
use crate::chat::FilePart;
use crate::chat::Part;
use crate::chat::PartKind;
use crate::chat::data_url::DataUrl;
use crate::chat::notes::At;
use crate::chat::notes::invalid;
use crate::chat::notes::unsupported;
use crate::json::Fields;

/// The beta for files that were uploaded before.
const FILES_BETA: &str = "files-api-2025-04-14";

/// A part as a block. `None` if there is nothing in it.
pub(super) fn block<'a>(
    part: &'a Part,
    at: At,
    betas: &mut Vec<&'static str>,
) -> Result<Option<Block<'a>>, Error> {
    let mut block = match &part.kind {
        // The provider refuses white space.
        PartKind::Text(text) | PartKind::Refusal(text) if text.trim().is_empty() => {
            return Ok(None);
        }
        PartKind::Text(text) | PartKind::Refusal(text) => Block::text(text),
        PartKind::Image { url, .. } => image(url, at)?,
        PartKind::File(file) => self::file(file, at, betas)?,
        PartKind::Audio { .. } => return Err(unsupported(at, "the model does not take audio")),
        PartKind::Other(fields) => own(fields, betas)
            .ok_or_else(|| unsupported(at, "the provider takes text, images and documents"))?,
    };
    match &mut block {
        Block::Document {
            context, citations, ..
        } => {
            *context = part.extra.get("context");
            *citations = part.extra.get("citations");
        }
        Block::Text { citations, .. } => *citations = part.extra.get("citations"),
        _ => {}
    }
    if let Some(mark) = block.mark() {
        *mark = part.cache.as_ref().map(|mark| &mark.0);
    }
    Ok(Some(block))
}

/// A block that is in Anthropic's own words. `None` if it is in somebody else's.
fn own<'a>(fields: &'a Fields, betas: &mut Vec<&'static str>) -> Option<Block<'a>> {
    let kind = fields.get("type")?.as_str()?;
    match kind {
        "image" | "container_upload" => betas.push(FILES_BETA),
        "compaction" | "mcp_tool_use" | "search_result" | "server_tool_use" | "tool_reference" => {}
        kind if kind.ends_with("_tool_result") => {}
        _ => return None,
    }
    Some(Block::Other {
        fields,
        cache_control: None,
    })
}

fn image(url: &str, at: At) -> Result<Block<'_>, Error> {
    if is_https(url) {
        return Ok(Block::Image {
            source: Source::Url { url },
            cache_control: None,
        });
    }
    let Some(parsed) = DataUrl::parse(url) else {
        return Err(invalid(
            at,
            "must have an https URL, or a data URL in base64",
        ));
    };
    inline(&parsed, None, at)
}

/// A picture or a document whose bytes are here.
fn inline<'a>(url: &DataUrl<'a>, title: Option<&'a str>, at: At) -> Result<Block<'a>, Error> {
    let media_type = match url.media_type.as_str() {
        "image/jpeg" | "image/jpg" => "image/jpeg",
        "image/png" => "image/png",
        "image/gif" => "image/gif",
        "image/webp" => "image/webp",
        "application/pdf" => {
            return Ok(Block::Document {
                source: Source::Base64 {
                    media_type: Cow::Borrowed("application/pdf"),
                    data: url.data,
                },
                title,
                context: None,
                citations: None,
                cache_control: None,
            });
        }
        kind if kind.starts_with("text/") || kind == "application/json" => {
            let Some(data) = url.text() else {
                return Err(invalid(at, "must have UTF-8 text in base64"));
            };
            return Ok(Block::Document {
                source: Source::Text {
                    media_type: "text/plain",
                    data,
                },
                title,
                context: None,
                citations: None,
                cache_control: None,
            });
        }
        kind => {
            return Err(unsupported(
                at,
                format_args!(
                    "the provider takes jpeg, png, gif, webp, pdf and plain text, not {kind}"
                ),
            ));
        }
    };
    Ok(Block::Image {
        source: Source::Base64 {
            media_type: Cow::Borrowed(media_type),
            data: url.data,
        },
        cache_control: None,
    })
}

fn file<'a>(file: &'a FilePart, at: At, betas: &mut Vec<&'static str>) -> Result<Block<'a>, Error> {
    let title = file.name.as_deref();
    let source = if let Some(data) = file.data.as_deref() {
        if !is_https(data) {
            let Some(parsed) = DataUrl::parse(data) else {
                let field = format!("{at}.file.file_data");
                return Err(invalid(field, "must be a data URL in base64"));
            };
            return inline(&parsed, title, at);
        }
        Source::Url { url: data }
    } else if let Some(url) = file.url.as_deref() {
        if !is_https(url) {
            return Err(invalid(
                format!("{at}.file.file_url"),
                "must be an https URL",
            ));
        }
        Source::Url { url }
    } else {
        let file_id = file.id.as_deref().unwrap_or_default();
        // Those of OpenAI begin with `file-`, and are unknown here.
        if !file_id.starts_with("file_") {
            return Err(unsupported(
                format_args!("{at}.file.file_id"),
                "the file was uploaded to another provider; send its bytes as file_data",
            ));
        }
        betas.push(FILES_BETA);
        Source::File { file_id }
    };
    Ok(Block::Document {
        source,
        title,
        context: None,
        citations: None,
        cache_control: None,
    })
}

fn is_https(url: &str) -> bool {
    url.get(..8)
        .is_some_and(|scheme| scheme.eq_ignore_ascii_case("https://"))
}
