use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderMap, Method, Uri};
use serde_json::{Value, json};
use steeplechase_core::deployment::Authorize;
use steeplechase_core::{Class, Error, Scope};

use super::server::Server;
use super::{account, login};
use crate::credentials::GoogleCredentials;
use crate::credentials::google::origin::Origin;
use crate::credentials::google::source::Source;

const TOKEN: &str = r#"{"access_token":"token-1","expires_in":3599,"token_type":"Bearer"}"#;
const REFUSAL: &str = r#"{"error":"invalid_grant","error_description":"Invalid JWT Signature."}"#;

/// The headers of a request.
fn headers(credentials: &GoogleCredentials) -> Result<HeaderMap, Error> {
    let mut headers = HeaderMap::new();
    let uri = Uri::from_static("https://a.test");
    credentials.authorize(&Method::POST, &uri, &mut headers, b"")?;
    Ok(headers)
}

/// The value of a field in a form.
fn field(form: &str, name: &str) -> String {
    let mut fields = form.split('&').filter_map(|field| field.split_once('='));
    let (_, value) = fields.find(|(field, _)| *field == name).unwrap();
    value.replace("%3A", ":").replace("%2F", "/")
}

#[tokio::test]
async fn a_service_account_shows_a_signed_claim_and_gets_a_token() {
    let server = Server::start(TOKEN).await;
    let json = account(&format!("{}/token", server.url)).to_string();
    let credentials = GoogleCredentials::from_json(&json).unwrap();
    assert_eq!(credentials.project(), Some("p1"));
    assert_eq!(headers(&credentials).unwrap_err().class(), Class::Auth);

    credentials.renew().await.unwrap();
    let sent = headers(&credentials).unwrap();
    assert_eq!(sent["authorization"], "Bearer token-1");
    assert!(sent["authorization"].is_sensitive());
    assert_eq!(sent.len(), 1);

    let asked = server.asked();
    assert_eq!(asked[0].uri, "/token");
    assert_eq!(
        field(&asked[0].body, "grant_type"),
        "urn:ietf:params:oauth:grant-type:jwt-bearer"
    );
    let claim = field(&asked[0].body, "assertion");
    let parts: Vec<_> = claim.split('.').collect();
    assert_eq!(parts.len(), 3);
    let decode = |part: &str| {
        URL_SAFE_NO_PAD
            .decode(part.trim_end_matches("%3D"))
            .unwrap()
    };
    let claims: Value = serde_json::from_slice(&decode(parts[1])).unwrap();
    assert_eq!(claims["iss"], "sa@p1.test");
    assert_eq!(
        claims["scope"],
        "https://www.googleapis.com/auth/cloud-platform"
    );
    assert_eq!(decode(parts[2]).len(), 256);
}

#[tokio::test]
async fn a_key_that_was_escaped_twice_is_a_key() {
    let server = Server::start(TOKEN).await;
    let mut json = account(&server.url);
    let escaped = super::KEY.replace('\n', "\\n");
    json["private_key"] = escaped.into();
    let credentials = GoogleCredentials::from_json(&json.to_string()).unwrap();
    credentials.renew().await.unwrap();
}

#[tokio::test]
async fn a_token_is_fetched_anew_each_time_and_shared_by_clones() {
    let server = Server::start(TOKEN).await;
    let credentials = GoogleCredentials::from_json(&account(&server.url).to_string()).unwrap();
    let clone = credentials.clone();
    credentials.renew().await.unwrap();
    credentials.renew().await.unwrap();
    assert_eq!(server.asked().len(), 2);
    assert!(headers(&clone).is_ok());
}

#[tokio::test]
async fn a_users_login_is_exchanged_and_names_the_project_that_pays() {
    let server = Server::start(TOKEN).await;
    let source = Source::from_json(&login().to_string()).unwrap();
    let credentials = GoogleCredentials::with(Origin::Fixed(source), server.connector());
    credentials.renew().await.unwrap();
    let form = &server.asked()[0].body;
    assert_eq!(field(form, "refresh_token"), "refresh-1");
    assert_eq!(field(form, "grant_type"), "refresh_token");
    let sent = headers(&credentials).unwrap();
    assert_eq!(sent["authorization"], "Bearer token-1");
    assert_eq!(sent["x-goog-user-project"], "p2");
}

