use serde_json::json;

use crate::host::{Host, Kind, get};

pub(crate) async fn the_client_address_is_the_hosts_word(kind: Kind) {
    let host = Host::mirror(kind).await;
    let honest = host.get("/x").await.json()["context"]["client_ip"].clone();
    assert_eq!(honest, kind.client_ip());
    // trap 15: what a client writes itself counts for nothing
    let forged = get("/x")
        .header("x-forwarded-for", "192.0.2.66")
        .header("forwarded", "for=192.0.2.66");
    assert_eq!(host.seen(forged, "").await["context"]["client_ip"], honest);
}

pub(crate) async fn scheme_and_authority_are_the_clients(kind: Kind) {
    let host = Host::mirror(kind).await;
    let seen = host.seen(get("//evil.example/x"), "").await;
    assert_eq!(seen["path"], "//evil.example/x");
    assert_eq!(seen["scheme"], kind.scheme());
    assert!(
        seen["authority"]
            .as_str()
            .is_some_and(|a| !a.contains("evil")),
        "{seen}"
    );
}

pub(crate) async fn the_trace_is_kept(kind: Kind) {
    let host = Host::mirror(kind).await;
    let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let seen = host.seen(get("/x").header("traceparent", parent), "").await;
    if host.can.traceparent.yes() {
        let header = seen["headers"]["traceparent"][0].as_str().unwrap();
        assert_eq!(&header[..35], &parent[..35]);
    }
    let trace = seen["context"]["traceparent"].as_str();
    if kind.traces_itself() {
        assert!(
            trace.is_some_and(|trace| trace.len() == parent.len()),
            "{trace:?}"
        );
    } else if host.can.traceparent.yes() {
        assert_eq!(&trace.unwrap()[..35], &parent[..35]);
    }
}

pub(crate) async fn the_first_request_alone_is_a_cold_start(kind: Kind) {
    let host = Host::mirror(kind).await;
    let cold = [host.get("/x").await, host.get("/x").await]
        .map(|a| a.json()["context"]["cold_start"].clone());
    assert_eq!(cold, [json!(true), json!(false)]);
}

pub(crate) async fn request_ids_differ(kind: Kind) {
    let host = Host::mirror(kind).await;
    let ids = [host.get("/x").await, host.get("/x").await]
        .map(|a| a.json()["context"]["request_id"].to_string());
    assert_ne!(ids[0], ids[1]);
    assert!(ids[0].len() > 8, "{ids:?}");
}
