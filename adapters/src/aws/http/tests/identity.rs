use std::net::IpAddr;

use super::*;

fn subject(event: &Value) -> Option<String> {
    let incoming = decoded(event);
    incoming
        .identity
        .map(|identity| identity.subject().to_owned())
}

const IAM: &str = "arn:aws:iam::123456789012:user/alice";
const ROLE: &str = "arn:aws:sts::123456789012:assumed-role/role/session";
const POOL_USER: &str = "eu-west-1:7f3k";

/// Wraps what stands in `requestContext`.
fn context(more: &Value) -> Value {
    json!({ "requestContext": more })
}

#[test]
fn payload_2_0_names_the_caller_by_token_iam_authorizer_or_certificate() {
    let iam = |more: Value| json!({"authorizer": {"iam": more}});
    let lambda = |more: Value| json!({"authorizer": {"lambda": more}});
    let jwt = |claims: Value| json!({"authorizer": {"jwt": {"claims": claims}}});
    let pool = json!({"identityId": POOL_USER, "identityPoolId": "p"});
    for (said, wanted) in [
        (
            jwt(json!({"sub": "u-1", "iss": "https://issuer/"})),
            Some("u-1"),
        ),
        (jwt(json!({"client_id": "c-1"})), Some("c-1")),
        (jwt(json!(null)), None),
        (
            iam(json!({"userArn": IAM, "callerId": "AIDA", "cognitoIdentity": null})),
            Some(IAM),
        ),
        (iam(json!({"callerId": "AIDA"})), Some("AIDA")),
        // All users of a pool share one role's ARN.
        (
            iam(json!({"userArn": ROLE, "cognitoIdentity": pool})),
            Some(POOL_USER),
        ),
        (
            lambda(json!({"principalId": "p-1", "plan": "gold"})),
            Some("p-1"),
        ),
        (lambda(json!({"plan": "gold"})), None),
        (lambda(json!(null)), None),
        (
            json!({"authentication": {"clientCert": {"subjectDN": "CN=c"}}}),
            Some("CN=c"),
        ),
        (json!({}), None),
    ] {
        assert_eq!(subject(&v2(context(&said))).as_deref(), wanted, "{said}");
    }
}

#[test]
fn payload_1_0_names_the_caller_by_authorizer_or_identity() {
    let identity = |more: Value| json!({"identity": more});
    let certificate = json!({"subjectDN": "CN=c", "issuerDN": "CN=ca"});
    for (said, wanted) in [
        (
            json!({"authorizer": {"principalId": "p-1", "latency": 3}}),
            Some("p-1"),
        ),
        (
            json!({"authorizer": {"claims": {"sub": "u-1", "cognito:username": "al"}}}),
            Some("u-1"),
        ),
        (json!({"authorizer": null}), None),
        (
            identity(json!({"userArn": IAM, "caller": "AIDA", "user": "AIDA"})),
            Some(IAM),
        ),
        (
            identity(json!({"cognitoIdentityId": POOL_USER, "userArn": ROLE})),
            Some(POOL_USER),
        ),
        (identity(json!({"clientCert": certificate})), Some("CN=c")),
        (identity(json!({"userArn": null})), None),
    ] {
        assert_eq!(subject(&v1(context(&said))).as_deref(), wanted, "{said}");
    }
}

#[test]
fn lattice_names_an_iam_caller_and_a_load_balancer_nobody() {
    let header = format!("Type=AWS_IAM; Principal={ROLE}; SessionName=s");
    for (event, wanted) in [
        (
            lattice(context(
                &json!({"identity": {"type": "AWS_IAM", "principal": ROLE}}),
            )),
            Some(ROLE),
        ),
        (
            lattice(context(&json!({"identity": {"sourceVpcArn": "arn"}}))),
            None,
        ),
        (
            json!({"raw_path": "/", "method": "GET", "headers": {"x-amzn-lattice-identity": header}}),
            Some(ROLE),
        ),
        // 2.0 has it elsewhere: no header tells it there
        (
            lattice(json!({"headers": {"x-amzn-lattice-identity": [header]}})),
            None,
        ),
        // A client can write it itself where the load balancer does not authenticate.
        (
            alb(json!({"headers": {"x-amzn-oidc-identity": "mallory"}})),
            None,
        ),
    ] {
        assert_eq!(subject(&event).as_deref(), wanted, "{event}");
    }
}

#[test]
fn an_identity_has_its_issuer_and_claims() {
    let event = v2(
        json!({"requestContext": {"authorizer": {"jwt": {"claims": {"sub": "u-1", "iss": "https://issuer/", "scope": "a b"}}}}}),
    );
    let identity = decoded(&event).identity.unwrap();
    assert_eq!(identity.issuer(), Some("https://issuer/"));
    assert_eq!(identity.claims::<Value>().unwrap()["scope"], "a b");
}

#[test]
fn trap_15_the_clients_address_is_the_front_doors_own_word() {
    for (event, wanted) in [
        (
            v1(json!({"headers": {"X-Forwarded-For": "1.1.1.1, 64.252.1.2"}})),
            Some("203.0.113.7"),
        ),
        (
            v2(json!({"headers": {"x-forwarded-for": "1.1.1.1"}})),
            Some("203.0.113.7"),
        ),
        (
            v2(json!({"requestContext": {"http": {"sourceIp": "2001:db8::7"}}})),
            Some("2001:db8::7"),
        ),
        (
            alb(json!({"headers": {"x-forwarded-for": "10.9.9.9, 203.0.113.7"}})),
            Some("203.0.113.7"),
        ),
        (
            alb(json!({"headers": {"x-forwarded-for": "203.0.113.7:52371"}})),
            Some("203.0.113.7"),
        ),
        (
            alb(
                json!({"headers": null, "multiValueHeaders": {"x-forwarded-for": ["1.1.1.1", "203.0.113.7"]}}),
            ),
            Some("203.0.113.7"),
        ),
        (alb(json!({})), None),
        (
            lattice(json!({"headers": {"x-forwarded-for": ["10.213.229.10"]}})),
            Some("10.213.229.10"),
        ),
        (
            v1(json!({"requestContext": {"identity": {"sourceIp": "test-invoke-source-ip"}}})),
            None,
        ),
    ] {
        let wanted: Option<IpAddr> = wanted.map(|ip| ip.parse().unwrap());
        assert_eq!(decoded(&event).client_ip, wanted, "{event}");
    }
}

#[test]
fn behind_proxies_the_clients_address_stands_further_left() {
    for (event, wanted) in [
        (
            v2(json!({"headers": {"x-forwarded-for": "192.0.2.1, 203.0.113.7"}})),
            "192.0.2.1",
        ),
        (
            v2(json!({"headers": {"x-forwarded-for": "192.0.2.1"}})),
            "192.0.2.1",
        ),
        (v2(json!({})), "203.0.113.7"),
        (
            v1(json!({"headers": {"X-Forwarded-For": "192.0.2.1, 203.0.113.7, 64.252.1.2"}})),
            "192.0.2.1",
        ),
        (
            alb(json!({"headers": {"x-forwarded-for": "192.0.2.1, 203.0.113.7"}})),
            "192.0.2.1",
        ),
    ] {
        let incoming = decode(&event.to_string(), [("ISOBAR_PROXIES", "1")]).unwrap();
        assert_eq!(incoming.client_ip.unwrap().to_string(), wanted, "{event}");
    }
}
