//! What holds for the whole function, and what a cloud has otherwise.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Cloud;
use super::trigger::{Change, Http, Message, Object, Schedule};

/// A function: its size, its environment, and what triggers it.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(default)]
pub(crate) struct Manifest {
    /// The function's name on every cloud; the package's name where it is not set.
    #[schemars(length(min = 1, max = 63))]
    pub(crate) name: Option<String>,
    #[serde(flatten)]
    pub(crate) settings: Settings,
    /// The HTTP side, where the function has one.
    pub(crate) http: Option<Http>,
    /// Queues and topics, by the logical names of `on_message`.
    pub(crate) message: BTreeMap<String, Message>,
    /// Buckets, by the logical names of `on_object`.
    pub(crate) object: BTreeMap<String, Object>,
    /// Schedules, by the logical names of `on_schedule`.
    pub(crate) schedule: BTreeMap<String, Schedule>,
    /// Tables, collections and containers, by the logical names of `on_change`.
    pub(crate) change: BTreeMap<String, Change>,
    /// What AWS has otherwise, and what only AWS has.
    pub(crate) aws: Aws,
    /// What Azure has otherwise, and what only Azure has.
    pub(crate) azure: Azure,
    /// What Google Cloud has otherwise, and what only Google Cloud has.
    pub(crate) gcp: Gcp,
}

/// What every cloud has.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(default)]
pub(crate) struct Settings {
    /// Memory of an instance, in MB.
    #[schemars(range(min = 128, max = 32768))]
    pub(crate) memory: Option<u32>,
    /// The longest that one invocation may take, in seconds.
    #[schemars(range(min = 1, max = 86400))]
    pub(crate) timeout: Option<u32>,
    /// How many invocations one instance takes at once. (AWS Lambda takes one at a time, unless it
    /// is on Managed Instances.)
    #[schemars(range(min = 1, max = 1000))]
    pub(crate) concurrency: Option<u32>,
    /// Variables of the environment. Secrets do not belong here.
    pub(crate) environment: BTreeMap<String, String>,
    /// Variables that are secrets, each with the name of its secret in the cloud's own store: AWS
    /// Secrets Manager, Azure Key Vault, Google Secret Manager, a Secret of Kubernetes. The values are
    /// made there, and stand in no file.
    pub(crate) secrets: BTreeMap<String, String>,
    /// The processor.
    pub(crate) architecture: Option<Architecture>,
    /// Instances that are kept warm: AWS's provisioned concurrency, Azure's always ready
    /// instances, Google's minimum of instances.
    #[schemars(range(max = 1000))]
    pub(crate) warm: Option<u32>,
}

/// A processor.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq, Serialize)]
pub(crate) enum Architecture {
    /// x86-64.
    #[serde(rename = "x86_64")]
    X86,
    /// 64 bit ARM.
    #[serde(rename = "arm64")]
    Arm,
}

/// What AWS has otherwise, and what only AWS has.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(default)]
pub(crate) struct Aws {
    #[serde(flatten)]
    pub(crate) settings: Settings,
    /// The region, such as `eu-west-1`; where it is not set `AWS_REGION`, `AWS_DEFAULT_REGION` or that of
    /// `aws configure`.
    pub(crate) region: Option<String>,
    /// What stands before the function for HTTP.
    pub(crate) front: Option<Front>,
    /// Whether answers are streamed, through a function URL or a REST API.
    pub(crate) stream: bool,
}

/// An AWS service that makes events of HTTP requests.
#[derive(
    Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq, Serialize, clap::ValueEnum,
)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Front {
    /// A function URL.
    Url,
    /// API Gateway, HTTP API.
    HttpApi,
    /// API Gateway, REST API.
    RestApi,
    /// An Application Load Balancer.
    Alb,
    /// VPC Lattice.
    Lattice,
}

/// What Azure has otherwise, and what only Azure has.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(default)]
pub(crate) struct Azure {
    #[serde(flatten)]
    pub(crate) settings: Settings,
    /// The location, such as `westeurope`; `deploy --azure` wants it, since Azure has no default.
    pub(crate) location: Option<String>,
    /// The resource group; the function's name where it is not set.
    pub(crate) resource_group: Option<String>,
    /// How HTTP requests reach the program.
    pub(crate) mode: Option<Mode>,
    /// What stands before every route, `api` for Azure's own default; none where it is not set.
    pub(crate) route_prefix: Option<String>,
}

/// How the Functions host hands an HTTP request to a custom handler.
#[derive(
    Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq, Serialize, clap::ValueEnum,
)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Mode {
    /// As it is: bytes, cookies and streams are kept (`enableProxyingHttpRequest`).
    Proxying,
    /// As invocation JSON, which loses some of it.
    Invocation,
}

/// What Google Cloud has otherwise, and what only Google Cloud has.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(default)]
pub(crate) struct Gcp {
    #[serde(flatten)]
    pub(crate) settings: Settings,
    /// The project; gcloud's own where it is not set.
    pub(crate) project: Option<String>,
    /// The region, such as `europe-west1`; that of `gcloud config set run/region` where it is not set.
    pub(crate) region: Option<String>,
}

impl Manifest {
    /// What holds on a cloud: its own word, else the common one. Environments are joined, and so are
    /// secrets: what the cloud says of a variable, the one or the other, is said over the common word.
    pub(crate) fn on(&self, cloud: Option<Cloud>) -> Settings {
        let own = match cloud {
            None => return self.settings.clone(),
            Some(Cloud::Aws) => &self.aws.settings,
            Some(Cloud::Azure) => &self.azure.settings,
            Some(Cloud::Gcp) => &self.gcp.settings,
        };
        let common = self.settings.clone();
        let (mut environment, mut secrets) = (common.environment, common.secrets);
        environment.retain(|name, _| !own.secrets.contains_key(name));
        environment.extend(own.environment.clone());
        secrets.retain(|name, _| !own.environment.contains_key(name));
        secrets.extend(own.secrets.clone());
        Settings {
            memory: own.memory.or(common.memory),
            timeout: own.timeout.or(common.timeout),
            concurrency: own.concurrency.or(common.concurrency),
            environment,
            secrets,
            architecture: own.architecture.or(common.architecture),
            warm: own.warm.or(common.warm),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_clouds_own_word_of_a_variable_wins() {
        let manifest: Manifest = serde_json::from_value(json!({
            "environment": {"A": "a", "B": "b"}, "secrets": {"C": "c", "D": "d"},
            "aws": {"environment": {"C": "plain"}, "secrets": {"A": "secret", "D": "other"}},
        }))
        .expect("a manifest");
        let aws = manifest.on(Some(Cloud::Aws));
        let pairs = |of: BTreeMap<String, String>| of.into_iter().collect::<Vec<_>>();
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(pairs(aws.environment), [pair("B", "b"), pair("C", "plain")]);
        assert_eq!(
            pairs(aws.secrets),
            [pair("A", "secret"), pair("D", "other")]
        );
        assert_eq!(manifest.on(Some(Cloud::Gcp)).secrets.len(), 2);
    }
}
