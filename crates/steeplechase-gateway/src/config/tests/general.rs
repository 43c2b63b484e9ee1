use super::*;

#[test]
fn what_is_said_of_calls_and_keys_is_read() {
    let text = "general_settings:
  max_request_size_mb: 0.5
  litellm_key_header_name: X-Litellm-Key
  completion_model: gpt-4o
  embedding_model: vectors
  always_include_stream_usage: true
";
    let general = quiet(&with_model(text)).general;
    assert_eq!(general.max_request_size, Some(512 * 1024));
    assert_eq!(general.key_header.unwrap(), "x-litellm-key");
    assert_eq!(general.completion_model.as_deref(), Some("gpt-4o"));
    assert_eq!(general.embedding_model.as_deref(), Some("vectors"));
    assert!(general.always_include_stream_usage);

    let general = quiet(&with_model("")).general;
    assert_eq!((general.max_request_size, general.key_header), (None, None));
    assert!(!general.always_include_stream_usage);
}

#[test]
fn what_makes_no_sense_there_is_an_error_with_key_line_and_fix() {
    let text = "general_settings:
  max_request_size_mb: 0
  litellm_key_header_name: my key
  completion_model: 4
  embedding_model: [vectors]
  always_include_stream_usage: perhaps
";
    let at =
        |line: usize, key: &str| format!("config.yaml:{line}: general_settings.{key}: expected");
    assert_eq!(
        errors(&with_model(text)),
        [
            at(5, "max_request_size_mb")
                + " a number of megabytes, more than zero, found 0; write for example `max_request_size_mb: 32`",
            at(6, "litellm_key_header_name")
                + " the name of a header, found \"my key\"; write for example `litellm_key_header_name: X-Litellm-Key`",
            at(7, "completion_model")
                + " a text, in quotes, found 4; write for example `completion_model: \"gpt-4o\"`",
            at(8, "embedding_model")
                + " a text, found a list; write for example `embedding_model: gpt-4o`",
            at(9, "always_include_stream_usage")
                + " `true` or `false`, found \"perhaps\"; write for example `always_include_stream_usage: true`",
        ]
    );
}
