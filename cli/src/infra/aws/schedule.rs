//! Schedules, by `EventBridge` Scheduler, which knows time zones.

use serde_json::json;

use super::cron;
use super::function::invoked;
use super::template::{Template, arn, id, of, trusts};
use crate::fail::{Failure, Kind, Result};
use crate::infra::Function;
use crate::manifest::Schedule;

/// Adds what all schedules have: a group, which keeps their names apart from other functions', and
/// the role that invokes the function.
pub(super) fn group(function: &Function, template: &mut Template) {
    template.resource("Schedules", json!({
        "#": "A group of its own: the program knows a schedule by its name, and another function may have one of that name.",
        "Type": "AWS::Scheduler::ScheduleGroup",
        "Properties": {"Name": function.name},
    }));
    let condition = json!({"StringEquals": {
        "aws:SourceAccount": of("AWS::AccountId"), "aws:SourceArn": arn("Schedules"),
    }});
    template.resource("ScheduleRole", json!({
        "Type": "AWS::IAM::Role",
        "Properties": {
            "AssumeRolePolicyDocument": trusts("scheduler.amazonaws.com", Some(condition)),
            "Policies": [{"PolicyName": "invoke", "PolicyDocument": {"Version": "2012-10-17", "Statement": [
                {"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": invoked(function)},
                {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": arn("FailedEvents")},
            ]}}],
        },
    }));
}

/// Adds a schedule.
///
/// # Errors
///
/// When it cannot be said in AWS's form, or have this name.
pub(super) fn add(
    function: &Function,
    logical: &str,
    schedule: &Schedule,
    template: &mut Template,
) -> Result<()> {
    let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if logical.is_empty() || logical.len() > 64 || !logical.chars().all(good) {
        let message = format!("no schedule of AWS may be called {logical:?}");
        return Err(Failure::new(Kind::Project, message)
            .help("a name has letters, digits, -, _ and ., 64 at most"));
    }
    let five = schedule.aws.cron.as_ref().unwrap_or(&schedule.cron);
    template.resource(&format!("{}Schedule", id(logical)), json!({
        "Type": "AWS::Scheduler::Schedule",
        "Properties": {
            "Name": logical, "GroupName": of("Schedules"),
            "#ScheduleExpression": format!("{five}: minute, hour, day of the month, month, day of the week; and any year"),
            "ScheduleExpression": format!("cron({})", cron::aws(logical, five)?),
            "ScheduleExpressionTimezone": schedule.timezone.as_deref().unwrap_or("UTC"),
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "Target": {
                "#Arn": "With no Input: then it says which schedule it is.",
                "Arn": invoked(function), "RoleArn": arn("ScheduleRole"),
                "DeadLetterConfig": {"Arn": arn("FailedEvents")},
                "#RetryPolicy": "Of invoking it, where Lambda cannot be reached: an hour late is too late.",
                "RetryPolicy": {"MaximumEventAgeInSeconds": 3600, "MaximumRetryAttempts": 10},
            },
        },
    }));
    Ok(())
}
