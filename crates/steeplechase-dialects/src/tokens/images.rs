//! How many tokens a picture has, by its size.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use steeplechase_core::Tally;

use super::{Count, Family};
use crate::chat::data_url::DataUrl;

/// How a model's pictures are counted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Images {
    /// A token for so many pixels, of a picture that was made to fit: Anthropic.
    Area,
    /// A token for each patch of 32 by 32, of which there are at most 1536, by so many hundredths: OpenAI's
    /// small models.
    Patches(u32),
    /// So many for each square of 768: Google.
    Squares,
    /// So many for the whole, and so many for each square of 512, of a picture that was made to fit: OpenAI.
    Tiles(u32, u32),
}

/// The width and the height of a picture, in pixels.
type Size = (u32, u32);

/// What is taken for the size of a picture that is somewhere else.
const USUAL: Size = (1024, 1024);

/// The bytes at the start of a picture that are looked at for its size.
const HEAD: usize = 64 * 1024;

/// Models, the longest names first, and how their pictures are counted.
const MODELS: [(&str, Images); 10] = [
    ("gpt-4o-mini", Images::Tiles(2833, 5667)),
    ("gpt-4.1-mini", Images::Patches(162)),
    ("gpt-4.1-nano", Images::Patches(246)),
    ("gpt-5-mini", Images::Patches(162)),
    ("gpt-5-nano", Images::Patches(246)),
    ("o4-mini", Images::Patches(172)),
    ("computer-use", Images::Tiles(65, 129)),
    ("gpt-5", Images::Tiles(70, 140)),
    ("o1", Images::Tiles(75, 150)),
    ("o3", Images::Tiles(75, 150)),
];

// ===== impl Images =====

impl Images {
    /// How the pictures of a model are counted.
    pub(super) fn of(family: Family, model: &str) -> Self {
        match family {
            Family::Cl100k | Family::O200k => {
                let model = model.to_ascii_lowercase();
                let named = MODELS.iter().find(|(name, _)| model.contains(name));
                named.map_or(Self::Tiles(85, 170), |(_, images)| *images)
            }
            Family::Gemini => Self::Squares,
            _ => Self::Area,
        }
    }

    /// How many tokens a picture has. `url` is where it is, or a `data` URL of itself.
    pub(super) fn count(self, url: &str, detail: Option<&str>) -> Count {
        let size = size(url);
        let (width, height) = size.unwrap_or(USUAL);
        let tokens = match self {
            Self::Tiles(base, _) if detail == Some("low") => return Count::exact(base.into()),
            Self::Tiles(base, tile) => tiles(base, tile, width, height),
            Self::Patches(hundredths) => patches(hundredths, width, height),
            Self::Squares => {
                let is_small = width <= 384 && height <= 384;
                let squares = u64::from(width.div_ceil(768)) * u64::from(height.div_ceil(768));
                258 * if is_small { 1 } else { squares }
            }
            Self::Area => {
                let (width, height) = shrink((width, height), 1568);
                (u64::from(width) * u64::from(height))
                    .div_ceil(750)
                    .min(1600)
            }
        };
        let is_documented = matches!(self, Self::Patches(_) | Self::Tiles(..));
        if is_documented && size.is_some() {
            return Count::exact(tokens);
        }
        Count::estimated(Tally::from_tokens(tokens))
    }
}

fn tiles(base: u32, tile: u32, width: u32, height: u32) -> u64 {
    let (width, height) = shrink((width, height), 2048);
    let shorter = width.min(height);
    let (width, height) = if shorter > 768 {
        (scale(width, 768, shorter), scale(height, 768, shorter))
    } else {
        (width, height)
    };
    let tiles = u64::from(width.div_ceil(512)) * u64::from(height.div_ceil(512));
    u64::from(base) + u64::from(tile) * tiles
}

fn patches(hundredths: u32, width: u32, height: u32) -> u64 {
    const MOST: u64 = 1536;
    let whole = u64::from(width.div_ceil(32)) * u64::from(height.div_ceil(32));
    let patches = if whole <= MOST {
        whole
    } else {
        shrunk_patches(f64::from(width), f64::from(height)).min(MOST)
    };
    (patches * u64::from(hundredths)).div_ceil(100)
}

