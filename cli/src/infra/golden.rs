//! What is generated of a few manifests, compared with what was generated before.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::{File, Function};

/// Manifests, and the folders of `cli/tests/data/infra` that hold what comes of each.
pub(super) fn manifests() -> Vec<(&'static str, Value)> {
    vec![
        ("plain", json!({})),
        ("http", http()),
        ("events", events()),
        ("all", all()),
    ]
}

fn http() -> Value {
    json!({
        "memory": 256, "timeout": 30, "concurrency": 80, "warm": 1,
        "environment": {"GREETING": "it's \"${hi}\"\n\\"},
        "secrets": {"DATABASE_URL": "shop-database"},
        "http": {"auth": "anonymous"},
    })
}

fn events() -> Value {
    json!({
        "timeout": 60,
        "message": {"orders": {"queue": "acme-orders", "gcp": {"topic": "acme", "subscription": "shop-acme"}}},
        "schedule": {"nightly": {"cron": "0 3 * * 1-5", "timezone": "Europe/Berlin"}},
    })
}

fn all() -> Value {
    json!({
        "memory": 1024, "warm": 2,
        "http": {},
        "message": {
            "orders": {"queue": "orders"},
            "news": {"topic": "news"},
            "invoices": {"azure": {"source": "service-bus", "queue": "invoices"}},
            "readings": {"azure": {"source": "event-hub"}},
            "legacy": {"azure": {"source": "service-bus", "queue": "old", "connection": "Old"}},
            "parcels": {"azure": {"connection": "Parcels"}},
        },
        "object": {
            "uploads": {"prefix": "in/", "on": ["created", "deleted"], "gcp": {"bucket": "acme-7f3k"}},
            "scans": {"azure": {"connection": "Scans"}},
        },
        "schedule": {"hourly": {"cron": "0 * * * *"}},
        "change": {"users": {"table": "people", "azure": {"database": "crm"}}},
        "secrets": {"DATABASE_URL": "shop-database", "PAYMENT_KEY": "shop-payment"},
        "aws": {"secrets": {"PAYMENT_KEY": "shop/payment:SecretString:key"}},
        "azure": {"location": "westeurope", "resource_group": "acme"},
        "gcp": {"project": "acme", "region": "europe-west1", "secrets": {"PAYMENT_KEY": "shop-payment:3"}},
    })
}

/// The function of a manifest.
pub(super) fn function(manifest: &Value) -> Function {
    let read = crate::manifest::Manifest::read(Path::new("Cargo.toml"), Some(manifest));
    Function {
        name: "shop".to_owned(),
        manifest: read.expect("a manifest"),
    }
}

/// Compares with the golden files, or writes them where that is asked for.
pub(super) fn compare(folder: &str, files: &[File]) {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/infra");
    for file in files {
        let path = data.join(folder).join(&file.path);
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(&path, &file.text).expect("written");
        }
        let wanted = fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(file.text, wanted, "{} differs", path.display());
    }
}
