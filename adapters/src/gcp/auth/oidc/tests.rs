//! Tokens of keys of our own, and a key server on loopback.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use base64_simd::URL_SAFE_NO_PAD;
use isobar_core::HeaderMap;
use ring::rand::SystemRandom;
use ring::rsa::{KeyPair, PublicKeyComponents};
use ring::signature::RSA_PKCS1_SHA256;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::Verifier;
use crate::config::Environment;

const ONE: &[u8] = include_bytes!("../../../../../tests/data/gcp/keys/one.der");
const TWO: &[u8] = include_bytes!("../../../../../tests/data/gcp/keys/two.der");
const AUDIENCE: &str = "https://svc.a.run.app/events";
const SENDER: &str = "push@p.iam.gserviceaccount.com";

fn now() -> u64 {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_secs()
}

fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode_to_string(bytes)
}

/// Signs a token.
fn token(key: &[u8], header: &Value, claims: &Value) -> String {
    let pair = KeyPair::from_pkcs8(key).unwrap();
    let signed = format!(
        "{}.{}",
        encode(header.to_string()),
        encode(claims.to_string())
    );
    let mut signature = vec![0; pair.public().modulus_len()];
    let random = SystemRandom::new();
    pair.sign(
        &RSA_PKCS1_SHA256,
        &random,
        signed.as_bytes(),
        &mut signature,
    )
    .unwrap();
    format!("{signed}.{}", encode(signature))
}

fn header(kid: &str) -> Value {
    json!({"alg": "RS256", "kid": kid, "typ": "JWT"})
}

fn claims() -> Value {
    json!({"iss": "https://accounts.google.com", "aud": AUDIENCE, "azp": "1", "sub": "1",
        "email": SENDER, "email_verified": true, "iat": now(), "exp": now() + 3600})
}

fn with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[name] = value;
    claims
}

fn key_set(keys: &[(&str, &[u8])]) -> String {
    let keys: Vec<_> = keys
        .iter()
        .map(|(kid, key)| {
            let pair = KeyPair::from_pkcs8(key).unwrap();
            let public: PublicKeyComponents<Vec<u8>> = pair.public().into();
            json!({"kty": "RSA", "alg": "RS256", "use": "sig", "kid": kid,
                "n": encode(public.n), "e": encode(public.e)})
        })
        .collect();
    json!({ "keys": keys }).to_string()
}

/// A key server: its address, and how often it was asked.
async fn serve(answers: Vec<String>) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/keys", listener.local_addr().unwrap());
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    drop(tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let n = counter.fetch_add(1, Ordering::SeqCst);
            let body = &answers[n.min(answers.len() - 1)];
            let _head = stream.read(&mut [0; 1024]).await.unwrap();
            let status = if body.is_empty() { "500 No" } else { "200 OK" };
            let answer = format!(
                "HTTP/1.1 {status}\r\ncache-control: public, max-age=100\r\ncontent-length: {}\r\n\r\n{body}",
                body.len()
            );
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    }));
    (address, asked)
}

fn verifier(keys: &str) -> Verifier {
    Verifier::new(&Environment::of([
        ("ISOBAR_EVENTS_KEYS", keys),
        ("ISOBAR_EVENTS_AUDIENCE", AUDIENCE),
        (
            "ISOBAR_EVENTS_SENDERS",
            &format!("other@p.example, {SENDER}"),
        ),
    ]))
    .unwrap()
}

async fn status(verifier: &Verifier, authorization: &str) -> u16 {
    let mut headers = HeaderMap::new();
    headers.insert("authorization", authorization.parse().unwrap());
    match verifier.admit(&headers).await {
        Ok(()) => 200,
        Err(answer) => answer.status().as_u16(),
    }
}

