//! Where a deployment on Bedrock is, and whose credentials its requests are signed with.

use std::collections::BTreeSet;

use http::{HeaderMap, Method, Uri};

use super::*;

type Variables<'a> = &'a [(&'a str, &'a str)];

const KEYS: &str = "aws_access_key_id: AKID, aws_secret_access_key: secret";
const REGION: Variables<'_> = &[("AWS_REGION", "eu-west-1")];

fn text(params: &str) -> String {
    format!("model_list:\n  - model_name: m\n    litellm_params: {{{params}}}\n")
}

fn assembled(params: &str, variables: Variables<'_>) -> Result<Deployments, Vec<String>> {
    let env = |name: &str| {
        let mut variables = variables.iter();
        let found = variables.find(|(variable, _)| *variable == name);
        found.map(|(_, value)| (*value).to_owned())
    };
    let config = Config::parse(&text(params), "config.yaml", env).unwrap();
    let told = |all: Vec<Diagnostic>| all.iter().map(ToString::to_string).collect();
    read(&config.config, &env).map_err(told)
}

fn deployment(params: &str, variables: Variables<'_>) -> Arc<Deployment> {
    let read = assembled(params, variables).unwrap_or_else(|errors| panic!("{errors:?}"));
    assert!(read.warnings.is_empty(), "{:?}", read.warnings);
    Arc::clone(&read.groups[0].1[0])
}

fn refused(params: &str) -> String {
    let errors = assembled(params, REGION).err().unwrap();
    assert_eq!(errors.len(), 1);
    let place = "config.yaml:2: model_list[m].litellm_params.";
    errors[0].strip_prefix(place).unwrap().to_owned()
}

fn warned(params: &str, variables: Variables<'_>) -> Vec<String> {
    let read = assembled(params, variables).unwrap_or_else(|errors| panic!("{errors:?}"));
    read.warnings.iter().map(ToString::to_string).collect()
}

/// What a signature says of who has signed, and where: `AKID/eu-west-1`.
fn signed(deployment: &Deployment) -> String {
    let Auth::Each(signer) = deployment.auth() else {
        panic!("{:?}", deployment.auth());
    };
    let uri: Uri = "https://x.example.com/model/m/converse".parse().unwrap();
    let mut headers = HeaderMap::new();
    let done = signer.authorize(&Method::POST, &uri, &mut headers, b"{}");
    done.unwrap_or_else(|error| panic!("{error:?}"));
    let header = headers["authorization"].to_str().unwrap();
    let scope = header.split("Credential=").nth(1).unwrap();
    let scope: Vec<_> = scope.split(',').next().unwrap().split('/').collect();
    assert_eq!(scope[3..], ["bedrock", "aws4_request"], "{header}");
    let token = headers.get("x-amz-security-token");
    let token = token.map_or("", |token| token.to_str().unwrap());
    format!("{}/{}{token}", scope[0], scope[2])
}

#[test]
fn requests_are_signed_with_the_keys_of_the_entry_and_for_its_region() {
    let params = format!("model: bedrock/converse/amazon.nova-lite-v1:0, {KEYS}");
    let deployment = deployment(&format!("{params}, aws_region_name: eu-north-1"), REGION);
    assert_eq!(deployment.dialect(), Dialect::Bedrock);
    assert_eq!(deployment.provider(), "bedrock");
    assert_eq!(
        deployment.base_url(),
        "https://bedrock-runtime.eu-north-1.amazonaws.com"
    );
    assert_eq!(signed(&deployment), "AKID/eu-north-1");
    assert!(deployment.default_params().is_none(), "no setting is sent");
}