/// The patches of a picture that is made small enough for 1536, and smaller still until one side is whole.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "they are small and not negative"
)]
fn shrunk_patches(width: f64, height: f64) -> u64 {
    let shrink = (1536.0 * 32.0 * 32.0 / (width * height)).sqrt();
    let (across, down) = (width * shrink / 32.0, height * shrink / 32.0);
    let whole = (across.floor() / across).min(down.floor() / down);
    let count = |patches: f64| (patches * whole).ceil().max(1.0) as u64;
    count(across) * count(down)
}

/// A size that fits into a square, in the same proportions.
fn shrink((width, height): Size, side: u32) -> Size {
    let longer = width.max(height);
    if longer <= side {
        return (width, height);
    }
    (scale(width, side, longer), scale(height, side, longer))
}

/// `length * to / of`, and at least one.
fn scale(length: u32, to: u32, of: u32) -> u32 {
    let scaled = u64::from(length) * u64::from(to) / u64::from(of.max(1));
    u32::try_from(scaled).unwrap_or(u32::MAX).max(1)
}

/// The size of a picture, as far as its first bytes say it.
fn size(url: &str) -> Option<Size> {
    let DataUrl { data, .. } = DataUrl::parse(url)?;
    let head = data.as_bytes();
    let head = &head[..head.len().min(HEAD) / 4 * 4];
    let head = head.trim_ascii_end();
    let padding = head.iter().rev().take_while(|b| **b == b'=').count();
    let bytes = STANDARD_NO_PAD.decode(&head[..head.len() - padding]).ok()?;
    let (width, height) = png(&bytes)
        .or_else(|| gif(&bytes))
        .or_else(|| webp(&bytes))
        .or_else(|| jpeg(&bytes))?;
    (width > 0 && height > 0).then_some((width, height))
}

fn png(bytes: &[u8]) -> Option<Size> {
    let rest = bytes.strip_prefix(b"\x89PNG\r\n\x1a\n")?;
    let side = |at: usize| Some(u32::from_be_bytes(rest.get(at..at + 4)?.try_into().ok()?));
    Some((side(8)?, side(12)?))
}

fn gif(bytes: &[u8]) -> Option<Size> {
    let rest = bytes.strip_prefix(b"GIF8")?;
    let side = |at: usize| {
        Some(u32::from(u16::from_le_bytes([
            *rest.get(at)?,
            *rest.get(at + 1)?,
        ])))
    };
    Some((side(2)?, side(4)?))
}

fn webp(bytes: &[u8]) -> Option<Size> {
    if !bytes.starts_with(b"RIFF") || bytes.get(8..12)? != b"WEBP" {
        return None;
    }
    let at = |at: usize| bytes.get(at).copied().map(u32::from);
    let le = |from: usize| Some(at(from)? | at(from + 1)? << 8);
    match bytes.get(12..16)? {
        b"VP8 " => Some((le(26)? & 0x3fff, le(28)? & 0x3fff)),
        b"VP8L" => {
            let bits = le(21)? | le(23)? << 16;
            Some(((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1))
        }
        b"VP8X" => Some((1 + (le(24)? | at(26)? << 16), 1 + (le(27)? | at(29)? << 16))),
        _ => None,
    }
}

/// The segment of a JPEG in which its size is.
fn jpeg(bytes: &[u8]) -> Option<Size> {
    let mut rest = bytes.strip_prefix(b"\xff\xd8")?;
    loop {
        let [0xff, marker, high, low, ..] = *rest else {
            return None;
        };
        let len = usize::from(u16::from_be_bytes([high, low]));
        let is_frame = matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc);
        if is_frame {
            let side = |at: usize| {
                let side = u16::from_be_bytes([*rest.get(at)?, *rest.get(at + 1)?]);
                Some(u32::from(side))
            };
            return Some((side(7)?, side(5)?));
        }
        rest = rest.get(2 + len.max(2)..)?;
    }
}
