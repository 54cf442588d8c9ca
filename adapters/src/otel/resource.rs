//! Whose spans these are.

use isobar_core::{Function, Provider};
use opentelemetry::{Key, KeyValue};
use opentelemetry_sdk::Resource;

const SERVICE_NAME: &str = "service.name";

/// Makes the resource: what `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES` say, and what the host
/// says where they do not.
///
/// Source: <https://opentelemetry.io/docs/specs/semconv/resource/faas/>, `/resource/cloud/`.
pub(super) fn of(function: &Function) -> Resource {
    let said = Resource::builder().build();
    let is_said = |key: &Key| match said.get(key) {
        // Without a name the SDK invents `unknown_service`.
        Some(name) if key.as_str() == SERVICE_NAME => !name.as_str().starts_with("unknown_service"),
        value => value.is_some(),
    };
    let known = attributes(function);
    let missing = known.into_iter().filter(|known| !is_said(&known.key));
    Resource::builder().with_attributes(missing).build()
}

fn attributes(function: &Function) -> Vec<KeyValue> {
    let (cloud, platform) = match function.provider() {
        Provider::Aws => (Some("aws"), Some("aws_lambda")),
        Provider::Azure => (Some("azure"), Some("azure.functions")),
        Provider::Gcp => (Some("gcp"), Some("gcp.cloud_run")),
        _ => (None, None),
    };
    let said = |text: &'_ str| (!text.is_empty()).then(|| text.to_owned());
    let all = [
        (SERVICE_NAME, said(function.name())),
        ("service.version", said(function.version())),
        ("faas.name", said(function.name())),
        ("faas.version", said(function.version())),
        ("cloud.provider", cloud.map(str::to_owned)),
        ("cloud.platform", platform.map(str::to_owned)),
        ("cloud.region", function.region().map(str::to_owned)),
        ("cloud.account.id", function.account().map(str::to_owned)),
    ];
    let known = all.into_iter();
    known
        .filter_map(|(key, value)| Some(KeyValue::new(key, value?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_says_whose_spans_these_are() {
        let function = Function::new(Provider::Aws, "orders")
            .with_version("7")
            .with_region(Some("eu-west-1".into()));
        let resource = of(&function);
        let get = |key: &'static str| resource.get(&Key::new(key)).map(|v| v.to_string());
        for (key, wanted) in [
            ("service.name", "orders"),
            ("faas.name", "orders"),
            ("faas.version", "7"),
            ("cloud.provider", "aws"),
            ("cloud.platform", "aws_lambda"),
            ("cloud.region", "eu-west-1"),
            ("telemetry.sdk.language", "rust"),
        ] {
            assert_eq!(get(key).as_deref(), Some(wanted), "{key}");
        }
        assert_eq!(get("cloud.account.id"), None);
        function.learn(None, Some("123456789012".into()));
        let account = of(&function).get(&Key::new("cloud.account.id"));
        assert_eq!(account.unwrap().as_str(), "123456789012");
    }
}
