//! Azure Functions on flex consumption: `infra/azure/main.bicep`.
//!
//! What the triggers need is read off the functions that `cargo isobar build --azure` packs, so that
//! the two cannot disagree.

mod sources;
mod text;

use std::collections::BTreeMap;
use std::fmt::Write;

use super::{File, Function, label, secrets};
use crate::fail::Result;
use crate::manifest::{Auth, Cloud};
use crate::wiring;
use sources::Sources;
use text::{list, quoted};

const APP: &str = include_str!("../../../templates/infra/azure/app.bicep.in");
const AUTH: &str = include_str!("../../../templates/infra/azure/auth.bicep.in");
const SECRETS: &str = include_str!("../../../templates/infra/azure/secrets.bicep.in");

/// What an instance may have, in MB, and what it has where nothing is said.
/// learn.microsoft.com/azure/azure-functions/flex-consumption-plan
const MEMORIES: [u32; 3] = [512, 2048, 4096];
const MEMORY: u32 = 2048;

/// The file.
///
/// # Errors
///
/// When Azure would refuse the function's name or a secret's, or two triggers have the same.
pub(super) fn files(function: &Function) -> Result<Vec<File>> {
    label::must_be(&function.name, 60, Cloud::Azure.host())?;
    let sources = Sources::of(function)?;
    let auth = match &function.manifest.http {
        _ if !sources.http => None,
        Some(http) => Some(http.auth),
        None => Some(Auth::default()),
    };
    let secrets = secrets(function)?;
    let mut text = app(function, &sources, auth, &secrets);
    if auth == Some(Auth::Iam) {
        text.push_str(AUTH);
    }
    if !secrets.is_empty() {
        let names: Vec<_> = secrets.values().map(String::as_str).collect();
        text.push_str(&SECRETS.replace("{{secrets}}", &names.join(", ")));
    }
    sources.resources(&mut text);
    Ok(vec![File {
        path: "azure/main.bicep".to_owned(),
        text,
    }])
}

type Secrets = BTreeMap<String, String>;

fn secrets(function: &Function) -> Result<Secrets> {
    let variables = wiring::variables(&function.manifest, Cloud::Azure);
    let is_plain = |name: &str| variables.contains_key(name);
    secrets::of(function, Some(Cloud::Azure), is_plain)
}

fn app(function: &Function, sources: &Sources, auth: Option<Auth>, secrets: &Secrets) -> String {
    let azure = &function.manifest.azure;
    let group = azure.resource_group.as_ref().unwrap_or(&function.name);
    let location = azure.location.as_deref();
    let client = (auth == Some(Auth::Iam)).then(|| "clientId=CLIENT".to_owned());
    let vault = (!secrets.is_empty()).then(|| "keyVault=VAULT".to_owned());
    let given = client.into_iter().chain(vault);
    let given: Vec<_> = given.chain(sources.parameters()).collect();
    let again = if sources.blobs.is_empty() {
        String::new()
    } else {
        let turned_on = [given.as_slice(), &["eventSubscriptions=true".to_owned()]].concat();
        format!(
            "\n//   the second line again, with{}",
            parameters(&turned_on)
        )
    };
    let memory = function.manifest.on(Some(Cloud::Azure)).memory;
    APP.replace("{{name}}", &function.name)
        .replace("{{quoted_name}}", &quoted(&function.name))
        .replace("{{group}}", group)
        .replace("{{region}}", location.unwrap_or("LOCATION"))
        .replace(
            "{{location}}",
            &location.map_or_else(|| "resourceGroup().location".to_owned(), quoted),
        )
        .replace("{{parameters}}", &parameters(&given))
        .replace("{{again}}", &again)
        .replace("{{memory}}", &rounded(memory.unwrap_or(MEMORY)).to_string())
        .replace("{{scale}}", &scale(function, sources))
        .replace("{{settings}}", &settings(function, sources, secrets))
}

/// What a deployment is told beside the file.
fn parameters(given: &[String]) -> String {
    if given.is_empty() {
        String::new()
    } else {
        format!(" --parameters {}", given.join(" "))
    }
}

/// The smallest instance that has so much.
fn rounded(memory: u32) -> u32 {
    let [.., most] = MEMORIES;
    let fits = MEMORIES.into_iter().find(|there| *there >= memory);
    fits.unwrap_or(most)
}

/// How many requests an instance takes at once, and the instances that are always there: a group
/// for HTTP and one for blobs; every other function has instances of its own.
fn scale(function: &Function, sources: &Sources) -> String {
    let settings = function.manifest.on(Some(Cloud::Azure));
    let mut text = String::new();
    if let (true, Some(concurrency)) = (sources.http, settings.concurrency) {
        let _written = writeln!(
            text,
            "        triggers: {{\n          http: {{\n            perInstanceConcurrency: {concurrency}\n          }}\n        }}"
        );
    }
    if let Some(warm) = settings.warm.filter(|warm| *warm > 0) {
        let groups = sources.groups();
        let ready = groups.iter().map(|group| {
            let fields = [("name", quoted(group)), ("instanceCount", warm.to_string())];
            text::object(10, &fields)
        });
        let ready: String = ready.collect();
        let _written = writeln!(text, "        alwaysReady: [\n{ready}        ]");
    }
    text
}

/// The app's settings: the host's connections by identity, the program's variables, and references in
/// place of those that are secrets.
/// learn.microsoft.com/azure/app-service/app-service-key-vault-references
fn settings(function: &Function, sources: &Sources, secrets: &Secrets) -> String {
    let own = [
        (
            "AzureWebJobsStorage__blobServiceUri",
            "storage.properties.primaryEndpoints.blob",
        ),
        (
            "APPLICATIONINSIGHTS_CONNECTION_STRING",
            "insights.properties.ConnectionString",
        ),
        (
            "APPLICATIONINSIGHTS_AUTHENTICATION_STRING",
            "'Authorization=AAD'",
        ),
    ];
    let own = own.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let variables = wiring::variables(&function.manifest, Cloud::Azure)
        .into_iter()
        .map(|(name, value)| (name, quoted(&value)));
    let references = secrets.iter().map(|(name, secret)| {
        let reference = format!("@Microsoft.KeyVault(VaultName=${{keyVault}};SecretName={secret})");
        (name.clone(), format!("'{reference}'"))
    });
    let all = own
        .into_iter()
        .chain(sources.settings())
        .chain(variables)
        .chain(references)
        .map(|(name, value)| text::object(8, &[("name", quoted(&name)), ("value", value)]));
    all.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::infra::golden;

    #[test]
    fn what_is_generated_is_as_it_was() {
        for (folder, manifest) in golden::manifests() {
            let files = files(&golden::function(&manifest)).expect("files");
            golden::compare(folder, &files);
        }
    }

    #[test]
    fn memory_is_rounded_up_to_what_there_is() {
        for (wanted, there) in [(128, 512), (512, 512), (513, 2048), (4096, 4096)] {
            assert_eq!(rounded(wanted), there);
        }
    }
}
