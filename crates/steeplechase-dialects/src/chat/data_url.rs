use base64::Engine;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::GeneralPurpose;
use base64::engine::GeneralPurposeConfig;

/// A `data` URL in base64: `data:image/png;base64,iVBORw0…`.
pub(crate) struct DataUrl<'a> {
    /// In lower case, without parameters.
    pub(crate) media_type: String,
    /// The base64.
    pub(crate) data: &'a str,
}

/// Takes what encoders are known to leave out or to leave in.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

impl<'a> DataUrl<'a> {
    /// Takes one apart. `None` if it is none, or not in base64.
    pub(crate) fn parse(url: &'a str) -> Option<Self> {
        let (scheme, rest) = url.split_at_checked(5)?;
        if !scheme.eq_ignore_ascii_case("data:") {
            return None;
        }
        let (kind, data) = rest.split_once(',')?;
        let mut words = kind.split(';').map(str::trim);
        let media_type = words.next()?.to_ascii_lowercase();
        if !words.any(|word| word.eq_ignore_ascii_case("base64")) {
            return None;
        }
        Some(Self {
            media_type,
            data: data.trim(),
        })
    }

    /// The data as text. `None` if it is no base64, or no UTF-8.
    pub(crate) fn text(&self) -> Option<String> {
        String::from_utf8(decode(self.data)?).ok()
    }
}

/// Decodes base64, in either alphabet, padded or not, in one line or in many.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    let is_break = |b: &u8| matches!(b, b'\r' | b'\n');
    let plain = text.bytes().filter(|b| !is_break(b)).map(|b| match b {
        b'-' => b'+',
        b'_' => b'/',
        b => b,
    });
    LENIENT.decode(plain.collect::<Vec<_>>()).ok()
}

/// Encodes bytes, in the standard alphabet and padded.
pub(crate) fn encode(bytes: &[u8]) -> String {
    LENIENT.encode(bytes)
}