#[test]
fn the_region_is_the_entrys_or_else_the_models_or_else_the_environments() {
    const MODEL: &str = "bedrock/amazon.nova-lite-v1:0";
    const PLACED: &str = "bedrock/ap-south-1/amazon.nova-lite-v1:0";
    const ARN: &str =
        "bedrock/arn:aws:bedrock:us-east-2:1:inference-profile/us.amazon.nova-lite-v1:0";
    let all: Variables<'_> = &[
        ("AWS_DEFAULT_REGION", "eu-west-3"),
        ("AWS_REGION", "eu-west-2"),
        ("AWS_REGION_NAME", "eu-west-1"),
    ];
    for (model, more, variables, region) in [
        (MODEL, ", aws_region_name: sa-east-1", all, "sa-east-1"),
        (PLACED, "", all, "ap-south-1"),
        (ARN, "", all, "us-east-2"),
        (MODEL, "", all, "eu-west-1"),
        (MODEL, "", &all[..2], "eu-west-2"),
        (MODEL, "", &all[..1], "eu-west-3"),
    ] {
        let params = format!("model: '{model}', {KEYS}{more}");
        let deployment = deployment(&params, variables);
        let host = format!("bedrock-runtime.{region}.amazonaws.com");
        assert_eq!(deployment.base_url().host(), Some(&*host));
        assert_eq!(signed(&deployment), format!("AKID/{region}"));
    }
    let params = format!("model: {MODEL}, {KEYS}");
    assert_eq!(
        warned(&params, &[]),
        [
            "config.yaml:2: model_list[m].litellm_params.aws_region_name: nobody says in which region \
             it is, so it is us-west-2; write for example `aws_region_name: eu-west-1`, or set AWS_REGION"
        ]
    );
}

#[test]
fn two_regions_or_none_are_an_error() {
    let model = "model: bedrock/eu-west-1/amazon.nova-lite-v1:0, api_key: k";
    assert_eq!(
        refused(&format!("{model}, aws_region_name: us-east-1")),
        "aws_region_name: the model is in eu-west-1, and this says us-east-1; write \
         `aws_region_name: eu-west-1`, or leave it out"
    );
    for region in ["evil.example.com/", "x@y", "eu-west-1:8080", "EU"] {
        let params = format!("model: bedrock/x, api_key: k, aws_region_name: '{region}'");
        assert_eq!(
            refused(&params),
            "aws_region_name: this is no region of AWS's; write for example `aws_region_name: eu-west-1`"
        );
    }
}

#[test]
fn another_url_is_the_entrys_or_else_the_environments() {
    let own = "https://vpce-1.bedrock-runtime.eu-west-1.vpce.amazonaws.com";
    let env: Variables<'_> = &[
        REGION[0],
        ("AWS_BEDROCK_RUNTIME_ENDPOINT", "https://env.example.com"),
    ];
    let model = format!("model: bedrock/x, {KEYS}");
    let url = |params: &str, variables| deployment(params, variables).base_url().to_string();
    let endpoint = format!("{model}, aws_bedrock_runtime_endpoint: '{own}'");
    assert_eq!(url(&endpoint, env), format!("{own}/"));
    let base = format!("{endpoint}, api_base: 'https://base.example.com/p/'");
    assert_eq!(url(&base, env), "https://base.example.com/p");
    assert_eq!(url(&model, env), "https://env.example.com/");
}

#[test]
fn a_key_is_shown_as_it_is_and_the_environments_is_for_entries_without_credentials() {
    let env: Variables<'_> = &[
        REGION[0],
        ("AWS_BEARER_TOKEN_BEDROCK", "from-env"),
        ("AWS_ACCESS_KEY_ID", "ENVID"),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
        ("AWS_SESSION_TOKEN", "+token"),
    ];
    let shown = |params: &str| match deployment(params, env).auth() {
        Auth::Bearer(key) => key.expose().to_owned(),
        other => panic!("{other:?}"),
    };
    assert_eq!(shown("model: bedrock/x"), "from-env");
    assert_eq!(shown("model: bedrock/x, api_key: own"), "own");
    let keys = deployment(&format!("model: bedrock/x, {KEYS}"), env);
    assert_eq!(signed(&keys), "AKID/eu-west-1");
    // Those of the environment come with their token, and those of the entry with its own.
    let without: Vec<_> = [&env[..1], &env[2..]].concat();
    let of_env = deployment("model: bedrock/x", &without);
    assert_eq!(signed(&of_env), "ENVID/eu-west-1+token");
    let token = format!("model: bedrock/x, {KEYS}, aws_session_token: +own");
    assert_eq!(signed(&deployment(&token, &without)), "AKID/eu-west-1+own");
}

