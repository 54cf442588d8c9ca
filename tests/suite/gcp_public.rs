//! A service that anybody can call: events are those that a known sender's token comes with.

use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use isobar_hosts::Launch;
use isobar_hosts::cloud_run::{Sender, Service};
use ring::rsa::{KeyPair, PublicKeyComponents};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::gcp_events::{push, send};

const AUDIENCE: &str = "https://svc-abc-ew.a.run.app/";
const SENDER: &str = "push@p.iam.gserviceaccount.com";
const KEY: &[u8] = include_bytes!("../data/gcp/keys/one.der");

fn encode(bytes: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

fn claims() -> Value {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_secs();
    json!({"iss": "https://accounts.google.com", "aud": AUDIENCE, "email": SENDER,
        "email_verified": true, "iat": now, "exp": now + 3600})
}

/// A token of Google's with another claim.
fn with(name: &str, value: impl Into<Value>) -> String {
    let mut claims = claims();
    claims[name] = value.into();
    token(&claims)
}

fn token(claims: &Value) -> String {
    let header = encode(r#"{"alg":"RS256","kid":"one"}"#);
    let signed = format!("{header}.{}", encode(claims.to_string()));
    let pair = KeyPair::from_pkcs8(KEY).unwrap();
    let mut signature = vec![0; pair.public().modulus_len()];
    let random = ring::rand::SystemRandom::new();
    let padding = &ring::signature::RSA_PKCS1_SHA256;
    pair.sign(padding, &random, signed.as_bytes(), &mut signature)
        .unwrap();
    format!("{signed}.{}", encode(signature))
}

/// Tokens that nobody at Google has signed.
fn unsigned() -> [String; 4] {
    let claims = encode(claims().to_string());
    let none = encode(r#"{"alg":"none","kid":"one"}"#);
    // Whoever lets the token choose checks this with the public key for the secret.
    let shared = encode(r#"{"alg":"HS256","kid":"one"}"#);
    let public: PublicKeyComponents<Vec<u8>> = KeyPair::from_pkcs8(KEY).unwrap().public().into();
    let secret = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &public.n);
    let shared = format!("{shared}.{claims}");
    let tag = encode(ring::hmac::sign(&secret, shared.as_bytes()));
    let unknown = encode(r#"{"alg":"RS256","kid":"two"}"#);
    [
        format!("{none}.{claims}."),
        format!("{none}.{claims}"),
        format!("{shared}.{tag}"),
        format!("{unknown}.{claims}.AAAA"),
    ]
}

/// Serves Google's keys, which are ours.
async fn keys() -> String {
    let public: PublicKeyComponents<Vec<u8>> = KeyPair::from_pkcs8(KEY).unwrap().public().into();
    let set = json!({"keys": [{"kty": "RSA", "kid": "one", "n": encode(public.n), "e": encode(public.e)}]});
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/keys", listener.local_addr().unwrap());
    drop(tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let _head = stream.read(&mut [0; 1024]).await.unwrap();
            let body = set.to_string();
            let answer = format!(
                "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}",
                body.len()
            );
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    }));
    address
}

#[tokio::test]
async fn forged_events_are_refused_and_those_of_known_senders_taken() {
    let launch = Launch::new(env!("CARGO_BIN_EXE_conformance"))
        .cwd(std::env::temp_dir())
        .env("ISOBAR_EVENTS_AUTH", "oidc")
        .env("ISOBAR_EVENTS_AUDIENCE", AUDIENCE)
        .env("ISOBAR_EVENTS_SENDERS", SENDER)
        .env("ISOBAR_EVENTS_KEYS", keys().await);
    let started = Service::new(launch).start().await.unwrap();
    let patience = std::time::Duration::from_secs(5);
    started
        .program
        .wait_line("not Google's", patience)
        .await
        .unwrap();
    let good = token(&claims());
    let (signed, _) = good.rsplit_once('.').unwrap();
    let stripped = format!("{signed}.SIGNATURE_REMOVED_BY_GOOGLE");
    let forged = unsigned().into_iter().chain([
        String::new(),
        stripped,
        format!("{signed}.AAAA"),
        with("aud", "https://else.example/"),
        with("aud", json!([AUDIENCE])),
        with("iss", "https://accounts.google.com.evil.example"),
        with("email", "else@p.iam.gserviceaccount.com"),
        with("email_verified", false),
        with("email_verified", "true"),
        with("exp", 1),
        with("exp", "never"),
        with("iat", u32::MAX),
    ]);
    let forged = forged.map(|token| (push("{}").token(token), 401));
    let others = [
        (push("{}").token(&good), 204),
        (push("{}"), 401),
        (
            Sender::job("nightly", "2026-10-09T00:00:00Z").path("/events"),
            401,
        ),
    ];
    for (sender, status) in others.into_iter().chain(forged) {
        let sent = started
            .front
            .deliver(&sender.clone().tries(1))
            .await
            .unwrap();
        assert_eq!(sent.answers, [status], "{sender:?}");
    }
    // The HTTP side is public.
    let answer = send(&*started.front, "POST", "/", &[], "{}").await;
    assert_eq!(answer.status, 200);
    let log = started.program.stderr().join("\n");
    assert!(
        log.contains("its signature was removed") && !log.contains(signed),
        "{log}"
    );
}
