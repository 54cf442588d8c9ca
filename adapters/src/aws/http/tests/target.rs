use super::*;

#[test]
fn trap_4_to_8_each_door_has_its_own_form_of_a_query() {
    for (event, query) in [
        (
            v1(json!({"multiValueQueryStringParameters": {"a": ["1 +&=", "2"], "é": [""]}})),
            "a=1%20%2B%26%3D&a=2&%C3%A9=",
        ),
        (
            v1(json!({"queryStringParameters": {"a": "1", "b": "2"}})),
            "a=1&b=2",
        ),
        (
            alb(json!({"queryStringParameters": {"q": "a%20b%26c", "x": "1+2%FF"}})),
            "q=a%20b%26c&x=1+2%FF",
        ),
        (
            v2(
                json!({"rawQueryString": "a=1&a=2&b=%20x&c&d=&e=%FF|^[]", "queryStringParameters": {"a": "1,2"}}),
            ),
            "a=1&a=2&b=%20x&c&d=&e=%FF|^[]",
        ),
        (
            v2(json!({"rawQueryString": "a=\" <é>#"})),
            "a=%22%20%3C%C3%A9%3E%23",
        ),
        (
            lattice(json!({"queryStringParameters": {"s": ["a b", "%20&"]}})),
            "s=a%20b&s=%20%26",
        ),
    ] {
        assert_eq!(
            decoded(&event).request.uri().query(),
            Some(query),
            "{event}"
        );
    }
}

#[test]
fn trap_9_a_decoded_path_is_made_legal_and_an_encoded_one_stays() {
    for (raw, path) in [
        ("/my/path-with space", "/my/path-with%20space"),
        ("/orders#1", "/orders%231"),
        ("/a?b", "/a%3Fb"),
        ("/café", "/caf%C3%A9"),
        ("/100%", "/100%25"),
        ("/%zz", "/%25zz"),
        ("/a%2Fb%20c", "/a%2Fb%20c"),
        ("/a/../b/./%2e%2e", "/a/../b/./%2e%2e"),
        ("/\"<>\\^`{|}\u{7f}", "/%22%3C%3E%5C%5E%60%7B%7C%7D%7F"),
        ("", "/"),
        ("hello", "/hello"),
    ] {
        assert_eq!(
            decoded(&v2(json!({"rawPath": raw}))).request.uri().path(),
            path,
            "{raw}"
        );
        assert_eq!(
            decoded(&v1(json!({"path": raw}))).request.uri().path(),
            path,
            "{raw}"
        );
    }
}

#[test]
fn trap_10_a_path_never_becomes_the_authority() {
    for (host, path, wanted) in [
        ("a.example", "//evil/x", "https://a.example//evil/x"),
        ("a.example:8443", "/x", "https://a.example:8443/x"),
        ("a/b", "/x", "https://api.example/x"),
        ("user@a.example", "/x", "https://api.example/x"),
        ("", "/x", "https://api.example/x"),
        ("a b", "/x", "https://api.example/x"),
    ] {
        let event = v2(json!({"rawPath": path, "headers": {"host": host}}));
        assert_eq!(uri(&decoded(&event)), wanted, "{host}");
    }
    let nameless = alb(json!({"headers": {"user-agent": "ELB-HealthChecker/2.0"}}));
    assert_eq!(uri(&decoded(&nameless)), "/hello");
}

#[test]
fn trap_11_a_stage_is_no_part_of_the_path() {
    for (event, path, stage, root) in [
        (
            v2(json!({"rawPath": "/test/hello", "requestContext": {"stage": "test"}})),
            "/hello",
            Some("test"),
            "/test",
        ),
        (
            v2(json!({"rawPath": "/testing/hello", "requestContext": {"stage": "test"}})),
            "/testing/hello",
            Some("test"),
            "",
        ),
        (
            v2(json!({"rawPath": "/test", "requestContext": {"stage": "test"}})),
            "/",
            Some("test"),
            "/test",
        ),
        (v2(json!({})), "/hello", None, ""),
        (v1(json!({})), "/hello", Some("prod"), "/prod"),
        (
            v1(json!({"path": "/", "requestContext": {"path": "/prod"}})),
            "/",
            Some("prod"),
            "/prod",
        ),
        (
            v1(json!({"path": "/prod/x", "requestContext": {"path": "/prod/prod/x"}})),
            "/prod/x",
            Some("prod"),
            "/prod",
        ),
        (
            v1(json!({"path": "/base/x", "requestContext": {"path": "/base/x"}})),
            "/base/x",
            Some("prod"),
            "",
        ),
        (
            v1(json!({"version": "1.0", "path": "/prod/x", "requestContext": {"path": "/prod/x"}})),
            "/x",
            Some("prod"),
            "/prod",
        ),
        (
            v1(
                json!({"version": "1.0", "path": "/x", "requestContext": {"path": "/x", "stage": "$default"}}),
            ),
            "/x",
            None,
            "",
        ),
    ] {
        let incoming = decoded(&event);
        assert_eq!(incoming.request.uri().path(), path, "{event}");
        assert_eq!(incoming.stage.as_deref(), stage, "{event}");
        assert_eq!(&*incoming.root_path, root, "{event}");
    }
}

#[test]
fn trap_5_a_querys_pairs_keep_their_order() {
    let query = r#""multiValueQueryStringParameters":{"z":["1"],"a":["2"],"m":["3","0"]}"#;
    let event = v1(json!({})).to_string();
    let event = event.replacen(r#""multiValueQueryStringParameters":null"#, query, 1);
    let incoming = decode(&event, []).unwrap();
    assert_eq!(incoming.request.uri().query(), Some("z=1&a=2&m=3&m=0"));
}

#[test]
fn trap_11_a_base_path_is_taken_off_by_setting_alone_once_and_at_a_segments_border() {
    let custom = |path: &str| v1(json!({"path": path, "requestContext": {"path": path}}));
    for (event, setting, path, root) in [
        (custom("/shop/orders"), "", "/shop/orders", ""),
        (custom("/shop/orders"), "shop", "/orders", "/shop"),
        (custom("/shop/orders"), "/shop/", "/orders", "/shop"),
        (custom("/shop"), "/shop", "/", "/shop"),
        (custom("/shopping"), "/shop", "/shopping", ""),
        (custom("/shop/shop"), "/shop", "/shop", "/shop"),
        (custom("/eu/shop/x"), "/eu/shop", "/x", "/eu/shop"),
        (
            v2(json!({"rawPath": "/shop/a%20b"})),
            "shop",
            "/a%20b",
            "/shop",
        ),
        (
            v2(json!({"rawPath": "/prod/shop/a", "requestContext": {"stage": "prod"}})),
            "shop",
            "/a",
            "/prod/shop",
        ),
        (alb(json!({"path": "/shop/a"})), "shop", "/a", "/shop"),
    ] {
        let incoming = decode(&event.to_string(), [("ISOBAR_BASE_PATH", setting)]).unwrap();
        let got = (incoming.request.uri().path(), &*incoming.root_path);
        assert_eq!(got, (path, root), "{event} {setting}");
    }
}