#[tokio::test]
async fn a_machine_asks_its_metadata_server() {
    let server = Server::start(TOKEN).await;
    let host = server.url["http://".len()..].to_owned();
    let env = move |name: &str| (name == "GCE_METADATA_HOST").then(|| host.clone());
    let credentials = GoogleCredentials::find(&env).unwrap();
    assert_eq!(credentials.project(), None);
    credentials.renew().await.unwrap();
    let asked = &server.asked()[0];
    assert_eq!(asked.headers["metadata-flavor"], "Google");
    let path = asked.uri.path();
    assert_eq!(
        path,
        "/computeMetadata/v1/instance/service-accounts/default/token"
    );
    assert!(headers(&credentials).is_ok());
}

#[tokio::test]
async fn an_external_account_shows_the_token_of_somebody_else() {
    let server = Server::start(TOKEN).await;
    let file = std::env::temp_dir().join(format!("steeplechase-{}", fastrand::u64(..)));
    std::fs::write(&file, "theirs").unwrap();
    let json = json!({
        "type": "external_account",
        "audience": "//iam.test/pools/p",
        "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
        "token_url": format!("{}/sts", server.url),
        "credential_source": {"file": file},
    });
    let credentials = GoogleCredentials::from_json(&json.to_string()).unwrap();
    credentials.renew().await.unwrap();
    std::fs::remove_file(&file).unwrap();
    let asked = &server.asked()[0];
    assert_eq!(asked.uri, "/sts");
    assert!(asked.body.contains("theirs"), "{}", asked.body);
}

#[tokio::test]
async fn a_refusal_is_for_the_log_and_not_for_callers() {
    let server = Server::start(REFUSAL).await;
    let credentials = GoogleCredentials::from_json(&account(&server.url).to_string()).unwrap();
    let error = credentials.renew().await.unwrap_err();
    assert_eq!(
        (error.class(), error.scope()),
        (Class::Auth, Scope::Deployment)
    );
    let detail = error.detail().unwrap();
    assert!(
        detail.contains("sa@p1.test") && detail.contains("Invalid JWT Signature"),
        "{detail}"
    );
    assert!(!error.message().contains("sa@p1.test"), "{error}");
    // Calls fail in the same way until there is a token.
    assert_eq!(headers(&credentials).unwrap_err().detail(), Some(detail));
}

#[tokio::test]
async fn a_server_that_is_not_there_and_a_key_that_is_none_are_failures() {
    let nobody = Server::start("").await.url;
    let mut json = account(&nobody);
    let credentials = GoogleCredentials::from_json(&json.to_string()).unwrap();
    assert_eq!(credentials.renew().await.unwrap_err().class(), Class::Auth);
    json["private_key"] = "no key".into();
    let credentials = GoogleCredentials::from_json(&json.to_string()).unwrap();
    let error = credentials.renew().await.unwrap_err();
    assert!(!format!("{error:?}").contains("no key"), "{error:?}");
}

#[tokio::test]
async fn nothing_secret_is_shown() {
    let server = Server::start(TOKEN).await;
    for json in [account(&server.url), login()] {
        let source = Source::from_json(&json.to_string()).unwrap();
        let credentials = GoogleCredentials::with(Origin::Fixed(source), server.connector());
        credentials.renew().await.unwrap();
        let shown = format!("{credentials:?}");
        for secret in ["PRIVATE KEY", "hunter2", "refresh-1", "token-1"] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
}

#[tokio::test]
async fn a_file_is_read_again_for_each_token() {
    let server = Server::start(TOKEN).await;
    let file = std::env::temp_dir().join(format!("steeplechase-{}", fastrand::u64(..)));
    std::fs::write(&file, account("http://127.0.0.1:1/").to_string()).unwrap();
    let credentials = GoogleCredentials::from_file(&file).unwrap();
    assert!(credentials.renew().await.is_err());
    std::fs::write(&file, account(&server.url).to_string()).unwrap();
    credentials.renew().await.unwrap();
    std::fs::remove_file(&file).unwrap();
    let error = credentials.renew().await.unwrap_err();
    assert!(
        error.detail().unwrap().contains("No such file"),
        "{error:?}"
    );
    assert!(
        headers(&credentials).is_ok(),
        "the token is good all the same"
    );
}
