//! What the families of models can do.

/// The number of a family: 3 for `gemini-3-flash`. Models with other names are of the second.
pub(super) fn generation(model: &str) -> u32 {
    let number = model.split("gemini-").nth(1).unwrap_or_default();
    let digits = number.split(|c: char| !c.is_ascii_digit()).next();
    digits.and_then(|digits| digits.parse().ok()).unwrap_or(2)
}

/// Whether it can think.
pub(super) fn thinks(model: &str) -> bool {
    !model.contains("gemini-1") && !model.contains("gemini-2.0")
}
