//! What is booked of each attempt where the provider does not say what was used.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http_body_util::BodyExt;
use steeplechase::attempts::{Attempt, Ending, Kind};
use steeplechase::call::Operation;
use steeplechase::deployment::{DeploymentBuilder, Profile};
use steeplechase::dialects::intake::scan;
use steeplechase::layers::fallback::Fallbacks;
use steeplechase::layers::hedge::{Delay, HedgeConfig};
use steeplechase::preset::FitsContext;
use steeplechase::price::{Price, Rate, Unit};
use steeplechase::{
    Attempts, Call, Class, Cost, Deployment, Dialect, Group, ModelInfo, Preset, Pricing, Stack,
};
use steeplechase_sim::{Behaviour, Sim};
use tokio::time;
use tower::ServiceExt;

use crate::world::{Hosts, MODEL, STREAMED, WHOLE, call};

/// A thousand nano-dollars for a token in, ten thousand for one out.
fn deployment(id: &str, dialect: Dialect) -> DeploymentBuilder {
    let rate = |dollars| Rate::per_million(dollars).expect("a number");
    let price = Price::builder()
        .rate(Unit::Input, rate("1"))
        .rate(Unit::Output, rate("10"))
        .build();
    Deployment::builder(id, id, dialect)
        .upstream_model("gpt-4o-mini")
        .base_url(
            format!("http://{id}.test/v1")
                .parse()
                .expect("ids here are host names"),
        )
        .pricing(Pricing::Known(Arc::new(price)))
}

fn stack(preset: Preset, sims: &[Sim]) -> Stack {
    let all = sims.iter();
    let all = all.map(|sim| deployment(sim.name(), Dialect::OpenAi).build());
    let preset = preset.group(Group::new(MODEL, all));
    preset.build(Hosts::new(sims)).expect("there is one group")
}

/// A call, and the log of its attempts.
fn asked(raw: &'static str) -> (Request<Call>, Attempts) {
    let mut request = call(raw);
    let attempts = Attempts::of(request.extensions_mut());
    (request, attempts)
}

/// A deployment that hands on the answers to calls in a dialect.
fn relaying(id: &str, dialect: Dialect) -> Arc<Deployment> {
    let spoken = match dialect {
        Dialect::Anthropic => Dialect::Anthropic,
        _ => Dialect::OpenAi,
    };
    let mut profile = Profile::default();
    profile.responses = Some("/responses".into());
    deployment(id, spoken).profile(profile).build()
}

/// A call for a stream in a dialect, and the log of its attempts.
fn asked_in(dialect: Dialect) -> (Request<Call>, Attempts) {
    let raw = match dialect {
        Dialect::Responses => r#"{"model":"fast","stream":true,"input":"Where to?"}"#,
        Dialect::Anthropic => {
            r#"{"model":"fast","stream":true,"max_tokens":99,"messages":[{"role":"user","content":"Where to?"}]}"#
        }
        _ => STREAMED,
    };
    let raw = Bytes::from_static(raw.as_bytes());
    let head = scan(&raw).expect("they are valid");
    let mut request = Request::new(Call::new(Operation::Chat, dialect, raw, head));
    let attempts = Attempts::of(request.extensions_mut());
    (request, attempts)
}

/// What an attempt has cost by its own usage.
fn assert_booked(attempt: &Attempt) -> (u64, u64) {
    let usage = attempt.usage.expect("it is booked");
    let nanos = 1_000 * usage.prompt + 10_000 * usage.completion;
    assert_eq!(attempt.cost, Some(Cost::from_nanos(nanos)), "{attempt:?}");
    assert!(nanos > 0);
    (usage.prompt, usage.completion)
}

