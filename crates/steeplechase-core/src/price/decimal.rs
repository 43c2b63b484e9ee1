use super::InvalidRate;

/// More digits than these cannot change the result: they are far behind the point.
const MAX_DIGITS: u32 = 30;

/// The number in `text` times ten to the power of `shift`, as a whole number. What is left behind the
/// point is rounded, a half upwards. It is read digit by digit, so `1e-07` is what it says.
pub(super) fn scaled(text: &str, shift: i32) -> Result<u64, InvalidRate> {
    let text = text.trim();
    let (is_negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, whole(exponent)?),
        None => (text, 0),
    };
    let (digits, point) = digits(mantissa)?;
    if digits == 0 {
        return Ok(0);
    }
    if is_negative {
        return Err(InvalidRate::Negative);
    }
    let power = exponent
        .checked_add(point)
        .and_then(|power| power.checked_add(shift))
        .ok_or(InvalidRate::TooLarge)?;
    let scaled = match u32::try_from(power) {
        Ok(power) => 10_u128
            .checked_pow(power)
            .and_then(|factor| digits.checked_mul(factor))
            .ok_or(InvalidRate::TooLarge)?,
        // Beyond what a `u128` can be divided by there is nothing left.
        Err(_) => match 10_u128.checked_pow(power.unsigned_abs()) {
            Some(divisor) => (digits + divisor / 2) / divisor,
            None => 0,
        },
    };
    u64::try_from(scaled).map_err(|_| InvalidRate::TooLarge)
}

/// The digits as one number, and the power of ten that it is to be multiplied by.
fn digits(mantissa: &str) -> Result<(u128, i32), InvalidRate> {
    let (mut value, mut count, mut power) = (0_u128, 0_u32, 0_i32);
    let (mut is_fraction, mut is_number) = (false, false);
    for byte in mantissa.bytes() {
        match byte {
            b'.' if !is_fraction => is_fraction = true,
            // YAML and Python allow `1_000`.
            b'_' if is_number => {}
            b'0'..=b'9' => {
                is_number = true;
                let keep = count < MAX_DIGITS;
                if keep {
                    value = value * 10 + u128::from(byte - b'0');
                    count += u32::from(value > 0);
                }
                // A digit that is kept behind the point, or left out before it.
                match (keep, is_fraction) {
                    (true, true) => power = power.saturating_sub(1),
                    (false, false) => power = power.saturating_add(1),
                    _ => {}
                }
            }
            _ => return Err(InvalidRate::NotANumber),
        }
    }
    if is_number {
        Ok((value, power))
    } else {
        Err(InvalidRate::NotANumber)
    }
}

fn whole(exponent: &str) -> Result<i32, InvalidRate> {
    let digits = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(InvalidRate::NotANumber);
    }
    // One that has no place in an `i32` is as good as the largest that has.
    let size = digits.parse().unwrap_or(i32::MAX / 4);
    Ok(if exponent.starts_with('-') {
        -size
    } else {
        size
    })
}
