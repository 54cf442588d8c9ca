//! Google Cloud Run: `infra/gcp/service.yaml`, and `infra/gcp/setup.sh` for what stands around the
//! service.
//!
//! All events come by pushes of Pub/Sub, which has dead letters and lets a handler take its time,
//! but for schedules, and for changes, of which Eventarc alone tells.

mod names;
mod service;
mod setup;

use super::{File, Function, label};
use crate::fail::Result;
use crate::manifest::{Auth, Cloud};

/// The most letters that a service's name has.
/// cloud.google.com/run/docs/reference/rest/v2/projects.locations.services/create
const NAME: usize = 49;

/// The files.
///
/// # Errors
///
/// When Google Cloud would refuse the function's name, a schedule's or a secret's.
pub(super) fn files(function: &Function) -> Result<Vec<File>> {
    label::must_be(&function.name, NAME, Cloud::Gcp.host())?;
    Ok(vec![
        File {
            path: "gcp/service.yaml".to_owned(),
            text: service::text(function)?,
        },
        File {
            path: "gcp/setup.sh".to_owned(),
            text: setup::text(function)?,
        },
    ])
}

/// Returns what `gcloud run deploy` is told so that the service is as `infra/gcp/service.yaml` has it.
///
/// # Errors
///
/// When a secret is none.
pub(crate) fn run_flags(function: &Function, project: &str) -> Result<Vec<String>> {
    service::flags(function, project)
}

/// Returns true if the program itself verifies who sends it events, which wants isobar's feature
/// `oidc`: so where everybody may call the service, or the manifest says so.
pub(crate) fn verifies_senders(function: &Function) -> bool {
    service::verifies_senders(function)
}

/// Returns true if everybody may call the service.
fn is_public(function: &Function) -> bool {
    let http = function.manifest.http.as_ref();
    http.is_some_and(|http| http.auth == Auth::Anonymous)
}

fn takes_events(function: &Function) -> bool {
    is_pushed_to(function)
        || !function.manifest.schedule.is_empty()
        || !function.manifest.change.is_empty()
}

/// Returns true if Pub/Sub sends it messages, or tells it of objects.
fn is_pushed_to(function: &Function) -> bool {
    !function.manifest.message.is_empty() || !function.manifest.object.is_empty()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::infra::golden;

    #[test]
    fn what_is_generated_is_as_it_was() {
        let public = json!({
            "http": {"auth": "anonymous"}, "message": {"orders": {}}, "object": {"uploads": {}},
            "schedule": {"nightly": {"cron": "0 3 * * 6-7"}}, "change": {"users": {}},
            "secrets": {"DATABASE_URL": "shop-database", "PAYMENT_KEY": "shop-payment:3"},
        });
        let manifests = golden::manifests().into_iter();
        for (folder, manifest) in manifests.chain([("gcp-public", public)]) {
            let files = files(&golden::function(&manifest)).expect("files");
            golden::compare(folder, &files);
        }
    }
}
