use std::path::PathBuf;

use serde_json::json;

use super::{account, login};
use crate::credentials::GoogleCredentials;

/// A folder of its own, which is removed with it.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let path = std::env::temp_dir().join(format!("steeplechase-{}", fastrand::u64(..)));
        std::fs::create_dir_all(path.join(".config/gcloud")).unwrap();
        Self(path)
    }

    fn write(&self, name: &str, json: &serde_json::Value) -> String {
        let path = self.0.join(name);
        std::fs::write(&path, json.to_string()).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn the_file_that_is_named_goes_before_the_login_and_that_before_the_machine() {
    let folder = Folder::new();
    let key = folder.write("key.json", &account("https://a.test/token"));
    let home = folder.0.to_str().unwrap();
    let find = |named: Option<&str>| {
        let env = |name: &str| match name {
            "GOOGLE_APPLICATION_CREDENTIALS" => named.map(str::to_owned),
            "HOME" => Some(home.to_owned()),
            _ => None,
        };
        format!("{:?}", GoogleCredentials::find(&env).unwrap())
    };
    assert!(find(None).contains("the metadata server"));
    folder.write(
        ".config/gcloud/application_default_credentials.json",
        &login(),
    );
    assert!(find(None).contains("a user's login"));
    assert!(find(Some(" ")).contains("a user's login"));
    assert!(find(Some(&key)).contains("the service account sa@p1.test"));
}

#[test]
fn a_login_may_be_named_like_a_key() {
    let folder = Folder::new();
    let path = folder.write("login.json", &login());
    let credentials = GoogleCredentials::from_file(path).unwrap();
    assert_eq!(credentials.project(), Some("p2"));
}

#[test]
fn what_is_wrong_is_said_without_what_is_secret() {
    let folder = Folder::new();
    let mut without_mail = account("https://a.test");
    without_mail["client_email"] = json!({"secret": "hunter2"});
    let path = folder.write("broken.json", &without_mail);
    for (error, says) in [
        (
            GoogleCredentials::from_json("{\"private_key\": hunter2"),
            "no JSON: line 1",
        ),
        (
            GoogleCredentials::from_json("{\"key\": \"hunter2\"}"),
            "`type` is missing",
        ),
        (
            GoogleCredentials::from_json("{\"type\": \"gdch\"}"),
            "`gdch` are not supported",
        ),
        (
            GoogleCredentials::from_file("/nowhere/key.json"),
            "/nowhere/key.json: ",
        ),
        (
            GoogleCredentials::from_file(path),
            "broken.json: these fields have to be texts",
        ),
    ] {
        let error = error.unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
        assert!(!error.contains("hunter2"), "{error}");
    }
}
