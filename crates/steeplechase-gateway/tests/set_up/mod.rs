//! What a gateway is made of: files, the environment, rows of one's own.

use super::*;
use crate::program::{exits, run};

#[tokio::test]
async fn environment_variables_of_the_file_are_the_providers_default_key_and_url() {
    let sim = Sim::new("openai").require_key("from-file");
    let server = SimServer::bind("127.0.0.1:0", sim).await.unwrap();
    let config = format!(
        "
environment_variables: {{OPENAI_API_KEY: from-file, OPENAI_BASE_URL: {}/v1}}
model_list: [{{model_name: m, litellm_params: {{model: openai/x}}}}]
",
        server.url()
    );
    let program = Program::start(&config).await;
    let answer = post(&program, "/v1/chat/completions", &chat("m", false)).await;
    assert_eq!(answer.status(), StatusCode::OK);
}

#[tokio::test]
async fn without_a_file_every_key_in_the_environment_is_a_provider() {
    let sim = Sim::new("groq").require_key("gsk");
    let server = SimServer::bind("127.0.0.1:0", sim).await.unwrap();
    let base = format!("{}/v1", server.url());
    let env = [("OPENAI_API_KEY", "gsk"), ("OPENAI_BASE_URL", &base)];
    let program = Program::start_with(&[], &env).await;
    assert!(
        program.banner().contains("providers: openai"),
        "{}",
        program.banner()
    );
    assert!(
        program.banner().contains("curl http://127.0.0.1:"),
        "{}",
        program.banner()
    );
    let answer = post(
        &program,
        "/v1/chat/completions",
        &chat("openai/gpt-new", false),
    )
    .await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(value(answer).await["model"], "gpt-new");
}

#[tokio::test]
async fn a_provider_of_ones_own_is_called_by_its_name_and_by_its_rules() {
    let sim = SimServer::bind("127.0.0.1:0", Sim::new("house").require_key("up"));
    let sim = sim.await.unwrap();
    let program = Program::start(&format!(
        "providers: {{house: {{base_url: \"{}/v1\", key_env: [HOUSE_KEY], ignored: [user]}}}}
environment_variables: {{HOUSE_KEY: up}}
model_list: [{{model_name: mine, litellm_params: {{model: house/small}}}}]
",
        sim.url()
    ))
    .await;
    let mut call = chat("mine", false);
    call["user"] = "u".into();
    let answer = post(&program, "/v1/chat/completions", &call).await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()["x-steeplechase-dropped"], "user");
    assert_eq!(value(answer).await["model"], "small");
}

#[tokio::test]
async fn without_a_master_key_it_warns_on_an_address_that_others_can_reach() {
    let env = [("OPENAI_API_KEY", "k")];
    let warning = "there is no master key";
    let open = Program::start_with(&["--host", "0.0.0.0"], &env).await;
    assert!(open.banner().contains(warning), "{}", open.banner());
    let local = Program::start_with(&["--host", "localhost"], &env).await;
    assert!(!local.banner().contains(warning), "{}", local.banner());
    let env = [("OPENAI_API_KEY", "k"), ("LITELLM_MASTER_KEY", "sk-1234")];
    let keyed = Program::start_with(&["--host", "0.0.0.0"], &env).await;
    assert!(!keyed.banner().contains(warning), "{}", keyed.banner());
}

#[test]
fn a_wrong_configuration_is_named_with_key_line_and_fix_and_the_exit_code_is_2() {
    let (code, _, stderr) = run(
        &["--config", "{file}"],
        "model_list:\n  - model_name: m\n    litellm_params:\n      model: openai/x\nrouter_settings:\n  num_retries: many\n",
        &[],
    );
    assert_eq!(code, Some(2));
    assert!(
        stderr.contains(":6: router_settings.num_retries:"),
        "{stderr}"
    );
    assert!(stderr.contains("many"), "{stderr}");
}

#[test]
fn with_nobody_to_call_it_says_how_to_name_somebody() {
    let (code, _, stderr) = run(&[], "", &[]);
    assert_eq!(code, Some(2));
    assert!(
        stderr.contains("--config") && stderr.contains("OPENAI_API_KEY"),
        "{stderr}"
    );
}

#[test]
fn a_provider_that_nobody_knows_is_exit_code_two() {
    let (code, stdout, stderr) = exits(&["providers", "grok"], &[], PATIENCE);
    assert_eq!((code, &*stdout), (Some(2), ""));
    assert!(stderr.contains("did you mean `groq`?"), "{stderr}");
}

#[test]
fn the_demo_ends_by_itself_with_a_table() {
    let (code, stdout, stderr) = exits(&["demo", "--once"], &[], Duration::from_secs(60));
    assert_eq!(code, Some(0), "{stderr}");
    for row in ["no resilience", "retry", "retry + hedge", "race of two"] {
        assert!(stdout.contains(row), "{stdout}");
    }
}
