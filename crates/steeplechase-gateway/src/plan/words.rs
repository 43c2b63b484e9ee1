use std::time::Duration;

use steeplechase::price::{Service, Unit};
use steeplechase::{Deployment, Pricing};

/// A time, in seconds.
pub(crate) fn seconds(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    format!("{seconds} s")
}

/// A part, with a digit behind the point where there is something to say by it.
pub(crate) fn percent(part: f64) -> String {
    let text = format!("{:.1}", part * 100.0);
    format!("{} %", text.strip_suffix(".0").unwrap_or(&text))
}

/// What is known about the price of a deployment's calls.
pub(crate) fn price(deployment: &Deployment) -> String {
    let pricing = deployment.pricing();
    let Some(price) = pricing.price() else {
        return match pricing {
            Pricing::ByModel(_) => "priced by model",
            Pricing::Denied => "no price, so it is not called",
            Pricing::Reported(_) => "priced by the provider's answers",
            _ => "no price",
        }
        .to_owned();
    };
    let rates = price.rates(Service::Standard, 0);
    let about = if pricing.is_estimated() {
        "at most "
    } else {
        ""
    };
    format!(
        "{about}${} in, ${} out a million",
        rates.get(Unit::Input).in_millions(),
        rates.get(Unit::Output).in_millions()
    )
}
