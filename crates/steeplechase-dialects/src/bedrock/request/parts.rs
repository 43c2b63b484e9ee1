use serde_json::{Map, Value};
use steeplechase_core::Error;

use super::documents::Documents;
use super::native::{Block, Document, Guarded, Media, Source};
use crate::bedrock::Family;
use crate::chat::data_url::DataUrl;
use crate::chat::notes::At;
use crate::chat::notes::{invalid, unsupported};
use crate::chat::{FilePart, Part, PartKind};

/// What kind of bytes they are, and the provider's name for their format.
#[derive(Clone, Copy)]
enum Kind {
    Audio(&'static str),
    Document(&'static str),
    Image(&'static str),
    Video(&'static str),
}

/// Media types, file extensions, and what they are. The first of a media type or extension counts.
const KINDS: [(&str, &str, Kind); 34] = [
    ("image/png", "png", Kind::Image("png")),
    ("image/jpeg", "jpeg", Kind::Image("jpeg")),
    ("image/jpg", "jpg", Kind::Image("jpeg")),
    ("image/gif", "gif", Kind::Image("gif")),
    ("image/webp", "webp", Kind::Image("webp")),
    ("application/pdf", "pdf", Kind::Document("pdf")),
    ("text/csv", "csv", Kind::Document("csv")),
    ("application/msword", "doc", Kind::Document("doc")),
    (
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "docx",
        Kind::Document("docx"),
    ),
    ("application/vnd.ms-excel", "xls", Kind::Document("xls")),
    (
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "xlsx",
        Kind::Document("xlsx"),
    ),
    ("text/html", "html", Kind::Document("html")),
    ("text/html", "htm", Kind::Document("html")),
    ("text/markdown", "md", Kind::Document("md")),
    ("text/plain", "txt", Kind::Document("txt")),
    ("application/json", "json", Kind::Document("txt")),
    ("video/mp4", "mp4", Kind::Video("mp4")),
    ("video/quicktime", "mov", Kind::Video("mov")),
    ("video/x-matroska", "mkv", Kind::Video("mkv")),
    ("video/webm", "webm", Kind::Video("webm")),
    ("video/x-flv", "flv", Kind::Video("flv")),
    ("video/mpeg", "mpeg", Kind::Video("mpeg")),
    ("video/mpg", "mpg", Kind::Video("mpg")),
    ("video/x-ms-wmv", "wmv", Kind::Video("wmv")),
    ("video/3gpp", "3gp", Kind::Video("three_gp")),
    ("audio/mpeg", "mp3", Kind::Audio("mp3")),
    ("audio/mp3", "mp3", Kind::Audio("mp3")),
    ("audio/wav", "wav", Kind::Audio("wav")),
    ("audio/x-wav", "wav", Kind::Audio("wav")),
    ("audio/flac", "flac", Kind::Audio("flac")),
    ("audio/ogg", "ogg", Kind::Audio("ogg")),
    ("audio/opus", "opus", Kind::Audio("opus")),
    ("audio/aac", "aac", Kind::Audio("aac")),
    ("audio/mp4", "m4a", Kind::Audio("m4a")),
];

/// What is known of the parts of a conversation while they are written.
pub(super) struct Parts {
    family: Family,
    documents: Documents,
}

// ===== impl Parts =====

impl Parts {
    pub(super) fn new(family: Family) -> Self {
        Self {
            family,
            documents: Documents::default(),
        }
    }

    /// A part as a block. `None` if there is nothing in it.
    pub(super) fn block<'a>(&mut self, part: &'a Part, at: At) -> Result<Option<Block<'a>>, Error> {
        Ok(Some(match &part.kind {
            // The provider refuses white space.
            PartKind::Text(text) | PartKind::Refusal(text) if text.trim().is_empty() => {
                return Ok(None);
            }
            PartKind::Text(text) | PartKind::Refusal(text) => Block::text(text),
            PartKind::Image { url, .. } => self.at_url(url, None, at)?,
            PartKind::File(file) => self.file(file, at)?,
            PartKind::Audio { data, format } => {
                let kind = Kind::of_extension(format).filter(|kind| matches!(kind, Kind::Audio(_)));
                let kind = kind.ok_or_else(|| {
                    unsupported(at, format_args!("the provider does not take {format}"))
                })?;
                self.media(kind, Source::Bytes(data), None, at)?
            }
            PartKind::Other(fields) => self.other(fields, at)?,
        }))
    }

    /// A part of a kind that `OpenAI` does not have.
    fn other<'a>(&mut self, fields: &'a Map<String, Value>, at: At) -> Result<Block<'a>, Error> {
        let text = |name: &str| fields.get(name).and_then(Value::as_str);
        match text("type") {
            Some("guarded_text") => {
                let text = text("text").filter(|text| !text.trim().is_empty());
                let text = text.ok_or_else(|| invalid(format!("{at}.text"), "is required"))?;
                Ok(Block::GuardContent(Guarded::Text { text }))
            }
            Some("video_url") => {
                let nested = fields.get("video_url").and_then(|it| it.get("url"));
                let url = text("video_url").or_else(|| nested.and_then(Value::as_str));
                let url =
                    url.ok_or_else(|| invalid(format!("{at}.video_url"), "must have a URL"))?;
                self.at_url(url, None, at)
            }
            _ => Err(unsupported(
                at,
                "the provider takes text, images, documents, video and audio",
            )),
        }
    }

