//! A REST API of API Gateway, with keys where the manifest wants them.

use serde_json::{Value, json};

use super::function::{invoked, timeout};
use super::template::{Template, of, sub};
use crate::infra::write::checksum;
use crate::infra::{Function, yaml};
use crate::manifest::Auth;

/// The stage, which stands before every path, and which the program takes off.
const STAGE: &str = "live";

/// Adds the API.
///
/// Sources: docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode-lambda.html
pub(super) fn add(function: &Function, auth: Auth, template: &mut Template) {
    template.resource(
        "RestApi",
        json!({
            "Type": "AWS::ApiGateway::RestApi",
            "Properties": {
                "Name": function.name, "EndpointConfiguration": {"Types": ["REGIONAL"]},
                "#BinaryMediaTypes": "Else bytes that are no text do not come through.",
                "BinaryMediaTypes": ["*/*"],
            },
        }),
    );
    template.resource(
        "RestApiPaths",
        json!({
            "Type": "AWS::ApiGateway::Resource",
            "Properties": {
                "RestApiId": of("RestApi"), "ParentId": {"Fn::GetAtt": "RestApi.RootResourceId"},
                "PathPart": "{proxy+}",
            },
        }),
    );
    let root = method(
        function,
        auth,
        &json!({"Fn::GetAtt": "RestApi.RootResourceId"}),
    );
    let paths = method(function, auth, &of("RestApiPaths"));
    let deployment = format!("RestApiDeployment{}", checksum(&yaml::block(&paths)));
    template.resource("RestApiRootMethod", root);
    template.resource("RestApiMethod", paths);
    template.resource(&deployment, json!({
        "#": "A deployment is made once and never changed. Its name has a checksum of the methods: give it another \
              when you edit them.",
        "Type": "AWS::ApiGateway::Deployment",
        "Properties": {"RestApiId": of("RestApi")},
        "DependsOn": ["RestApiRootMethod", "RestApiMethod"],
    }));
    template.resource("RestApiStage", json!({
        "Type": "AWS::ApiGateway::Stage",
        "Properties": {"RestApiId": of("RestApi"), "DeploymentId": of(&deployment), "StageName": STAGE},
    }));
    template.resource("RestApiPermission", json!({
        "Type": "AWS::Lambda::Permission",
        "Properties": {
            "Action": "lambda:InvokeFunction", "FunctionName": invoked(function),
            "Principal": "apigateway.amazonaws.com",
            "SourceArn": sub("arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${RestApi}/*"),
        },
    }));
    if auth == Auth::Key {
        keys(function, template);
    }
    let url =
        format!("https://${{RestApi}}.execute-api.${{AWS::Region}}.${{AWS::URLSuffix}}/{STAGE}/");
    template.output("Url", "Where the function answers", &sub(url));
}

fn method(function: &Function, auth: Auth, resource: &Value) -> Value {
    let stream = function.manifest.aws.stream;
    let id = if invoked(function) == of("Live") {
        "Live"
    } else {
        "Function.Arn"
    };
    let call = if stream {
        ("2021-11-15", "response-streaming-invocations")
    } else {
        ("2015-03-31", "invocations")
    };
    let uri = format!(
        "arn:${{AWS::Partition}}:apigateway:${{AWS::Region}}:lambda:path/{}/functions/${{{id}}}/{}",
        call.0, call.1
    );
    // 29 seconds where the whole answer is waited for, unless AWS grants more; 15 minutes for a stream
    let most = if stream { 900 } else { 29 };
    let mut integration = json!({
        "Type": "AWS_PROXY", "IntegrationHttpMethod": "POST", "Uri": sub(uri),
        "TimeoutInMillis": timeout(function).min(most) * 1000,
    });
    if let (Some(integration), true) = (integration.as_object_mut(), stream) {
        integration.insert("ResponseTransferMode".to_owned(), "STREAM".into());
    }
    json!({
        "Type": "AWS::ApiGateway::Method",
        "Properties": {
            "RestApiId": of("RestApi"), "ResourceId": resource, "HttpMethod": "ANY",
            "AuthorizationType": if auth == Auth::Iam { "AWS_IAM" } else { "NONE" },
            "ApiKeyRequired": auth == Auth::Key, "Integration": integration,
        },
    })
}

/// A key, and the plan by which it opens the stage.
fn keys(function: &Function, template: &mut Template) {
    template.resource("ApiKey", json!({
        "#": "Its value: aws apigateway get-api-key --include-value --api-key ID. Callers send it as x-api-key.",
        "Type": "AWS::ApiGateway::ApiKey",
        "Properties": {"Name": function.name, "Enabled": true},
    }));
    template.resource(
        "UsagePlan",
        json!({
            "Type": "AWS::ApiGateway::UsagePlan",
            "Properties": {
                "UsagePlanName": function.name,
                "ApiStages": [{"ApiId": of("RestApi"), "Stage": of("RestApiStage")}],
            },
        }),
    );
    template.resource("UsagePlanKey", json!({
        "Type": "AWS::ApiGateway::UsagePlanKey",
        "Properties": {"KeyId": of("ApiKey"), "KeyType": "API_KEY", "UsagePlanId": of("UsagePlan")},
    }));
    template.output(
        "ApiKeyId",
        "The key's id, which is not the key",
        &of("ApiKey"),
    );
}
