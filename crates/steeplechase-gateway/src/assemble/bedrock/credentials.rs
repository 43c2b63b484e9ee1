use steeplechase::credentials::aws::AwsConfig;

use crate::assemble::deployments::{Unusable, about};
use crate::config::{AwsParams, ModelEntry, Secret};

type Env<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The credentials that an entry names, or else those that AWS's own tools find.
pub(super) fn of(entry: &ModelEntry, region: &str, env: Env<'_>) -> Result<AwsConfig, Unusable> {
    let aws = &entry.params.aws;
    let mut config = AwsConfig::new(region);
    if let Some([id, secret]) = written(entry)? {
        let token = aws.session_token.as_ref();
        let token = token.map(|token| token.expose().to_owned());
        config = config.keys(id.expose(), secret.expose(), token);
    } else if let Some(profile) = &aws.profile {
        config = config.profile(profile);
    } else if let Some(file) = &aws.web_identity_file {
        config = config.web_identity(file);
    } else if let Some([id, secret]) = of_environment(env) {
        config = config.keys(id, secret, set(env, "AWS_SESSION_TOKEN"));
    } else if is_assumed(aws, env) {
        return Ok(config);
    }
    if let Some(role) = &aws.role {
        config = config.role(role);
    } else if aws.web_identity_file.is_some() {
        let message = "a web identity assumes a role, and there is none".to_owned();
        let fix = "write `aws_role_name` with the role's ARN";
        return Err(wrong(entry, "aws_web_identity_token", message, fix));
    }
    if let Some(name) = &aws.session_name {
        config = config.session_name(name);
    }
    if let Some(id) = &aws.external_id {
        config = config.external_id(id.expose());
    }
    if let Some(url) = &aws.sts_endpoint {
        config = config.sts_endpoint(url);
    }
    Ok(config)
}

/// The access key of an entry.
fn written(entry: &ModelEntry) -> Result<Option<[&Secret; 2]>, Unusable> {
    let aws = &entry.params.aws;
    match (&aws.access_key_id, &aws.secret_access_key) {
        (Some(id), Some(secret)) => Ok(Some([id, secret])),
        (None, None) if aws.session_token.is_none() => Ok(None),
        (None, _) => Err(half(entry, "aws_access_key_id")),
        (_, None) => Err(half(entry, "aws_secret_access_key")),
    }
}

/// That of the environment, which may be of the configuration's making.
fn of_environment(env: Env<'_>) -> Option<[String; 2]> {
    let id = set(env, "AWS_ACCESS_KEY_ID")?;
    Some([id, set(env, "AWS_SECRET_ACCESS_KEY")?])
}

/// Whether the role of an entry is the one that the environment lets the program have anyhow, as in a
/// pod. A role need not be allowed to assume itself.
fn is_assumed(aws: &AwsParams, env: Env<'_>) -> bool {
    let role = aws.role.as_deref();
    role.is_some()
        && set(env, "AWS_WEB_IDENTITY_TOKEN_FILE").is_some()
        && set(env, "AWS_ROLE_ARN").as_deref() == role
}

fn set(env: Env<'_>, name: &str) -> Option<String> {
    let value = env(name)?.trim().to_owned();
    (!value.is_empty()).then_some(value)
}

fn half(entry: &ModelEntry, key: &str) -> Unusable {
    let message = "an access key is an id and a secret, and one of them is missing".to_owned();
    let fix = "write `aws_access_key_id` and `aws_secret_access_key`, or none of them";
    wrong(entry, key, message, fix)
}

fn wrong(entry: &ModelEntry, key: &str, message: String, fix: &str) -> Unusable {
    Unusable::Wrong(about(entry, key, message, fix))
}
