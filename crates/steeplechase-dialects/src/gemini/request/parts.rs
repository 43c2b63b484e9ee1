use serde_json::Value;
use steeplechase_core::Error;

use super::media;
use super::native::{Level, Part};
use crate::chat::notes::{At, invalid, unsupported};
use crate::chat::{self, FilePart, PartKind};
use crate::gemini::{Host, Resolution};

/// Writes the parts of messages, and notes how closely pictures are to be looked at.
pub(super) struct Parts {
    pub(super) host: Host,
    pub(super) resolution: Resolution,
    /// The most that was asked for, where it is said once for all pictures: its place in [`LEVELS`].
    most: Option<usize>,
}

/// How closely to look, in the callers' words and in the provider's.
const LEVELS: [(&str, &str); 4] = [
    ("low", "MEDIA_RESOLUTION_LOW"),
    ("medium", "MEDIA_RESOLUTION_MEDIUM"),
    ("high", "MEDIA_RESOLUTION_HIGH"),
    ("ultra_high", "MEDIA_RESOLUTION_ULTRA_HIGH"),
];

/// The last that can be said of all pictures at once.
const MOST_OF_ALL: usize = 2;

// ===== impl Parts =====

impl Parts {
    pub(super) const fn new(host: Host, resolution: Resolution) -> Self {
        Self {
            host,
            resolution,
            most: None,
        }
    }

    /// How closely to look at all pictures.
    pub(super) fn of_all(&self) -> Option<&'static str> {
        self.most.map(|most| LEVELS[most.min(MOST_OF_ALL)].1)
    }

    /// A part as the provider has it. `None` if there is nothing in it.
    pub(super) fn part<'a>(
        &mut self,
        part: &'a chat::Part,
        at: At,
    ) -> Result<Option<Part<'a>>, Error> {
        Ok(Some(match &part.kind {
            PartKind::Text(text) | PartKind::Refusal(text) if text.is_empty() => return Ok(None),
            PartKind::Text(text) | PartKind::Refusal(text) => Part::text(text.as_str()),
            PartKind::Image { url, detail } => {
                let mut part = media::source(url, None, self.host, at)?;
                part.media_resolution = self.detail(detail.as_deref());
                part
            }
            PartKind::Audio { data, format } => {
                let kind = format!("audio/{format}");
                Part::inline(media::kind(&kind).into_owned(), data.as_str())
            }
            PartKind::File(file) => self.file(file, at)?,
            PartKind::Other(fields) => {
                let video = fields
                    .get("video_url")
                    .map(|it| (it.get("url").unwrap_or(it), it));
                let Some((Value::String(url), video)) = video else {
                    let why = "the provider takes text, images, sound, video and documents";
                    return Err(unsupported(at, why));
                };
                let format = video.get("format").and_then(Value::as_str);
                media::source(url, format, self.host, at)?
            }
        }))
    }

    fn file<'a>(&self, file: &'a FilePart, at: At) -> Result<Part<'a>, Error> {
        let format = file.format.as_deref();
        let url = file.data.as_deref().or(file.url.as_deref());
        let url = url.or(file.id.as_deref()).unwrap_or_default();
        if url.starts_with("file-") || url.starts_with("file_") {
            return Err(unsupported(
                format_args!("{at}.file.file_id"),
                "the file was uploaded to another provider; send its bytes as file_data",
            ));
        }
        if url.is_empty() {
            return Err(invalid(at, "must have file_data or a file_id"));
        }
        media::source(url, format, self.host, at)
    }

    /// How closely to look at one picture, if that is said with it.
    fn detail(&mut self, detail: Option<&str>) -> Option<Level> {
        let place = LEVELS.iter().position(|(name, _)| Some(*name) == detail)?;
        match self.resolution {
            Resolution::None => None,
            Resolution::All => {
                self.most = self.most.max(Some(place));
                None
            }
            Resolution::Each => Some(Level {
                level: LEVELS[place].1,
            }),
        }
    }
}
