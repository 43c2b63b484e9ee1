//! Numbers as they are shown: 13 characters of Crockford's base 32, which has no letters that look like digits.

use http::HeaderValue;

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// How many characters it takes: 5 bits each.
const LENGTH: usize = 13;

/// A number, as it is shown.
fn digits(id: u64) -> [u8; LENGTH] {
    let mut text = [b'0'; LENGTH];
    let mut left = id;
    for place in text.iter_mut().rev() {
        *place = ALPHABET[(left % 32) as usize];
        left /= 32;
    }
    text
}

/// A number as the value of a header.
pub(super) fn header(id: u64) -> HeaderValue {
    HeaderValue::from_bytes(&digits(id)).expect("letters and digits are a value")
}

/// A number as a text.
pub(super) fn text(id: u64) -> String {
    digits(id).map(char::from).iter().collect()
}

/// Reads what [`text`] writes.
pub(super) fn parse(text: &str) -> Option<u64> {
    if text.len() != LENGTH {
        return None;
    }
    text.bytes().try_fold(0_u64, |number, byte| {
        let digit = ALPHABET.iter().position(|known| *known == byte)?;
        number.checked_mul(32)?.checked_add(digit as u64)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_written_is_read(id: u64) {
            prop_assert_eq!(parse(&text(id)), Some(id));
            let header = header(id);
            prop_assert_eq!(header.to_str().unwrap(), text(id));
        }

        #[test]
        fn nothing_else_is_read(other in "\\PC{0,20}") {
            if let Some(id) = parse(&other) {
                prop_assert_eq!(text(id), other);
            }
        }
    }

    #[test]
    fn the_largest_has_its_place_and_none_that_is_larger_is_read() {
        assert_eq!(text(u64::MAX), "fzzzzzzzzzzzz");
        assert_eq!(parse("g000000000000"), None);
        assert_eq!(text(0), "0000000000000");
    }
}
