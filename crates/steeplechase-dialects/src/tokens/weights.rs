//! What characters weigh, in thousandths of a token.

use memchr::memchr;
use steeplechase_core::Tally;

use crate::json::is_filled;

/// What each byte of a text weighs, by the kind of character that it begins. Bytes that begin none weigh
/// nothing, so a text can be cut anywhere.
#[derive(Debug)]
pub(crate) struct Weights([i16; 256]);

/// The weights of the kinds of characters, in the order of [`kind`].
type Kinds = [i16; 17];

//                                        a    A     0    ␠   \n   {;     é    я    ع    क    ế    “    か   中    한   ，   🙂
pub(super) static O200K: Weights = Weights::of([
    215, 330, 800, 60, 550, 580, 1400, 310, 380, 380, 400, 950, 700, 950, 800, 600, 2700,
]);
pub(super) static CL100K: Weights = Weights::of([
    232, 310, 800, 70, 550, 490, 2200, 620, 950, 1250, 1950, 1200, 900, 1400, 1400, 800, 3000,
]);
pub(super) static LLAMA: Weights = Weights::of([
    238, 310, 800, 70, 500, 490, 1600, 370, 550, 850, 1950, 1100, 550, 1000, 830, 700, 3100,
]);
pub(super) static MISTRAL: Weights = Weights::of([
    228, 430, 1250, 60, 550, 590, 1600, 330, 400, 440, 550, 1050, 600, 1080, 720, 650, 3600,
]);
pub(super) static CLAUDE: Weights = Weights::of([
    252, 460, 780, 50, 500, 640, 2500, 700, 1200, 1700, 1200, 1350, 950, 1350, 1550, 850, 3400,
]);
pub(super) static GEMINI: Weights = Weights::of([
    215, 410, 1250, 70, 650, 770, 1300, 310, 390, 300, 430, 900, 480, 850, 730, 550, 2300,
]);
pub(super) static OTHER: Weights = Weights::of([
    235, 360, 1000, 70, 500, 560, 1900, 450, 600, 900, 1300, 1100, 650, 1000, 950, 700, 3100,
]);

/// Those of [`O200K`], for the JSON of a conversation: a model is not shown its quotes and names of fields, which
/// make up for each other. A backslash stands for half of what it escapes.
pub(super) static JSON: Weights = Weights::of([
    215, 330, 800, 60, 550, 580, 1400, 310, 380, 380, 400, 950, 700, 950, 800, 600, 2700,
])
.with(b'"', -300)
.with(b'\\', 800);

/// The kind of the character that a byte begins. `None` if it begins none.
const fn kind(byte: u8) -> Option<usize> {
    Some(match byte {
        b'a'..=b'z' => 0,
        b'A'..=b'Z' => 1,
        b'0'..=b'9' => 2,
        b' ' => 3,
        // Breaks of lines, and what cannot be seen.
        0..=0x1f | 0x7f => 4,
        0x21..=0x7e => 5,
        // Inside of a character.
        0x80..=0xbf => return None,
        // Latin letters with marks.
        0xc0..=0xca => 6,
        // Greek, Cyrillic, Armenian.
        0xcb..=0xd5 => 7,
        // Hebrew, Arabic.
        0xd6..=0xdf => 8,
        // The languages of India, Thai.
        0xe0 => 9,
        // Vietnamese, Georgian, Khmer.
        0xe1 => 10,
        // Quotes, dashes and signs.
        0xe2 => 11,
        // Kana.
        0xe3 => 12,
        // Chinese.
        0xe4..=0xe9 => 13,
        // Korean.
        0xea..=0xed => 14,
        // Wide forms of signs.
        0xee..=0xef => 15,
        // Emoji.
        0xf0..=0xff => 16,
    })
}

// ===== impl Weights =====

impl Weights {
    const fn of(kinds: Kinds) -> Self {
        let mut weights = [0; 256];
        let mut byte = 0_u8;
        loop {
            if let Some(kind) = kind(byte) {
                weights[byte as usize] = kinds[kind];
            }
            if byte == u8::MAX {
                return Self(weights);
            }
            byte += 1;
        }
    }

    const fn with(mut self, byte: u8, weight: i16) -> Self {
        self.0[byte as usize] = weight;
        self
    }

    /// About how many tokens a text has. It may be a part of one, cut anywhere.
    pub(crate) fn tally(&self, text: &[u8]) -> Tally {
        Tally::from_thousandths(u64::try_from(self.sum(text)).unwrap_or(0))
    }

    /// The weights of all bytes together, in thousandths of a token.
    pub(super) fn sum(&self, text: &[u8]) -> i64 {
        let of = |byte: &u8| i32::from(self.0[usize::from(*byte)]);
        // In blocks, so that 32 bits are enough for a sum.
        let blocks = text.chunks(1 << 16).map(|block| {
            let (fours, rest) = block.as_chunks::<4>();
            let fours = fours
                .iter()
                .map(|[a, b, c, d]| of(a) + of(b) + of(c) + of(d));
            i64::from(fours.sum::<i32>() + rest.iter().map(of).sum::<i32>())
        });
        blocks.sum()
    }

    /// About how many tokens a text has, as it is written in JSON, without its quotes.
    pub(crate) fn tally_json(&self, text: &[u8]) -> Tally {
        let mut tally = Tally::ZERO;
        let mut rest = text;
        while let Some(at) = memchr(b'\\', rest) {
            tally += self.tally(&rest[..at]);
            let (byte, len) = escaped(&rest[at + 1..]);
            tally += self.tally(&[byte]);
            rest = rest.get(at + 1 + len..).unwrap_or_default();
        }
        tally + self.tally(rest)
    }

    /// The same of a value, as it is written in JSON: a text, or an object that the model has written.
    pub(crate) fn tally_value(&self, value: &str) -> Tally {
        if !is_filled(value) {
            return Tally::ZERO;
        }
        let text = value.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
        self.tally_json(text.unwrap_or(value).as_bytes())
    }
}

impl Default for &'static Weights {
    /// Those of no family in particular.
    fn default() -> Self {
        &OTHER
    }
}

/// The first byte of what an escape stands for, from what comes after its backslash, and how much of that it is.
fn escaped(rest: &[u8]) -> (u8, usize) {
    match rest {
        [b'n' | b'r' | b't' | b'b' | b'f', ..] => (b'\n', 1),
        [b'u', digits @ ..] => {
            let digits = digits
                .get(..4)
                .and_then(|digits| std::str::from_utf8(digits).ok());
            let unit = digits.and_then(|digits| u16::from_str_radix(digits, 16).ok());
            let len = digits.map_or(1, |_| 5);
            let first = match unit {
                // Half of a pair: the first is the character, and the second nothing.
                Some(0xd800..=0xdbff) => 0xf0,
                Some(0xdc00..=0xdfff) => 0x80,
                Some(unit) => first_byte(unit),
                None => b'?',
            };
            (first, len)
        }
        [other, ..] => (*other, 1),
        [] => (b'\\', 0),
    }
}

/// The first byte of a character in UTF-8.
fn first_byte(unit: u16) -> u8 {
    let mut bytes = [0; 4];
    char::from_u32(u32::from(unit)).map_or(b'?', |c| c.encode_utf8(&mut bytes).as_bytes()[0])
}
