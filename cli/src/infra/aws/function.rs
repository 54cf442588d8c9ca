//! The function itself: its role, its log, its version where instances are kept warm.

use serde_json::{Map, Value, json};

use super::template::{Template, arn, dead_letters, literal, of, sub, trusts};
use crate::fail::{Failure, Kind, Result};
use crate::infra::write::checksum;
use crate::infra::{Function, secrets, yaml};
use crate::manifest::{Architecture, Cloud};
use crate::wiring;

/// What Lambda has where nothing is said.
const MEMORY: u32 = 128;
/// More than Lambda's own 3 seconds, in which a cold start and a slow peer do not fit.
const TIMEOUT: u32 = 30;

/// What is said above a variable that is a secret.
const RESOLVED: &str = "A secret: CloudFormation puts its value in when it deploys.";

/// How long one invocation may take, in seconds.
pub(super) fn timeout(function: &Function) -> u32 {
    let settings = function.manifest.on(Some(Cloud::Aws));
    settings.timeout.unwrap_or(TIMEOUT)
}

/// What triggers invoke: the function, or the alias whose instances are warm.
pub(super) fn invoked(function: &Function) -> Value {
    match warm(function) {
        Some(_) => of("Live"),
        None => arn("Function"),
    }
}

/// The alias' name, where there is one.
pub(super) fn qualifier(function: &Function) -> Option<&'static str> {
    warm(function).map(|_| "live")
}

fn warm(function: &Function) -> Option<u32> {
    let settings = function.manifest.on(Some(Cloud::Aws));
    settings.warm.filter(|warm| *warm > 0)
}

/// Adds the function, its role, which may do what its triggers need, and its log.
///
/// # Errors
///
/// When its name, or that of a variable, is none that Lambda takes.
pub(super) fn add(
    function: &Function,
    buckets: &[(String, String)],
    statements: &[Value],
    template: &mut Template,
) -> Result<()> {
    must_be_a_name(&function.name)?;
    parameters(template);
    template.resource("LogGroup", json!({
        "#": "Made here, so that it ends after a while and the function need not be allowed to make one.",
        "Type": "AWS::Logs::LogGroup",
        "Properties": {"LogGroupName": format!("/aws/lambda/{}", function.name), "RetentionInDays": 30},
    }));
    template.resource("Role", role(statements));
    let resource = lambda(function, &environment(function, buckets)?);
    let version = format!("Version{}", checksum(&yaml::block(&resource)));
    template.resource("Function", resource);
    if let Some(warm) = warm(function) {
        live(&version, warm, template);
    }
    template.output("FunctionName", "The function's name", &of("Function"));
    Ok(())
}

fn parameters(template: &mut Template) {
    template.parameter(
        "CodeBucket",
        json!({
            "Type": "String",
            "Description": "The S3 bucket, in this region, that holds bootstrap.zip",
        }),
    );
    template.parameter(
        "CodeKey",
        json!({
            "Type": "String",
            "Description": "The key of bootstrap.zip there; another one for each build, since by it CloudFormation sees that the code has changed",
        }),
    );
}

fn must_be_a_name(name: &str) -> Result<()> {
    let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if !name.is_empty() && name.len() <= 64 && name.chars().all(good) {
        return Ok(());
    }
    let message = format!("no function of AWS Lambda may be called {name:?}");
    Err(Failure::new(Kind::Project, message)
        .help("a name has letters, digits, - and _, 64 at most: set package.metadata.isobar.name"))
}

fn role(more: &[Value]) -> Value {
    let mut statements = vec![json!({
        "Effect": "Allow", "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": arn("LogGroup"),
    })];
    statements.extend(more.iter().cloned());
    json!({
        "#": "What the function may do: write its log, and take what its triggers have. Add what your code needs.",
        "Type": "AWS::IAM::Role",
        "Properties": {
            "AssumeRolePolicyDocument": trusts("lambda.amazonaws.com", None),
            "Policies": [{
                "PolicyName": "function",
                "PolicyDocument": {"Version": "2012-10-17", "Statement": statements},
            }],
        },
    })
}

