/// A `data` URL in base64: `data:image/png;base64,iVBORw0…`.
pub(super) struct DataUrl<'a> {
    /// In lower case, without parameters.
    pub(super) media_type: String,
    /// The base64.
    pub(super) data: &'a str,
}

impl<'a> DataUrl<'a> {
    /// Takes one apart. `None` if it is none, or not in base64.
    pub(super) fn parse(url: &'a str) -> Option<Self> {
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
    pub(super) fn text(&self) -> Option<String> {
        String::from_utf8(decode(self.data)?).ok()
    }
}

/// Decodes base64, in either alphabet, padded or not.
fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 3);
    let mut bits = 0_u32;
    let mut count = 0;
    for byte in text.trim_end_matches('=').bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'\r' | b'\n' => continue,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xff).ok()?);
        }
    }
    // Six bits that are left are a character too many.
    (count < 6).then_some(bytes)
}
