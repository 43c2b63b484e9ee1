//! Worked examples, with the figures of the providers' pages.

use steeplechase_core::price::Service;

use super::*;

#[test]
fn openai() {
    // $2.50 in, $1.25 cached, $10 out.
    assert_eq!(dollars("openai", "gpt-4o", tokens(1_000, 500)), "0.0075");
    let cached = Usage {
        cache_read: 800,
        ..tokens(1_000, 500)
    };
    assert_eq!(dollars("openai", "gpt-4o", cached), "0.0065");
    // $0.15 in, $0.60 out.
    assert_eq!(
        dollars("openai", "gpt-4o-mini", tokens(1_000_000, 1_000_000)),
        "0.75"
    );
    // $0.02.
    assert_eq!(
        dollars("openai", "text-embedding-3-small", tokens(8_000, 0)),
        "0.00016"
    );
    // $2 in, $10 out; above 272 000 tokens $4 and $15.
    assert_eq!(
        dollars("openai", "gpt-6-sol", tokens(272_000, 1_000)),
        "0.554"
    );
    assert_eq!(
        dollars("openai", "gpt-6-sol", tokens(272_001, 1_000)),
        "1.103004"
    );
}

#[test]
fn openai_by_class_of_service() {
    // $5 and $30; flex and batch half of it, priority two and a half times as much.
    let with = |service| Usage {
        service,
        ..tokens(1_000, 1_000)
    };
    let cost = |service| dollars("openai", "gpt-5.5", with(service));
    assert_eq!(cost(Service::Standard), "0.035");
    assert_eq!(cost(Service::Flex), "0.0175");
    assert_eq!(cost(Service::Batch), "0.0175");
    assert_eq!(cost(Service::Priority), "0.0875");
}

#[test]
fn anthropic() {
    // $3 in, $3.75 and $6 to write, $0.30 to read, $15 out.
    let usage = Usage {
        cache_read: 5_000,
        cache_write: 3_000,
        cache_write_1h: 1_000,
        ..tokens(10_000, 500)
    };
    assert_eq!(dollars("anthropic", "claude-sonnet-4-5", usage), "0.0285");
    // $5 and $25, and a batch half of it.
    assert_eq!(
        dollars("anthropic", "claude-opus-5", tokens(1_000, 500)),
        "0.0175"
    );
    let batch = Usage {
        service: Service::Batch,
        ..tokens(1_000, 500)
    };
    assert_eq!(dollars("anthropic", "claude-opus-5", batch), "0.00875");
    // $0.10 and $0.50, above 100 000 tokens $0.50 and $2.50.
    assert_eq!(
        dollars("anthropic", "claude-haiku-5-5", tokens(100_000, 1_000)),
        "0.0105"
    );
    assert_eq!(
        dollars("anthropic", "claude-haiku-5-5", tokens(100_001, 1_000)),
        "0.0525005"
    );
    // $10 for a thousand searches.
    let searched = Usage {
        searches: 2,
        ..Usage::ZERO
    };
    assert_eq!(dollars("anthropic", "claude-sonnet-4-5", searched), "0.02");
}

#[test]
fn gemini() {
    // $1.25 and $10 up to 200 000 tokens, then $2.50 and $15.
    assert_eq!(
        dollars("gemini", "gemini-2.5-pro", tokens(200_000, 1_000)),
        "0.26"
    );
    assert_eq!(
        dollars("gemini", "gemini-2.5-pro", tokens(200_001, 1_000)),
        "0.5150025"
    );
    // $0.30 for text, $1 for audio, $2.50 out.
    let heard = Usage {
        audio_in: 600,
        ..tokens(1_000, 100)
    };
    assert_eq!(dollars("gemini", "gemini-2.5-flash", heard), "0.00097");
    // $2 and $12.
    assert_eq!(
        dollars("gemini", "gemini-3.1-pro-preview", tokens(1_000, 1_000)),
        "0.014"
    );
}

#[test]
fn deepseek_at_its_peak() {
    // $0.30 missed, $0.006 hit, $1.20 out.
    let usage = Usage {
        cache_read: 900,
        ..tokens(1_000, 1_000)
    };
    assert_eq!(dollars("deepseek", "deepseek-flash", usage), "0.0012354");
}

#[test]
fn groq_mistral_and_perplexity() {
    // $0.15 and $0.60.
    assert_eq!(
        dollars("groq", "openai/gpt-oss-120b", tokens(1_000, 1_000)),
        "0.00075"
    );
    // $0.30 and $0.90.
    assert_eq!(
        dollars("mistral", "codestral-latest", tokens(1_000, 1_000)),
        "0.0012"
    );
    // $3 and $15.
    assert_eq!(
        dollars("perplexity", "sonar-pro", tokens(1_000, 1_000)),
        "0.018"
    );
}

#[test]
fn cohere_and_voyage() {
    // $0.0375 and $0.15.
    assert_eq!(
        dollars("cohere", "command-r7b-12-2024", tokens(1_000, 1_000)),
        "0.0001875"
    );
    // $2 for a thousand searches.
    let ranked = Usage {
        searches: 3,
        ..Usage::ZERO
    };
    assert_eq!(dollars("cohere", "rerank-v4.0-fast", ranked), "0.006");
    // $0.06, and $0.05 to rank.
    assert_eq!(dollars("voyage", "voyage-3.5", tokens(1_000, 0)), "0.00006");
    assert_eq!(dollars("voyage", "rerank-2.5", tokens(1_000, 0)), "0.00005");
}

#[test]
fn a_region_of_bedrock_costs_more_than_all_of_them_together() {
    let model = "anthropic.claude-sonnet-4-5-20250929-v1:0";
    let usage = tokens(1_000, 1_000);
    assert_eq!(
        dollars("bedrock", &format!("global.{model}"), usage),
        "0.018"
    );
    assert_eq!(dollars("bedrock", &format!("eu.{model}"), usage), "0.0198");
}
