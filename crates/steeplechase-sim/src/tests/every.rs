//! What holds in every dialect.

use std::io::Read;

use flate2::read::GzDecoder;

use super::languages::languages;
use super::*;

#[tokio::test(start_paused = true)]
async fn an_answer_is_json_whole_and_a_stream_if_asked() {
    for language in languages() {
        let sim = Sim::new("every").tokens(3);
        for stream in [false, true] {
            let answer = send(&sim, language.request(stream)).await.unwrap();
            assert_eq!(answer.status(), 200, "{}", language.name);
            assert_eq!(answer.headers()["x-sim"], "every");
            let kind = answer.headers()["content-type"]
                .to_str()
                .unwrap()
                .to_owned();
            let body = answer.into_body().collect().await.unwrap().to_bytes();
            assert_eq!(kind == "application/json", !stream, "{}", language.name);
            if stream {
                assert!(language.has_ended(&body), "{}", language.name);
            } else {
                serde_json::from_slice::<Value>(&body).unwrap();
            }
        }
        assert_eq!(sim.counts().completed, 2, "{}", language.name);
    }
}

#[tokio::test(start_paused = true)]
async fn a_cut_leaves_the_tokens_before_it_and_no_end() {
    for language in languages() {
        for tokens in [0, 2] {
            let behaviour = Behaviour::answer().tokens(5);
            let sim = Sim::new("every").script([
                behaviour.clone().cut_after_tokens(tokens),
                behaviour.truncate_after_tokens(tokens),
            ]);
            for cut in [true, false] {
                let answer = send(&sim, language.request(true)).await.unwrap();
                let (frames, error) = frames(answer.into_body()).await;
                assert_eq!(error.is_some(), cut, "{}", language.name);
                let sent = frames.concat();
                assert!(!language.has_ended(&sent), "{}", language.name);
                if language.name != "invoke" {
                    assert_eq!(language.tokens(&sent), tokens, "{}", language.name);
                }
                if tokens == 0 {
                    assert_eq!(frames.len(), language.preamble, "{}", language.name);
                }
            }
            assert_eq!(sim.counts().failed, 2);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_error_event_comes_before_or_after_content_and_is_the_last() {
    for language in languages() {
        for tokens in [0, 2] {
            let behaviour = Behaviour::answer().tokens(5);
            let sim = Sim::new("every")
                .always(behaviour.error_event_after_tokens(tokens, "overloaded_error"));
            let answer = send(&sim, language.request(true)).await.unwrap();
            let (frames, error) = frames(answer.into_body()).await;
            assert!(error.is_none());
            let (last, earlier) = frames.split_last().unwrap();
            let last = String::from_utf8_lossy(last);
            assert!(last.contains(language.error), "{}: {last}", language.name);
            let earlier = earlier.concat();
            assert!(!String::from_utf8_lossy(&earlier).contains(language.error));
            if language.name != "invoke" {
                assert_eq!(language.tokens(&earlier), tokens, "{}", language.name);
            }
            let answer = send(&sim, language.request(false)).await.unwrap();
            assert!(answer.status().is_server_error(), "{}", language.name);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_stall_is_silent_after_its_tokens() {
    for language in languages() {
        let sim = Sim::new("every").always(Behaviour::answer().stall_after_tokens(1));
        let mut body = send(&sim, language.request(true))
            .await
            .unwrap()
            .into_body();
        let mut frames = 0;
        while let Ok(frame) = tokio::time::timeout(SECOND, body.frame()).await {
            frame.unwrap().unwrap();
            frames += 1;
        }
        assert!(frames > language.preamble, "{}", language.name);
        assert_eq!(sim.in_flight(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_held_stream_has_only_its_preamble() {
    for language in languages() {
        let sim = Sim::new("every").always(Behaviour::answer().tokens(2).held());
        let mut body = send(&sim, language.request(true))
            .await
            .unwrap()
            .into_body();
        for _ in 0..language.preamble {
            body.frame().await.unwrap().unwrap();
        }
        let next = tokio::time::timeout(SECOND, body.frame()).await;
        assert!(next.is_err(), "{}", language.name);
        sim.release();
        let (rest, error) = frames(body).await;
        assert!(
            error.is_none() && language.has_ended(&rest.concat()),
            "{}",
            language.name
        );
    }
}

#[tokio::test(start_paused = true)]
async fn tokens_come_in_their_time_and_the_end_with_the_last() {
    for language in languages() {
        let behaviour = Behaviour::answer().tokens(3).first_token_after(SECOND);
        let sim = Sim::new("every").always(behaviour.token_gap(SECOND));
        let started = tokio::time::Instant::now();
        let body = send(&sim, language.request(true))
            .await
            .unwrap()
            .into_body();
        assert_eq!(started.elapsed(), Duration::ZERO, "{}", language.name);
        frames(body).await;
        assert_eq!(started.elapsed(), 3 * SECOND, "{}", language.name);
        let started = tokio::time::Instant::now();
        send(&sim, language.request(false)).await.unwrap();
        assert_eq!(started.elapsed(), 3 * SECOND, "{}", language.name);
    }
}

#[tokio::test(start_paused = true)]
async fn slices_and_gzip_carry_the_same_bytes() {
    for language in languages() {
        let plain = bytes(&Sim::new("every").tokens(3), language.request(true)).await;
        let behaviour = Behaviour::answer().tokens(3).slice(7);
        let sim = Sim::new("every").always(behaviour.clone());
        assert_eq!(bytes(&sim, language.request(true)).await, plain);
        let sim = Sim::new("every").always(behaviour.gzip());
        let packed = bytes(&sim, language.request(true)).await;
        let mut unpacked = Vec::new();
        GzDecoder::new(&packed[..])
            .read_to_end(&mut unpacked)
            .unwrap();
        assert_eq!(unpacked, plain, "{}", language.name);
    }
}

#[tokio::test(start_paused = true)]
async fn comments_do_no_harm_wherever_there_are_any() {
    for language in languages() {
        let behaviour = Behaviour::answer().tokens(2).first_token_after(3500 * MS);
        let plain = Sim::new("every").always(behaviour.clone());
        let plain = bytes(&plain, language.request(true)).await;
        let sim = Sim::new("every").always(behaviour.comments(SECOND));
        let stream = bytes(&sim, language.request(true)).await;
        let silent = ["bedrock", "invoke"].contains(&language.name);
        assert_eq!(stream.len() == plain.len(), silent, "{}", language.name);
        assert!(language.has_ended(&stream), "{}", language.name);
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_may_be_answered_with_json() {
    for language in languages() {
        let sim = Sim::new("every").always(Behaviour::answer().json_to_stream());
        let answer = send(&sim, language.request(true)).await.unwrap();
        assert_eq!(answer.headers()["content-type"], "application/json");
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        serde_json::from_slice::<Value>(&body).unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn errors_are_json_with_the_status_that_was_asked_for() {
    for language in languages() {
        for status in [400, 401, 403, 404, 408, 413, 429, 500, 502, 503, 504, 529] {
            let sim = Sim::new("every").always(Behaviour::error(status).header("retry-after", "2"));
            let answer = send(&sim, language.request(true)).await.unwrap();
            assert_eq!(answer.status(), status, "{}", language.name);
            assert_eq!(answer.headers()["retry-after"], "2");
            let body = answer.into_body().collect().await.unwrap().to_bytes();
            let body: Value = serde_json::from_slice(&body).unwrap();
            assert!(body.is_object(), "{}: {body}", language.name);
        }
        let sim = Sim::new("every").script([
            Behaviour::overloaded(),
            Behaviour::context_too_long(),
            Behaviour::html(502),
        ]);
        for status in [language.overloaded, 400, 502] {
            let answer = send(&sim, language.request(false)).await.unwrap();
            assert_eq!(answer.status(), status, "{}", language.name);
        }
    }
}
