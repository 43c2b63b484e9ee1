//! Pictures, by OpenAI's examples and by their headers.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::*;

fn png(width: u32, height: u32) -> String {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    bytes.extend(width.to_be_bytes());
    bytes.extend(height.to_be_bytes());
    url("image/png", &bytes)
}

fn url(kind: &str, bytes: &[u8]) -> String {
    format!("data:{kind};base64,{}", STANDARD.encode(bytes))
}

fn count_image(model: &str, url: &str, detail: &str) -> Count {
    let part = json!({"type": "image_url", "image_url": {"url": url, "detail": detail}});
    let with = count(model, &chat(&json!([{"role": "user", "content": [part]}])));
    let without = count(model, &chat(&json!([{"role": "user", "content": []}])));
    Count {
        tokens: with.tokens - without.tokens,
        is_exact: with.is_exact == without.is_exact,
    }
}

#[test]
fn pictures_have_as_many_tokens_as_openai_says() {
    for (model, width, height, detail, tokens) in [
        ("gpt-4o", 1024, 1024, "high", 765),
        ("gpt-4o", 2048, 4096, "high", 1105),
        ("gpt-4o", 4096, 8192, "low", 85),
        ("gpt-4o", 512, 512, "auto", 255),
        ("gpt-4o-mini", 1024, 1024, "high", 25_501),
        ("gpt-5", 1024, 1024, "high", 630),
        ("o1", 1024, 1024, "high", 675),
        // 32 by 32 patches; and 1800 by 2400, which is made smaller: 1452.
        ("gpt-4.1-mini", 1024, 1024, "high", 1659),
        ("gpt-4.1-mini", 1800, 2400, "high", 2353),
        ("o4-mini", 1024, 1024, "high", 1762),
        ("gpt-4o", 1, 1, "high", 255),
        ("gpt-4o", u32::MAX, 1, "high", 765),
    ] {
        let counted = count_image(model, &png(width, height), detail);
        assert_eq!(counted.tokens, tokens, "{model} {width} {height} {detail}");
        assert!(counted.is_exact, "{model} {width} {height} {detail}");
    }
}

#[test]
fn other_families_have_rules_of_their_own_and_are_estimates() {
    for (model, width, height, tokens) in [
        ("claude-sonnet-4-5", 750, 1000, 1000),
        ("claude-sonnet-4-5", 8000, 8000, 1600),
        ("gemini-2.5-pro", 384, 300, 258),
        ("gemini-2.5-pro", 1000, 1000, 1032),
    ] {
        let counted = count_image(model, &png(width, height), "high");
        assert_eq!(counted.tokens, tokens, "{model} {width} {height}");
    }
    let chat = chat(&json!([{"role": "user", "content": [
        {"type": "image_url", "image_url": {"url": png(9, 9)}}
    ]}]));
    assert!(!count("gemini-2.5-pro", &chat).is_exact);
}

#[test]
fn a_picture_that_is_somewhere_else_or_broken_has_the_usual_size() {
    for broken in [
        "https://example.com/a.png",
        "data:image/png;base64,",
        "data:image/png;base64,iVBORw0KGgo=",
        "data:image/jpeg;base64,/9j/////",
        "data:image/webp;base64,UklGRgAAAABXRUJQ",
        "data:text/plain,hello",
    ] {
        let chat = chat(&json!([{"role": "user", "content": [
            {"type": "image_url", "image_url": {"url": broken, "detail": "high"}}
        ]}]));
        assert!(!count("gpt-4o", &chat).is_exact, "{broken}");
        assert_eq!(
            count_image("gpt-4o", broken, "high").tokens,
            765,
            "{broken}"
        );
    }
}

#[test]
fn the_size_is_read_from_each_format() {
    let gif = b"GIF89a\x00\x04\x00\x02;";
    let mut jpeg = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0".to_vec();
    jpeg.extend(b"\xff\xc0\0\x11\x08\x02\0\x04\0\x03");
    let mut lossy = b"RIFF\0\0\0\0WEBPVP8 \0\0\0\0\0\0\0\x9d\x01\x2a".to_vec();
    lossy.extend([0, 4, 0, 2]);
    let mut extended = b"RIFF\0\0\0\0WEBPVP8X\0\0\0\0\0\0\0\0".to_vec();
    extended.extend([0xff, 3, 0, 0xff, 1, 0]);
    let mut lossless = b"RIFF\0\0\0\0WEBPVP8L\0\0\0\0\x2f".to_vec();
    lossless.extend((1023_u32 | 511 << 14).to_le_bytes());
    for bytes in [&gif[..], &jpeg, &lossy, &extended, &lossless] {
        // 1024 by 512: two tiles.
        let counted = count_image("gpt-4o", &url("image/x", bytes), "high");
        assert_eq!(counted, Count::exact(425), "{:?}", &bytes[..4]);
    }
}