#[test]
fn half_of_a_key_and_a_web_identity_without_a_role_are_errors() {
    for (params, missing) in [
        ("aws_secret_access_key: s", "aws_access_key_id"),
        ("aws_session_token: s", "aws_access_key_id"),
        ("aws_access_key_id: AKID", "aws_secret_access_key"),
    ] {
        assert_eq!(
            refused(&format!("model: bedrock/x, {params}")),
            format!(
                "{missing}: an access key is an id and a secret, and one of them is missing; write \
                 `aws_access_key_id` and `aws_secret_access_key`, or none of them"
            )
        );
    }
    assert_eq!(
        refused("model: bedrock/x, aws_web_identity_token: /token"),
        "aws_web_identity_token: a web identity assumes a role, and there is none; write \
         `aws_role_name` with the role's ARN"
    );
}

/// The signers of the first deployment of each group, and what it takes to keep them fresh.
fn signers(text: &str, env: &dyn Fn(&str) -> Option<String>) -> (Vec<*const ()>, Vec<Upkeep>) {
    let all = read(&config(text), env);
    let all = all.unwrap_or_else(|errors| panic!("{errors:?}"));
    let signers = all.groups.iter().map(|(_, group)| match group[0].auth() {
        Auth::Each(signer) => Arc::as_ptr(signer).cast::<()>(),
        other => panic!("{other:?}"),
    });
    (signers.collect(), all.upkeep)
}

#[test]
fn deployments_with_the_same_credentials_share_them() {
    let text = "
model_list:
  - {model_name: a, litellm_params: {model: bedrock/x, aws_profile_name: p}}
  - {model_name: b, litellm_params: {model: bedrock/y, aws_profile_name: p}}
  - {model_name: c, litellm_params: {model: bedrock/x, aws_profile_name: p, aws_region_name: eu-west-2}}
  - {model_name: d, litellm_params: {model: bedrock/x, aws_profile_name: p, aws_role_name: r}}
  - {model_name: e, litellm_params: {model: bedrock/x, aws_role_name: r}}
";
    let env = |name: &str| (name == "AWS_REGION").then(|| "eu-west-1".to_owned());
    let (signers, upkeep) = signers(text, &env);
    assert_eq!(signers[0], signers[1]);
    assert_eq!(signers.into_iter().collect::<BTreeSet<_>>().len(), 4);
    assert_eq!(upkeep.len(), 4);
    assert!(format!("{:?}", upkeep[0]).contains(r#"["a", "b"]"#));
}

#[test]
fn a_role_that_the_program_has_anyhow_is_not_assumed_again() {
    let text = "
model_list:
  - {model_name: a, litellm_params: {model: bedrock/x}}
  - {model_name: b, litellm_params: {model: bedrock/x, aws_role_name: 'arn:aws:iam::1:role/pod'}}
  - {model_name: c, litellm_params: {model: bedrock/x, aws_role_name: 'arn:aws:iam::1:role/other'}}
";
    let pod = |name: &str| match name {
        "AWS_REGION" => Some("eu-west-1".to_owned()),
        "AWS_WEB_IDENTITY_TOKEN_FILE" => Some("/token".to_owned()),
        "AWS_ROLE_ARN" => Some("arn:aws:iam::1:role/pod".to_owned()),
        _ => None,
    };
    let (signers, _) = signers(text, &pod);
    assert_eq!(signers[0], signers[1]);
    assert_ne!(signers[0], signers[2]);
}

#[test]
fn another_id_is_what_is_asked_for_and_the_model_says_what_it_is() {
    const ARN: &str = "arn:aws:bedrock:eu-west-1:1:application-inference-profile/abc";
    let params = format!("model: bedrock/anthropic.claude-sonnet-4-5, {KEYS}, model_id: '{ARN}'");
    let other = deployment(&params, &[]);
    assert_eq!(other.upstream_model(), ARN);
    assert_eq!(other.base_model(), Some("anthropic.claude-sonnet-4-5"));
    assert_eq!(signed(&other), "AKID/eu-west-1");
    let params =
        format!("model: '{ARN}', custom_llm_provider: bedrock, base_model: amazon.nova, {KEYS}");
    let other = deployment(&params, &[]);
    assert_eq!(other.upstream_model(), ARN);
    assert_eq!(other.base_model(), Some("amazon.nova"));
}

#[test]
fn the_settings_for_aws_are_named_where_they_have_no_effect() {
    assert_eq!(
        warned(
            "model: openai/x, api_key: k, aws_region_name: eu-west-1",
            &[]
        ),
        [
            "config.yaml:2: model_list[m].litellm_params.model: `aws_…` and `model_id` have no effect \
             for this provider"
        ]
    );
}