#[tokio::test]
async fn a_good_token_is_let_in_and_keys_are_fetched_once() {
    let (address, asked) = serve(vec![key_set(&[("one", ONE), ("two", TWO)])]).await;
    let verifier = verifier(&address);
    for (kid, key) in [("one", ONE), ("two", TWO), ("one", ONE)] {
        let good = token(key, &header(kid), &claims());
        assert_eq!(status(&verifier, &format!("Bearer {good}")).await, 200);
    }
    // Both spellings of the issuer, and a clock that is off by less than a minute.
    for good in [
        with("iss", json!("accounts.google.com")),
        with("iat", json!(now() + 30)),
        with("exp", json!(now() - 30)),
    ] {
        let good = token(ONE, &header("one"), &good);
        assert_eq!(status(&verifier, &format!("bearer {good}")).await, 200);
    }
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_token_with_another_claim_is_refused() {
    let (address, _) = serve(vec![key_set(&[("one", ONE)])]).await;
    let verifier = verifier(&address);
    for (name, value) in [
        ("iss", json!("https://accounts.google.com.evil")),
        ("iss", json!(null)),
        ("aud", json!("https://svc.a.run.app/")),
        ("aud", json!([AUDIENCE])),
        ("aud", json!(null)),
        ("email", json!("evil@p.iam.gserviceaccount.com")),
        ("email", json!(null)),
        ("email_verified", json!(false)),
        ("email_verified", json!("true")),
        ("email_verified", json!(null)),
        ("exp", json!(now() - 61)),
        ("exp", json!(null)),
        ("iat", json!(now() + 120)),
        ("iat", json!("x")),
    ] {
        let bad = token(ONE, &header("one"), &with(name, value.clone()));
        let got = status(&verifier, &format!("Bearer {bad}")).await;
        assert_eq!(got, 401, "{name}: {value}");
    }
}

#[tokio::test]
async fn a_token_that_is_not_signed_by_google_is_refused() {
    let (address, _) = serve(vec![key_set(&[("one", ONE)])]).await;
    let verifier = verifier(&address);
    let good = token(ONE, &header("one"), &claims());
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let (head, payload) = signed.split_once('.').unwrap();
    let none = encode(r#"{"alg":"none","kid":"one"}"#);
    let forged = encode(with("sub", json!("evil")).to_string());
    let mut bad = vec![
        format!("{signed}.SIGNATURE_REMOVED_BY_GOOGLE"),
        format!("{signed}."),
        format!("{none}.{payload}."),
        format!("{none}.{payload}.{signature}"),
        format!("{head}.{forged}.{signature}"),
        signed.to_owned(),
        String::new(),
        "a.b.c".to_owned(),
        format!("{good}.x"),
        // Another's key under a known name.
        token(TWO, &header("one"), &claims()),
    ];
    for header in [
        json!({"alg": "RS384", "kid": "one"}),
        json!({"alg": "HS256", "kid": "one"}),
        json!({"alg": "RS256"}),
        json!({"alg": "RS256", "kid": "one", "crit": ["b64"]}),
    ] {
        bad.push(token(ONE, &header, &claims()));
    }
    for bad in bad {
        assert_eq!(
            status(&verifier, &format!("Bearer {bad}")).await,
            401,
            "{bad}"
        );
    }
    assert_eq!(status(&verifier, &format!("Basic {good}")).await, 401);
    assert_eq!(
        verifier
            .admit(&HeaderMap::new())
            .await
            .unwrap_err()
            .status(),
        401
    );
}

#[tokio::test]
async fn unknown_keys_are_asked_for_once_a_minute_at_most() {
    let (address, asked) = serve(vec![key_set(&[("one", ONE)]), key_set(&[("two", TWO)])]).await;
    let verifier = verifier(&address);
    let of = |kid: &str, key| format!("Bearer {}", token(key, &header(kid), &claims()));
    assert_eq!(status(&verifier, &of("one", ONE)).await, 200);
    for n in 0..20 {
        assert_eq!(
            status(&verifier, &of(&format!("unknown-{n}"), TWO)).await,
            401
        );
    }
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    verifier.forget_pause().await;
    // Google has rotated its keys: the new one is there, and the old one is no more.
    assert_eq!(status(&verifier, &of("two", TWO)).await, 200);
    assert_eq!(status(&verifier, &of("one", ONE)).await, 401);
    assert_eq!(asked.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn without_keys_nobody_is_let_in_and_the_sender_may_come_again() {
    let (address, asked) = serve(vec![String::new()]).await;
    let of = |address: &str| verifier(address);
    let good = format!("Bearer {}", token(ONE, &header("one"), &claims()));
    let verifier = of(&address);
    assert_eq!(status(&verifier, &good).await, 503);
    assert_eq!(status(&verifier, &good).await, 503);
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    assert_eq!(status(&of("http://127.0.0.1:1/keys"), &good).await, 503);
}

#[test]
fn the_start_says_what_is_missing() {
    for (pairs, wanted) in [
        (
            [
                ("ISOBAR_EVENTS_AUDIENCE", "x"),
                ("ISOBAR_EVENTS_SENDERS", " ,"),
            ],
            "ISOBAR_EVENTS_SENDERS",
        ),
        (
            [
                ("ISOBAR_EVENTS_AUDIENCE", ""),
                ("ISOBAR_EVENTS_SENDERS", "a@b"),
            ],
            "ISOBAR_EVENTS_AUDIENCE",
        ),
    ] {
        let error = Verifier::new(&Environment::of(pairs))
            .unwrap_err()
            .to_string();
        assert!(error.contains(wanted), "{error}");
    }
}
