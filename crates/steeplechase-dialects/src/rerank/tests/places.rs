//! Where each provider is asked.

use http::Uri;

use crate::rerank::Shape;

/// A provider, its base URL, a model, and where that is asked.
const PLACES: &str = "
azure_ai     https://m.eastus.models.ai.azure.com   x         https://m.eastus.models.ai.azure.com/v1/rerank
deepinfra    https://api.deepinfra.com/v1/openai    Q/r       https://api.deepinfra.com/v1/inference/Q/r
hosted_vllm  http://h/v1                            x         http://h/v1/rerank
hosted_vllm  http://h/rerank                        x         http://h/rerank
huggingface  http://h                               x         http://h/rerank
infinity     http://h                               x         http://h/v1/rerank
infinity     http://h/v1                            x         http://h/v1/rerank
jina_ai      https://api.jina.ai/v1                 x         https://api.jina.ai/v1/rerank
nvidia_nim   https://integrate.api.nvidia.com/v1    n/r_2     https://ai.api.nvidia.com/v1/retrieval/n/r_2/reranking
nvidia_nim   http://nim:8000/v1                     ranking/n http://nim:8000/v1/ranking
nvidia_nim   http://nim/v1/retrieval/n/r/reranking  x         http://nim/v1/retrieval/n/r/reranking
together_ai  https://api.together.ai/v1             x         https://api.together.ai/v1/rerank
voyage       https://api.voyageai.com/v1            x         https://api.voyageai.com/v1/rerank
";

#[test]
fn each_provider_that_puts_documents_in_order_has_a_place_for_it() {
    for line in PLACES.lines().filter(|line| !line.is_empty()) {
        let words: Vec<_> = line.split_whitespace().collect();
        let [provider, base, model, expected] = words[..] else {
            panic!("{line}");
        };
        let base: Uri = base.parse().unwrap();
        let uri = Shape::of(provider).unwrap().uri(&base, model).unwrap();
        assert_eq!(uri, expected);
    }
}

#[test]
fn a_server_that_nobody_knows_is_asked_as_most_are() {
    assert!(Shape::of("house").is_none());
    let base: Uri = "http://h/v1?tenant=7".parse().unwrap();
    let uri = Shape::usual().uri(&base, "x").unwrap();
    assert_eq!(uri, "http://h/v1/rerank?tenant=7");
}