#[tokio::test(start_paused = true)]
async fn a_stream_whose_usage_nobody_has_asked_for_is_booked() {
    let sims = [Sim::new("one").always(Behaviour::answer().tokens(60))];
    let stack = stack(Preset::new(), &sims);
    let (request, attempts) = asked(STREAMED);
    let body = stack.clone().oneshot(request).await.unwrap().into_body();
    body.collect().await.unwrap();
    let attempt = attempts.log().remove(0);
    assert_eq!(attempt.ending, Ending::Complete);
    assert!(attempt.usage.unwrap().is_estimated);
    let estimated = assert_booked(&attempt);

    // The same answer, of which the provider says it.
    let (request, attempts) = asked(
        r#"{"model":"fast","stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":"Where to?"}]}"#,
    );
    let body = stack.oneshot(request).await.unwrap().into_body();
    body.collect().await.unwrap();
    let attempt = attempts.log().remove(0);
    assert!(!attempt.usage.unwrap().is_estimated);
    let said = assert_booked(&attempt);
    assert!(
        estimated.1.abs_diff(said.1) * 10 <= said.1 * 4,
        "{estimated:?}, and not {said:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_its_caller_breaks_off_is_booked_as_far_as_it_came() {
    for dialect in [Dialect::OpenAi, Dialect::Anthropic, Dialect::Responses] {
        let slow = Behaviour::answer()
            .tokens(60)
            .token_gap(Duration::from_millis(50));
        let sims = [Sim::new("one").always(slow)];
        let preset = Preset::new().group(Group::new(MODEL, [relaying("one", dialect)]));
        let stack = preset.build(Hosts::new(&sims)).expect("there is one group");
        let mut booked = Vec::new();
        // There are up to four frames before the first word.
        for frames in [1, 20, 40] {
            let (request, attempts) = asked_in(dialect);
            let mut body = stack.clone().oneshot(request).await.unwrap().into_body();
            for _ in 0..frames {
                body.frame().await.unwrap().unwrap();
            }
            drop(body);
            let attempt = attempts.log().remove(0);
            assert_eq!(attempt.ending, Ending::Dropped);
            assert!(frames == 1 || attempt.usage.unwrap().is_estimated);
            booked.push(assert_booked(&attempt));
        }
        let prompts: Vec<_> = booked.iter().map(|(prompt, _)| *prompt).collect();
        assert!(
            prompts.iter().all(|prompt| (2..15).contains(prompt)),
            "{dialect:?} {booked:?}"
        );
        assert!(
            booked[0].1 < booked[1].1 && booked[1].1 < booked[2].1,
            "{dialect:?} {booked:?}"
        );
        assert!((20..70).contains(&booked[2].1), "{dialect:?} {booked:?}");
        assert_eq!(sims[0].counts().cancelled, 3);
    }
}

#[tokio::test(start_paused = true)]
async fn losers_are_booked_as_such() {
    let after = |seconds| Behaviour::answer().first_token_after(Duration::from_secs(seconds));
    let sims = [
        Sim::new("one").always(after(1)),
        Sim::new("two").always(after(9)),
    ];
    let soon = HedgeConfig::new(Delay::Fixed(Duration::from_millis(500)));
    let hedged = Preset::new().hedge(soon);
    for (preset, kind) in [(Preset::new().race(2), Kind::Race), (hedged, Kind::Hedge)] {
        for raw in [STREAMED, WHOLE] {
            let (request, attempts) = asked(raw);
            let stack = stack(preset.clone(), &sims);
            let body = stack.oneshot(request).await.unwrap().into_body();
            body.collect().await.unwrap();
            let log = attempts.log();
            assert_eq!(log.len(), 2, "{log:?}");
            for attempt in &log {
                let (prompt, completion) = assert_booked(attempt);
                let lost = attempt.ending == Ending::Dropped;
                assert_eq!(attempt.has_lost, lost);
                assert_eq!(&*attempt.deployment == "two", lost);
                assert_eq!(completion == 0, lost, "{attempt:?}");
                assert!(prompt > 0 && (!lost || attempt.usage.unwrap().is_estimated));
            }
            let started = |kind: Kind| log.iter().find(|it| it.kind == kind)?.started;
            let between = started(kind).unwrap() - started(Kind::First).unwrap();
            let is_hedge = kind == Kind::Hedge;
            assert_eq!(
                between,
                Duration::from_millis(if is_hedge { 500 } else { 0 })
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_caller_who_goes_away_before_the_answer_has_asked_all_the_same() {
    let sims = [Sim::new("one").always(Behaviour::stall_before_head())];
    let (request, attempts) = asked(WHOLE);
    let stack = stack(Preset::new(), &sims);
    let call = stack.oneshot(request);
    time::timeout(Duration::from_secs(1), call)
        .await
        .unwrap_err();
    let attempt = attempts.log().remove(0);
    assert_eq!(attempt.ending, Ending::Dropped);
    let (prompt, completion) = assert_booked(&attempt);
    assert!(prompt > 0 && completion == 0);
    assert!(!attempt.has_lost, "nobody has won");
}

#[tokio::test(start_paused = true)]
async fn who_has_refused_is_paid_nothing() {
    let sims = [Sim::new("one").always(Behaviour::error(500))];
    let (request, attempts) = asked(WHOLE);
    let stack = stack(Preset::new().max_attempts(1), &sims);
    stack.oneshot(request).await.unwrap_err();
    let attempt = attempts.log().remove(0);
    assert_eq!((attempt.usage, attempt.cost), (None, None));
}

#[tokio::test(start_paused = true)]
async fn a_prompt_goes_only_where_it_fits_and_else_to_a_larger_model() {
    let sims = [Sim::new("small"), Sim::new("medium"), Sim::new("large")];
    let words = "And over the next hedge. ".repeat(200);
    let raw = format!(r#"{{"model":"fast","messages":[{{"role":"user","content":"{words}"}}]}}"#);
    let raw: &'static str = raw.leak();
    // About 1 200 tokens.
    let sized = |id, most| {
        let model_info = ModelInfo {
            max_input_tokens: Some(most),
            ..ModelInfo::default()
        };
        let builder = deployment(id, Dialect::OpenAi);
        builder.model_info(model_info).build()
    };
    let build = |preset: Preset| {
        let group = Group::new(MODEL, [sized("small", 100), sized("medium", 500)]);
        let larger = Group::new("larger", [sized("large", 100_000)]);
        preset
            .group(group)
            .group(larger)
            .build(Hosts::new(&sims))
            .unwrap()
    };

    let checked = build(Preset::new().eligible(FitsContext::new()));
    let (request, attempts) = asked(raw);
    let error = checked.oneshot(request).await.unwrap_err();
    assert_eq!(error.class(), Class::ContextWindow);
    assert!(error.message().contains("500"), "{error:?}");
    assert!(attempts.log().is_empty());

    let fallbacks = Fallbacks::default().context_window(MODEL, ["larger"]);
    let preset = Preset::new()
        .eligible(FitsContext::new())
        .fallbacks(fallbacks);
    let (request, attempts) = asked(raw);
    build(preset).oneshot(request).await.unwrap();
    assert_eq!(sims.each_ref().map(|sim| sim.counts().started), [0, 0, 1]);
    assert_eq!(attempts.used(), 1, "nobody was called in vain");

    // Without the check it is for the provider to refuse it.
    build(Preset::new()).oneshot(asked(raw).0).await.unwrap();
    assert_eq!(sims[2].counts().started, 1);
}
