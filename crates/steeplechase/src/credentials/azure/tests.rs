//! Tokens are asked for, and shown.

use std::convert::Infallible;
use std::io::Write;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, Uri};
use http_body_util::{BodyExt, Full};
use steeplechase_core::deployment::Authorize;
use steeplechase_core::{ApiKey, Class, Scope};

use super::*;

const SCOPE: &str = "https://cognitiveservices.azure.com/.default";
const TOKEN: &str = r#"{"token_type":"Bearer","expires_in":3599,"access_token":"T0KEN"}"#;

/// What a login server was asked.
#[derive(Clone, Debug)]
struct Asked {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: String,
}

type Log = Arc<Mutex<Vec<Asked>>>;

/// A token that is asked for of a server that answers with `status` and `body`.
fn token(identity: Identity, scope: &str, status: u16, body: &'static str) -> (AzureToken, Log) {
    let log = Log::default();
    let noted = Arc::clone(&log);
    let server = tower::service_fn(move |request: Request<Full<Bytes>>| {
        let noted = Arc::clone(&noted);
        async move {
            let (parts, asked) = request.into_parts();
            let asked = asked.collect().await.unwrap().to_bytes();
            noted.lock().unwrap().push(Asked {
                method: parts.method,
                uri: parts.uri,
                headers: parts.headers,
                body: String::from_utf8(asked.to_vec()).unwrap(),
            });
            let response = Response::builder().status(status);
            let response = response.header("content-type", "application/json");
            Ok::<_, Infallible>(response.body(Full::from(body)).unwrap())
        }
    });
    (AzureToken::new(identity, scope, server), log)
}

fn secret() -> Identity {
    Identity::Secret {
        tenant_id: "tenant".into(),
        client_id: "app".into(),
        secret: ApiKey::new("hunter2+&"),
    }
}

fn shown(token: &AzureToken) -> Result<String, steeplechase_core::Error> {
    let mut headers = HeaderMap::new();
    let uri = Uri::from_static("https://eu.openai.azure.com");
    token.authorize(&Method::POST, &uri, &mut headers, b"")?;
    let value = headers.remove("authorization").unwrap();
    assert!(value.is_sensitive());
    Ok(value.to_str().unwrap().to_owned())
}

#[tokio::test]
async fn an_application_shows_its_secret_to_the_login_server_and_its_token_to_the_provider() {
    let (token, log) = token(secret(), SCOPE, 200, TOKEN);
    assert_eq!(shown(&token).unwrap_err().class(), Class::Auth);
    token.renewed().renew().await.unwrap();
    assert_eq!(shown(&token).unwrap(), "Bearer T0KEN");

    let asked = log.lock().unwrap()[0].clone();
    assert_eq!(asked.method, Method::POST);
    assert_eq!(
        asked.uri,
        "https://login.microsoftonline.com/tenant/oauth2/v2.0/token"
    );
    let fields: Vec<_> = asked.body.split('&').collect();
    assert!(fields.contains(&"client_id=app"));
    assert!(fields.contains(&"client_secret=hunter2%2B%26"));
    assert!(fields.contains(&"grant_type=client_credentials"));
    assert!(fields.contains(&"scope=https%3A%2F%2Fcognitiveservices.azure.com%2F.default"));
}

#[tokio::test]
async fn each_renewal_asks_for_a_new_token() {
    let (token, log) = token(secret(), SCOPE, 200, TOKEN);
    token.renewed().renew().await.unwrap();
    token.renewed().renew().await.unwrap();
    assert_eq!(log.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn the_clouds_of_governments_have_login_servers_of_their_own() {
    for (scope, host) in [
        (
            "https://cognitiveservices.azure.us/.default",
            "login.microsoftonline.us",
        ),
        (
            "https://cognitiveservices.azure.cn/.default",
            "login.chinacloudapi.cn",
        ),
    ] {
        let (token, log) = token(secret(), scope, 200, TOKEN);
        token.renewed().renew().await.unwrap();
        assert_eq!(log.lock().unwrap()[0].uri.host(), Some(host));
    }
}

#[tokio::test]
async fn a_pod_shows_its_own_token_as_it_is_in_the_file() {
    let path = std::env::temp_dir().join(format!("azure-token-{}", std::process::id()));
    std::fs::File::create(&path)
        .unwrap()
        .write_all(b"POD.TOKEN")
        .unwrap();
    let identity = Identity::Workload {
        tenant_id: "tenant".into(),
        client_id: "app".into(),
        token_file: path.clone(),
    };
    let (token, log) = token(identity, SCOPE, 200, TOKEN);
    token.renewed().renew().await.unwrap();
    std::fs::remove_file(&path).unwrap();
    let asked = log.lock().unwrap()[0].clone();
    assert!(asked.body.contains("client_assertion=POD.TOKEN"));
    assert!(
        asked
            .body
            .contains("client_assertion_type=urn%3Aietf%3Aparams%3Aoauth")
    );

    // Without the file there is no new token, and the old one is good for as long as it was.
    let error = token.renewed().renew().await.unwrap_err();
    assert_eq!(error.class(), Class::Auth);
    assert_eq!(shown(&token).unwrap(), "Bearer T0KEN");
}

#[tokio::test]
async fn a_machine_asks_its_own_server() {
    let answer = r#"{"access_token":"T0KEN","expires_on":"4102444800","resource":"r",
                     "token_type":"Bearer"}"#;
    let identity = Identity::Managed {
        client_id: Some("id-7".into()),
    };
    let (token, log) = token(identity, SCOPE, 200, answer);
    token.renewed().renew().await.unwrap();
    assert_eq!(shown(&token).unwrap(), "Bearer T0KEN");
    let asked = log.lock().unwrap()[0].clone();
    assert_eq!(asked.method, Method::GET);
    assert_eq!(asked.uri.host(), Some("169.254.169.254"));
    assert_eq!(asked.headers["metadata"], "true");
    let query = asked.uri.query().unwrap();
    assert!(query.contains("client_id=id-7"), "{query}");
    assert!(
        query.contains("resource=https%3A%2F%2Fcognitiveservices.azure.com"),
        "{query}"
    );
}

#[tokio::test]
async fn a_refusal_says_why_in_the_log_and_nothing_to_callers() {
    let refusal = r#"{"error":"invalid_client","error_codes":[7000215],
        "error_description":"AADSTS7000215: Invalid client secret provided."}"#;
    let (token, log) = token(secret(), SCOPE, 401, refusal);
    let error = token.renewed().renew().await.unwrap_err();
    assert_eq!(
        (error.class(), error.scope()),
        (Class::Auth, Scope::Deployment)
    );
    assert!(
        error.detail().unwrap().contains("AADSTS7000215"),
        "{error:?}"
    );
    assert!(!error.message().contains("AADSTS"));
    assert!(!format!("{error:?} {token:?} {:?}", secret()).contains("hunter2"));
    assert_eq!(
        log.lock().unwrap().len(),
        1,
        "who renews it tries again, and nobody else"
    );
    assert!(shown(&token).is_err());
}

#[tokio::test]
async fn a_page_in_the_place_of_a_token_is_none() {
    let (token, _) = token(secret(), SCOPE, 200, "<html>");
    assert!(token.renewed().renew().await.is_err());
}