    fn file<'a>(&mut self, file: &'a FilePart, at: At) -> Result<Block<'a>, Error> {
        let name = file.name.as_deref();
        let places = [&file.data, &file.url, &file.id];
        let place = places.into_iter().find_map(Option::as_deref);
        match place {
            Some(url) if file.data.is_some() || file.url.is_some() || is_s3(url) => {
                self.at_url(url, name, at)
            }
            _ => Err(unsupported(
                format_args!("{at}.file.file_id"),
                "the file was uploaded to another provider; send its bytes as file_data",
            )),
        }
    }

    /// What is in a `data` URL, or in a bucket.
    fn at_url<'a>(&mut self, url: &'a str, name: Option<&str>, at: At) -> Result<Block<'a>, Error> {
        if is_s3(url) {
            let file = url.rsplit('/').next().unwrap_or_default();
            let kind = Kind::of_name(name.unwrap_or(file)).or_else(|| Kind::of_name(file));
            let kind = kind.ok_or_else(|| {
                unsupported(at, "the name of the object does not tell what it is")
            })?;
            return self.media(kind, Source::S3Location { uri: url }, name, at);
        }
        let Some(parsed) = DataUrl::parse(url) else {
            if url.contains("://") {
                return Err(unsupported(
                    at,
                    "the provider fetches nothing; send the bytes as a data URL in base64",
                ));
            }
            return Err(invalid(at, "must have a data URL in base64"));
        };
        let by_name = || name.and_then(Kind::of_name);
        let kind = Kind::of_media_type(&parsed.media_type).or_else(by_name);
        let kind = kind.ok_or_else(|| {
            let kind = &parsed.media_type;
            unsupported(at, format_args!("the provider does not take {kind}"))
        })?;
        self.media(kind, Source::Bytes(parsed.data), name, at)
    }

    fn media<'a>(
        &mut self,
        kind: Kind,
        source: Source<'a>,
        name: Option<&str>,
        at: At,
    ) -> Result<Block<'a>, Error> {
        Ok(match kind {
            Kind::Image(format) => Block::Image(Media { format, source }),
            Kind::Document(format) => {
                let (Source::Bytes(data) | Source::S3Location { uri: data }) = source;
                Block::Document(Document {
                    format,
                    name: self.documents.name(name, data),
                    source,
                })
            }
            Kind::Video(_) | Kind::Audio(_) if self.family == Family::Claude => {
                return Err(unsupported(at, "the model takes neither video nor audio"));
            }
            Kind::Video(format) => Block::Video(Media { format, source }),
            Kind::Audio(format) => Block::Audio(Media { format, source }),
        })
    }
}

// ===== impl Kind =====

impl Kind {
    fn of_media_type(kind: &str) -> Option<Self> {
        let known = KINDS.iter().find(|(known, _, _)| *known == kind);
        let known = known.map(|(_, _, kind)| *kind);
        known.or(kind.starts_with("text/").then_some(Self::Document("txt")))
    }

    fn of_extension(extension: &str) -> Option<Self> {
        let extension = extension.to_ascii_lowercase();
        let known = KINDS.iter().find(|(_, known, _)| *known == extension);
        known.map(|(_, _, kind)| *kind)
    }

    fn of_name(name: &str) -> Option<Self> {
        Self::of_extension(name.rsplit_once('.')?.1)
    }
}

fn is_s3(url: &str) -> bool {
    url.starts_with("s3://")
}
