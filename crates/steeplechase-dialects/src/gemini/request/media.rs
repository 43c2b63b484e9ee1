use std::borrow::Cow;

use steeplechase_core::Error;

use super::native::{FileData, Part};
use crate::chat::data_url::DataUrl;
use crate::chat::notes::At;
use crate::chat::notes::{invalid, unsupported};
use crate::gemini::Host;

/// Where files are that were uploaded to AI Studio.
const FILES: &str = "https://generativelanguage.googleapis.com/v1beta/";

/// What is by what it is called.
const KINDS: [(&str, &str); 34] = [
    ("aac", "audio/aac"),
    ("aiff", "audio/aiff"),
    ("avi", "video/avi"),
    ("avif", "image/avif"),
    ("bmp", "image/bmp"),
    ("css", "text/css"),
    ("csv", "text/csv"),
    ("flac", "audio/flac"),
    ("flv", "video/x-flv"),
    ("gif", "image/gif"),
    ("heic", "image/heic"),
    ("heif", "image/heif"),
    ("htm", "text/html"),
    ("html", "text/html"),
    ("jpeg", "image/jpeg"),
    ("jpg", "image/jpeg"),
    ("json", "application/json"),
    ("m4a", "audio/m4a"),
    ("md", "text/markdown"),
    ("mkv", "video/x-matroska"),
    ("mov", "video/quicktime"),
    ("mp3", "audio/mp3"),
    ("mp4", "video/mp4"),
    ("mpeg", "video/mpeg"),
    ("mpg", "video/mpg"),
    ("ogg", "audio/ogg"),
    ("opus", "audio/opus"),
    ("pdf", "application/pdf"),
    ("png", "image/png"),
    ("txt", "text/plain"),
    ("wav", "audio/wav"),
    ("webm", "video/webm"),
    ("webp", "image/webp"),
    ("xml", "text/xml"),
];

/// What is at a URL, or in it. `format` is what the caller says that it is.
pub(super) fn source<'a>(
    url: &'a str,
    format: Option<&'a str>,
    host: Host,
    at: At,
) -> Result<Part<'a>, Error> {
    if has_scheme(url, "data:") {
        return inline(url, format, at);
    }
    let kind = || {
        format
            .map(kind)
            .or_else(|| kind_of_name(url).map(Cow::Borrowed))
    };
    if is_video_site(url) {
        return Ok(file(
            kind().or_else(|| host.wants_kinds().then_some("video/mp4".into())),
            url,
        ));
    }
    let is_web = has_scheme(url, "https://") || has_scheme(url, "http://");
    match host {
        Host::Studio if url.starts_with(FILES) => Ok(file(kind(), url)),
        Host::Studio if url.starts_with("files/") => Ok(file(kind(), format!("{FILES}{url}"))),
        Host::Studio if is_web || has_scheme(url, "gs://") => Err(unsupported(
            at,
            "the provider does not fetch URLs; send the bytes as a data URL",
        )),
        Host::Vertex if is_web || has_scheme(url, "gs://") => match kind() {
            Some(kind) => Ok(file(Some(kind), url)),
            None => Err(invalid(
                at,
                "must say what is at the URL, by its ending or by a `format` such as image/png",
            )),
        },
        _ => Err(invalid(at, "must have a URL, or a data URL in base64")),
    }
}

/// What is in a `data` URL.
fn inline<'a>(url: &'a str, format: Option<&'a str>, at: At) -> Result<Part<'a>, Error> {
    let Some(parsed) = DataUrl::parse(url) else {
        return Err(invalid(at, "must have a data URL in base64"));
    };
    let said = if parsed.media_type.is_empty() {
        format
    } else {
        Some(parsed.media_type.as_str())
    };
    let Some(said) = said else {
        return Err(invalid(at, "must have a data URL that says what is in it"));
    };
    let kind = kind(said).into_owned();
    Ok(Part::inline(kind, parsed.data))
}

fn file<'a>(mime_type: Option<Cow<'a, str>>, url: impl Into<Cow<'a, str>>) -> Part<'a> {
    Part {
        file_data: Some(FileData {
            mime_type,
            file_uri: url.into(),
        }),
        ..Part::default()
    }
}

/// A kind, by the name that the provider has for it.
pub(super) fn kind(said: &str) -> Cow<'_, str> {
    match said {
        "image/jpg" => "image/jpeg".into(),
        "audio/x-wav" | "audio/wave" => "audio/wav".into(),
        said => said.into(),
    }
}

/// The kind of what is called so, by its ending.
fn kind_of_name(url: &str) -> Option<&'static str> {
    let path = url.split(['?', '#']).next()?;
    let (_, name) = path.rsplit_once('/')?;
    let (_, ending) = name.rsplit_once('.')?;
    let ending = ending.to_ascii_lowercase();
    let place = KINDS.binary_search_by_key(&&*ending, |(known, _)| known);
    place.ok().map(|place| KINDS[place].1)
}

/// Whether it is a video that the provider fetches by itself.
fn is_video_site(url: &str) -> bool {
    const SITES: [&str; 4] = [
        "youtube.com",
        "www.youtube.com",
        "m.youtube.com",
        "youtu.be",
    ];
    let Some(rest) = url.strip_prefix("https://") else {
        return false;
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    SITES.iter().any(|site| host.eq_ignore_ascii_case(site))
}

fn has_scheme(url: &str, scheme: &str) -> bool {
    url.get(..scheme.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
}
