//! What hosts deliver, and what must come of it, as data.

use isobar_hosts::client::raw;
use serde_json::Value;

const FILES: [&str; 2] = [
    include_str!("../data/vectors/requests.json"),
    include_str!("../data/vectors/responses.json"),
];

/// Returns the vectors of a host.
pub(crate) fn of(host: &str) -> Vec<Value> {
    let files = FILES
        .iter()
        .map(|file| serde_json::from_str::<Vec<Value>>(file).unwrap());
    files
        .flatten()
        .filter(|vector| vector["host"] == host)
        .collect()
}

/// Returns what is wrong with the answer of `mirror`, which plain HTTP carried.
pub(crate) fn wrong(vector: &Value, answer: &raw::Answer) -> Vec<String> {
    if vector.get("expect").is_none() {
        return wrong_response(&vector["native"], answer);
    }
    wrong_seen(vector, &serde_json::from_slice(&answer.body()).unwrap())
}

/// Returns what is wrong with the request that `mirror` saw.
pub(crate) fn wrong_seen(vector: &Value, seen: &Value) -> Vec<String> {
    let expected = vector["expect"].as_object().unwrap().iter();
    expected
        .filter_map(|(key, wanted)| wrong_request(seen, key, wanted))
        .collect()
}

fn wrong_request(seen: &Value, key: &str, wanted: &Value) -> Option<String> {
    let got = match key {
        "client_ip" => seen["context"]["client_ip"].clone(),
        "identity" => seen["context"]["identity"]["subject"].clone(),
        "headers" => {
            let all = wanted.as_object().unwrap().keys();
            all.map(|name| (name.clone(), seen["headers"][name].clone()))
                .collect()
        }
        _ => seen[key].clone(),
    };
    (&got != wanted).then(|| format!("{key}: {got}, not {wanted}"))
}

fn wrong_response(native: &Value, answer: &raw::Answer) -> Vec<String> {
    let cookies = answer
        .headers
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"));
    let cookies: Vec<_> = cookies
        .map(|(_, value)| String::from_utf8_lossy(value).into_owned())
        .collect();
    let got = serde_json::json!({
        "status": answer.status,
        "set_cookie": cookies,
        "body": crate::host::base64(&answer.body()),
    });
    let wanted = native.as_object().unwrap().iter();
    wanted
        .filter(|(key, wanted)| &got[*key] != *wanted)
        .map(|(key, wanted)| format!("{key}: {}, not {wanted}", got[key]))
        .collect()
}
