//! Where a provider is, and what it is shown.

use steeplechase_core::Deployment;

use super::*;

fn provider(row: &str) -> Provider {
    let mut catalog = Catalog::default();
    catalog.read(&format!("[house]\n{row}")).unwrap();
    catalog.get("house").unwrap().clone()
}

#[test]
fn the_first_key_that_is_set_counts() {
    let provider = provider("key_env = ['A', 'B', 'C']");
    let key = provider.key(&env(&[("A", " "), ("B", " b\n"), ("C", "c")]));
    assert_eq!(key, Some(ApiKey::new("b")));
    assert_eq!(provider.key(&|_| None), None);
}

#[test]
fn a_url_is_that_of_a_variable_or_else_everybodys() {
    let house = provider("base_url = 'https://a.b/v1'\nbase_url_env = ['U']");
    assert_eq!(house.url(&|_| None).unwrap(), "https://a.b/v1");
    assert_eq!(
        house.url(&env(&[("U", "http://c.d/")])).unwrap(),
        "http://c.d/"
    );
    let wrong = house.url(&env(&[("U", "nowhere")])).unwrap_err();
    assert!(matches!(wrong, UrlError::Wrong(_)));
    assert_eq!(provider("").url(&|_| None), Err(UrlError::Nowhere));
}

#[test]
fn an_account_is_a_part_of_a_url_and_never_leads_elsewhere() {
    let house = provider("base_url = 'https://{ACCOUNT}.a.b/{REGION|ZONE:eu}/v1'");
    let url = house.url(&env(&[("ACCOUNT", "acc-1"), ("ZONE", "us")]));
    assert_eq!(url.unwrap(), "https://acc-1.a.b/us/v1");
    for elsewhere in ["evil.example.com/", "x#", "a@b", "a?b", "h:1", ""] {
        let error = house.url(&env(&[("ACCOUNT", elsewhere)])).unwrap_err();
        assert_eq!(
            error,
            UrlError::Unset(vec!["ACCOUNT".into()]),
            "{elsewhere}"
        );
        assert!(error.to_string().contains("ACCOUNT"));
    }
    assert_eq!(house.variables(), ["ACCOUNT", "REGION", "ZONE"]);
}

#[test]
fn headers_are_filled_and_those_without_a_value_are_left_out() {
    let house =
        provider("headers = { x-a = 'fixed', x-b = '{key}', x-c = '{SITE}', x-d = '{NONE}' }");
    let equip = |variables: &[(&'static str, &'static str)]| {
        let builder = Deployment::builder("d", "m", Dialect::OpenAi);
        house.equip(builder, Some(ApiKey::new("k")), &env(variables))
    };
    let deployment = equip(&[("SITE", "s")]).unwrap().build();
    let headers = deployment.headers();
    let shown: Vec<_> = ["x-a", "x-b", "x-c"]
        .iter()
        .map(|name| &headers[*name])
        .collect();
    assert_eq!(shown, ["fixed", "k", "s"]);
    assert!(!headers.contains_key("x-d"));
    assert!(headers.values().all(http::HeaderValue::is_sensitive));
    let said: Vec<_> = house.headers().collect();
    assert_eq!(said[..2], [("x-a", vec![]), ("x-b", vec!["key"])]);
    assert_eq!(deployment.provider(), "house");

    let error = equip(&[("SITE", "a\nb")]).unwrap_err();
    assert!(error.contains("`x-c`") && !error.contains('\n'), "{error}");
}

#[test]
fn each_style_shows_the_key_in_its_own_way() {
    let auth = |style: &str| provider(&format!("auth = '{style}'")).auth(Some(ApiKey::new("k")));
    assert!(matches!(auth("bearer"), Auth::Bearer(_)));
    assert!(matches!(auth("basic"), Auth::Basic(_)));
    assert!(matches!(auth("none"), Auth::None));
    assert!(matches!(auth("x-goog-api-key"), Auth::Header(name, _) if name == "x-goog-api-key"));
    assert!(matches!(auth("scheme Api-Key"), Auth::Scheme(scheme, _) if &*scheme == "Api-Key"));
    assert!(matches!(auth("query key"), Auth::Query(name, _) if &*name == "key"));
}