fn lambda(function: &Function, environment: &Map<String, Value>) -> Value {
    let settings = function.manifest.on(Some(Cloud::Aws));
    let architecture = match settings.architecture {
        Some(Architecture::Arm) => "arm64",
        Some(Architecture::X86) | None => "x86_64",
    };
    let mut properties = json!({
        "FunctionName": function.name,
        "Runtime": "provided.al2023", "Handler": "bootstrap", "Architectures": [architecture],
        "Code": {"S3Bucket": of("CodeBucket"), "S3Key": of("CodeKey")},
        "MemorySize": settings.memory.unwrap_or(MEMORY), "Timeout": timeout(function),
        "Role": arn("Role"),
        "LoggingConfig": {"LogGroup": of("LogGroup")},
    });
    if let (Some(properties), false) = (properties.as_object_mut(), environment.is_empty()) {
        properties.insert(
            "Environment".to_owned(),
            json!({ "Variables": environment }),
        );
    }
    json!({"Type": "AWS::Lambda::Function", "Properties": properties})
}

/// The variables: the manifest's, the names of sources, and how answers go out.
fn environment(function: &Function, buckets: &[(String, String)]) -> Result<Map<String, Value>> {
    let manifest = &function.manifest;
    let mut variables = Map::new();
    for (name, value) in wiring::variables(manifest, Cloud::Aws) {
        must_be_a_variable(&name)?;
        variables.insert(name, value.into());
    }
    if !buckets.is_empty() {
        let named = variables.get("ISOBAR_NAMES").and_then(Value::as_str);
        let named = named.map(literal);
        let made = buckets
            .iter()
            .map(|(logical, own)| format!("{}={own}", literal(logical)));
        let pairs: Vec<_> = named.into_iter().chain(made).collect();
        variables.insert("ISOBAR_NAMES".to_owned(), sub(pairs.join(",")));
    }
    if manifest.aws.stream && manifest.http.is_some() {
        let mode = variables.entry("ISOBAR_RESPONSE_MODE");
        mode.or_insert("stream".into());
    }
    let is_plain = |name: &str| variables.contains_key(name);
    for (name, secret) in secrets::of(function, Some(Cloud::Aws), is_plain)? {
        must_be_a_variable(&name)?;
        let resolved = format!("{{{{resolve:secretsmanager:{secret}}}}}");
        variables.insert(format!("#{name}"), RESOLVED.into());
        variables.insert(name, resolved.into());
    }
    Ok(variables)
}

fn must_be_a_variable(name: &str) -> Result<()> {
    let begins = name.starts_with(|c: char| c.is_ascii_alphabetic());
    let good = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if begins && name.len() > 1 && name.chars().all(good) {
        return Ok(());
    }
    let message = format!("no variable of AWS Lambda may be called {name:?}");
    Err(Failure::new(Kind::Project, message)
        .help("a name begins with a letter, and has two or more letters, digits and _"))
}

/// A version, and the alias at which instances are kept warm.
fn live(version: &str, warm: u32, template: &mut Template) {
    template.resource(version, json!({
        "#": "A version is made once and never changed. Its name here has a checksum of the function, and its \
              description is the code: another of either makes another version. Give it another name when you \
              edit the function.",
        "Type": "AWS::Lambda::Version",
        "Properties": {"FunctionName": of("Function"), "Description": of("CodeKey")},
    }));
    template.resource("Live", json!({
        "#": "What all triggers invoke, since only a version can have instances that are kept warm.",
        "Type": "AWS::Lambda::Alias",
        "Properties": {
            "Name": "live", "FunctionName": of("Function"),
            "FunctionVersion": {"Fn::GetAtt": format!("{version}.Version")},
            "ProvisionedConcurrencyConfig": {"ProvisionedConcurrentExecutions": warm},
        },
    }));
}

/// Adds the queue of events that failed for good, for triggers that wait for no answer.
pub(super) fn failed_events(function: &Function, template: &mut Template) {
    template.resource("FailedEvents", dead_letters(
        "Events that failed three times: of topics, buckets and schedules, which wait for no answer.",
    ));
    template.allow(json!({
        "Effect": "Allow", "Action": "sqs:SendMessage", "Resource": arn("FailedEvents"),
    }));
    template.resource("InvokeConfig", json!({
        "Type": "AWS::Lambda::EventInvokeConfig",
        "Properties": {
            "FunctionName": of("Function"), "Qualifier": qualifier(function).unwrap_or("$LATEST"),
            "MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": 21_600,
            "DestinationConfig": {"OnFailure": {"Destination": arn("FailedEvents")}},
        },
        "DependsOn": qualifier(function).map_or_else(Vec::new, |_| vec!["Live"]),
    }));
    template.output(
        "FailedEventsUrl",
        "The queue of events that failed",
        &of("FailedEvents"),
    );
}
