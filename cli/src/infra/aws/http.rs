//! What stands before the function for HTTP.

use serde_json::json;

use super::function::{invoked, qualifier};
use super::rest;
use super::template::{Template, of, sub};
use crate::fail::{Failure, Kind, Result};
use crate::infra::Function;
use crate::manifest::{Auth, Front};

/// The front door: the manifest's, else a REST API where there are keys, else a function URL.
pub(super) fn front(function: &Function, auth: Auth) -> Front {
    let other = if auth == Auth::Key {
        Front::RestApi
    } else {
        Front::Url
    };
    function.manifest.aws.front.unwrap_or(other)
}

/// Adds the front door.
///
/// # Errors
///
/// When it has no keys, or cannot stream, and the manifest wants that.
pub(super) fn add(function: &Function, auth: Auth, template: &mut Template) -> Result<()> {
    let front = front(function, auth);
    let streams = matches!(front, Front::Url | Front::RestApi);
    if function.manifest.aws.stream && !streams {
        return Err(refused(
            "streams no answers",
            "front = \"url\" and \"rest-api\" do; else take stream out",
        ));
    }
    if auth == Auth::Key && matches!(front, Front::Url | Front::HttpApi) {
        return Err(refused(
            "has no keys",
            "front = \"rest-api\" has; else auth = \"iam\"",
        ));
    }
    match front {
        Front::Url => url(function, auth, template),
        Front::HttpApi => http_api(function, auth, template),
        Front::RestApi => rest::add(function, auth, template),
        Front::Alb | Front::Lattice => {}
    }
    Ok(())
}

fn refused(what: &str, help: &str) -> Failure {
    let message = format!("package.metadata.isobar.aws.front: this front door {what}");
    Failure::new(Kind::Project, message).help(help)
}

/// What is not generated, and what to do instead.
pub(super) fn left_out(front: Front) -> Option<&'static str> {
    match front {
        Front::Alb => Some(
            "The load balancer is not generated: it is in a network of yours, with a listener and a certificate. \
             Add an AWS::ElasticLoadBalancingV2::TargetGroup of TargetType lambda, with the attribute \
             lambda.multi_value_headers.enabled (else one of two cookies is lost), a rule of your listener, and an \
             AWS::Lambda::Permission for elasticloadbalancing.amazonaws.com with the target group as its SourceArn.",
        ),
        Front::Lattice => Some(
            "VPC Lattice is not generated: its service and network are yours. Add an AWS::VpcLattice::TargetGroup of \
             Type LAMBDA (LambdaEventStructureVersion V2), a listener's rule, and an AWS::Lambda::Permission for \
             vpc-lattice.amazonaws.com with the target group as its SourceArn.",
        ),
        Front::Url | Front::HttpApi | Front::RestApi => None,
    }
}

/// A function URL. Sources: docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
fn url(function: &Function, auth: Auth, template: &mut Template) {
    let open = auth == Auth::Anonymous;
    let kind = if open { "NONE" } else { "AWS_IAM" };
    let stream = function.manifest.aws.stream;
    let mut properties = json!({
        "TargetFunctionArn": of("Function"), "AuthType": kind,
        "#InvokeMode": "The program has to know it too: ISOBAR_RESPONSE_MODE.",
        "InvokeMode": if stream { "RESPONSE_STREAM" } else { "BUFFERED" },
    });
    if let (Some(properties), Some(alias)) = (properties.as_object_mut(), qualifier(function)) {
        properties.insert("Qualifier".to_owned(), alias.into());
    }
    let after = qualifier(function).map_or_else(Vec::new, |_| vec!["Live"]);
    let mut url = json!({"Type": "AWS::Lambda::Url", "Properties": properties, "DependsOn": after});
    if let (Some(url), false) = (url.as_object_mut(), open) {
        url.insert("#".to_owned(), "Callers sign their requests. Those of this account are let in by a policy of their \
            own, which allows lambda:InvokeFunctionUrl and lambda:InvokeFunction on this function; nobody is by this \
            template.".into());
    }
    template.resource("Url", url);
    if open {
        public(function, template);
    }
    template.output(
        "Url",
        "Where the function answers",
        &json!({"Fn::GetAtt": "Url.FunctionUrl"}),
    );
}

/// Lets everybody call the URL, and invoke the function by it alone.
fn public(function: &Function, template: &mut Template) {
    template.resource(
        "UrlPermission",
        json!({
            "#": "Everybody may call the URL, as the manifest says: auth is anonymous.",
            "Type": "AWS::Lambda::Permission",
            "Properties": {
                "Action": "lambda:InvokeFunctionUrl", "FunctionName": invoked(function),
                "Principal": "*", "FunctionUrlAuthType": "NONE",
            },
        }),
    );
    template.resource(
        "UrlInvokePermission",
        json!({
            "#": "A URL wants both permissions; this one holds for calls by the URL only.",
            "Type": "AWS::Lambda::Permission",
            "Properties": {
                "Action": "lambda:InvokeFunction", "FunctionName": invoked(function),
                "Principal": "*", "InvokedViaFunctionUrl": true,
            },
        }),
    );
}

/// An HTTP API of API Gateway.
fn http_api(function: &Function, auth: Auth, template: &mut Template) {
    template.resource(
        "HttpApi",
        json!({
            "Type": "AWS::ApiGatewayV2::Api",
            "Properties": {"Name": function.name, "ProtocolType": "HTTP"},
        }),
    );
    template.resource(
        "HttpApiIntegration",
        json!({
            "#": "It waits for 30 seconds at most.",
            "Type": "AWS::ApiGatewayV2::Integration",
            "Properties": {
                "ApiId": of("HttpApi"), "IntegrationType": "AWS_PROXY",
                "IntegrationUri": invoked(function), "PayloadFormatVersion": "2.0",
            },
        }),
    );
    template.resource(
        "HttpApiRoute",
        json!({
            "Type": "AWS::ApiGatewayV2::Route",
            "Properties": {
                "ApiId": of("HttpApi"), "RouteKey": "$default",
                "AuthorizationType": if auth == Auth::Anonymous { "NONE" } else { "AWS_IAM" },
                "Target": sub("integrations/${HttpApiIntegration}"),
            },
        }),
    );
    template.resource(
        "HttpApiStage",
        json!({
            "Type": "AWS::ApiGatewayV2::Stage",
            "Properties": {"ApiId": of("HttpApi"), "StageName": "$default", "AutoDeploy": true},
        }),
    );
    template.resource("HttpApiPermission", json!({
        "Type": "AWS::Lambda::Permission",
        "Properties": {
            "Action": "lambda:InvokeFunction", "FunctionName": invoked(function),
            "Principal": "apigateway.amazonaws.com",
            "SourceArn": sub("arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${HttpApi}/*/$default"),
        },
    }));
    template.output(
        "Url",
        "Where the function answers",
        &json!({"Fn::GetAtt": "HttpApi.ApiEndpoint"}),
    );
}
