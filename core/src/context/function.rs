use std::sync::{Arc, OnceLock};

use serde::Serialize;

/// The cloud that runs a function.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    /// AWS Lambda.
    Aws,
    /// Azure Functions.
    Azure,
    /// Google Cloud Run, Cloud Run functions, and Knative, which has the same contract.
    Gcp,
    /// The developer's own machine, or a plain container.
    #[default]
    Local,
}

impl Provider {
    /// Returns the word that stands for it in settings and logs: `aws`, `azure`, `gcp`, `local`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Aws => "aws",
            Self::Azure => "azure",
            Self::Gcp => "gcp",
            Self::Local => "local",
        }
    }
}

impl std::fmt::Display for Provider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The deployed function: what is the same for all its invocations. A clone costs one count.
#[derive(Clone, Debug, Default)]
pub struct Function(Arc<Inner>);

#[derive(Clone, Debug, Default)]
struct Inner {
    provider: Provider,
    name: String,
    version: String,
    region: OnceLock<String>,
    account: OnceLock<String>,
}

impl Function {
    /// Names a function of a provider.
    pub fn new(provider: Provider, name: impl Into<String>) -> Self {
        Self(Arc::new(Inner {
            provider,
            name: name.into(),
            ..Inner::default()
        }))
    }

    /// Sets the version: AWS's version, Cloud Run's revision, Azure's slot.
    #[must_use]
    pub fn with_version(mut self, version: impl Into<String>) -> Self {
        Arc::make_mut(&mut self.0).version = version.into();
        self
    }

    /// Sets the region, as the provider writes it.
    #[must_use]
    pub fn with_region(mut self, region: Option<String>) -> Self {
        Arc::make_mut(&mut self.0).region = region.map(OnceLock::from).unwrap_or_default();
        self
    }

    /// Sets the account.
    #[must_use]
    pub fn with_account(mut self, account: Option<String>) -> Self {
        Arc::make_mut(&mut self.0).account = account.map(OnceLock::from).unwrap_or_default();
        self
    }

    /// Adds what a host learns only while it runs; what is known already stays.
    pub fn learn(&self, region: Option<String>, account: Option<String>) {
        let learn = |cell: &OnceLock<String>, value: Option<String>| {
            value.is_some_and(|value| cell.set(value).is_ok())
        };
        let _what_was_new = (
            learn(&self.0.region, region),
            learn(&self.0.account, account),
        );
    }

    /// Returns the provider.
    pub fn provider(&self) -> Provider {
        self.0.provider
    }

    /// Returns the deployed name, empty where the host gives none.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Returns the deployed version, empty where the host gives none.
    pub fn version(&self) -> &str {
        &self.0.version
    }

    /// Returns the region; `None` where the host does not say, or has not yet.
    pub fn region(&self) -> Option<&str> {
        self.0.region.get().map(String::as_str)
    }

    /// Returns the account that owns it: AWS's account id, Azure's subscription, Google Cloud's
    /// project. `None` where the host does not say, or has not yet.
    pub fn account(&self) -> Option<&str> {
        self.0.account.get().map(String::as_str)
    }
}
