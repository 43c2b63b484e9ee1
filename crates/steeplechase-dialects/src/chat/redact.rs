use std::borrow::Cow;

/// How keys begin. Providers like to repeat a bad key, or a part of it, in their complaint.
const PREFIXES: [&str; 9] = [
    "sk-", "sk_", "xai-", "gsk_", "AIza", "ya29", "pplx-", "r8_", "Bearer-",
];

/// A text of a provider without keys, and without the tags if it is a page of HTML.
pub(crate) fn redact(text: &str) -> Cow<'_, str> {
    let text = text.trim();
    let text = if text.starts_with('<') {
        Cow::Owned(without_tags(text))
    } else {
        Cow::Borrowed(text)
    };
    if words(&text).all(|(word, is_secret)| !is_secret || word.is_empty()) {
        return text;
    }
    let masked = words(&text).map(|(word, is_secret)| match word.get(..3) {
        Some(start) if is_secret => Cow::Owned(format!("{start}***")),
        _ => Cow::Borrowed(word),
    });
    Cow::Owned(masked.collect())
}

/// The first `max` characters.
pub(crate) fn shorten(text: &str, max: usize) -> Cow<'_, str> {
    match text.char_indices().nth(max) {
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
        None => Cow::Borrowed(text),
    }
}

/// The words of a text, each with what follows it, and whether it is a key.
fn words(text: &str) -> impl Iterator<Item = (&str, bool)> {
    let inside = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '*');
    let mut rest = text;
    let mut after_bearer = false;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let kind = inside(first);
        let end = rest.find(|c: char| inside(c) != kind).unwrap_or(rest.len());
        let (word, next) = rest.split_at(end);
        rest = next;
        if !kind {
            return Some((word, false));
        }
        let starts_like_one = PREFIXES.iter().any(|prefix| word.starts_with(prefix));
        let secret = word.len() >= 6 && starts_like_one || word.len() >= 16 && after_bearer;
        after_bearer = word.eq_ignore_ascii_case("bearer");
        Some((word, secret))
    })
}

fn without_tags(page: &str) -> String {
    let mut out = String::new();
    for piece in page.split('<') {
        let text = piece.split_once('>').map_or("", |(_, text)| text);
        for word in text.split_whitespace() {
            if !out.is_empty() {
                out.push(' ');
            }
            out.push_str(word);
        }
    }
    out
}
