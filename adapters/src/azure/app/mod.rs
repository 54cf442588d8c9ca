//! The app's own files: host.json and each function.json.
//!
//! They are what the Functions host itself acts on, so the two cannot disagree. Sources: the
//! host's `HostJsonFileConfigurationSource.cs`, `HostConfigurationProfile.cs` and
//! `HostFunctionMetadataProvider.cs`; <https://learn.microsoft.com/azure/azure-functions/functions-host-json>.

mod binding;
mod check;
mod deployment;
mod function;
mod functions;
mod host_json;
mod json;
mod settings;
mod timeout;
mod trigger;

pub(super) use binding::OutputBinding;
pub(super) use deployment::Deployment;
pub(super) use function::Function;
pub(super) use host_json::HostJson;
pub(super) use trigger::What;

#[cfg(any(test, feature = "translate"))]
pub(super) use settings::Settings;
