//! The settings of a deployment at AWS: where it is, and whose credentials its requests are signed with.

use std::path::PathBuf;

use crate::config::model::AwsParams;
use crate::config::node::{Cursor, Resolved};
use crate::config::secret::Secret;

/// What a reference to a web identity begins with, if it names a file.
const FILE: &str = "oidc/file/";

/// Reads a field, if it is one of these.
pub(super) fn aws(field: &Cursor<'_>, params: &mut AwsParams) -> bool {
    match field.key() {
        "aws_region_name" => params.region = text(field, "eu-west-1"),
        "aws_access_key_id" => params.access_key_id = key(field),
        "aws_secret_access_key" => params.secret_access_key = key(field),
        "aws_session_token" => params.session_token = key(field),
        "aws_profile_name" => params.profile = text(field, "production"),
        "aws_role_name" => params.role = text(field, "arn:aws:iam::123456789012:role/gateway"),
        "aws_session_name" => params.session_name = text(field, "gateway"),
        "aws_external_id" => params.external_id = key(field),
        "aws_web_identity_token" => params.web_identity_file = web_identity(field),
        "aws_sts_endpoint" => {
            params.sts_endpoint = text(field, "https://sts.eu-west-1.amazonaws.com");
        }
        "aws_bedrock_runtime_endpoint" => {
            let example = "https://bedrock-runtime.eu-west-1.amazonaws.com";
            params.bedrock_endpoint = text(field, example);
        }
        "model_id" => {
            let example = "arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/x";
            params.model_id = text(field, example);
        }
        _ => return false,
    }
    true
}

/// A text. An empty one is none, as a variable that is there and empty.
fn text(field: &Cursor<'_>, example: &str) -> Option<String> {
    field.text(example).filter(|text| !text.is_empty())
}

/// A part of a secret. Whether the rest of it is there is seen when all of it is needed.
fn key(field: &Cursor<'_>) -> Option<Secret> {
    let key = field.secret(|name| {
        field.warn(
            format!("the environment variable `{name}` is not set or is empty"),
            format!("set `{name}`, or give it a value under `environment_variables`"),
        );
    });
    key.filter(|key| !key.expose().is_empty())
}

/// The file of a token. The token itself cannot be written here: it would be good for an hour or so.
fn web_identity(field: &Cursor<'_>) -> Option<PathBuf> {
    let text = match field.resolve() {
        Resolved::Nothing => return None,
        Resolved::Text(text) => text.to_owned(),
        Resolved::Variable { value, .. } => value,
        // Which is no path.
        _ => "-".to_owned(),
    };
    if text.is_empty() {
        return None;
    }
    let path = text.strip_prefix(FILE).unwrap_or(&text);
    if path.starts_with('/') {
        return Some(path.into());
    }
    // What is found may be a secret.
    field.error(
        "expected the path of a file with a token",
        format!("write for example `{}: /var/run/token`", field.key()),
    );
    None
}
