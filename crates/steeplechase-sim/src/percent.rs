//! Names in paths.

use std::fmt::Write as _;

/// A name without its percent-encoding. What is not encoded properly stays as it is.
pub(crate) fn decode(name: &str) -> String {
    let bytes = name.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let code = name.get(at + 1..at + 3);
        let code = code.filter(|code| code.bytes().all(|b| b.is_ascii_hexdigit()));
        let code = code.and_then(|code| u8::from_str_radix(code, 16).ok());
        match code {
            Some(byte) if bytes[at] == b'%' => {
                decoded.push(byte);
                at += 3;
            }
            _ => {
                decoded.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

/// Encodes all but what never needs it, and slashes.
pub(crate) fn encode_path(path: &str) -> String {
    let mut encoded = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~/".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a text cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_decoded_as_far_as_they_are_encoded() {
        for (name, decoded) in [
            ("a.b-v1%3A0", "a.b-v1:0"),
            ("a%2fb%40c", "a/b@c"),
            ("100%", "100%"),
            ("%zz%4", "%zz%4"),
            ("%+1", "%+1"),
            ("%C3%A6", "æ"),
            ("%C3", "\u{FFFD}"),
            ("æ%", "æ%"),
        ] {
            assert_eq!(decode(name), decoded, "{name}");
        }
        assert_eq!(encode_path("/model/a%3A0/x y"), "/model/a%253A0/x%20y");
    }
}
