//! What a `CloudFormation` template is made of, and its text.

use serde_json::{Value, json};

use crate::fail::{Failure, Kind, Result};
use crate::infra::write::checksum;
use crate::infra::yaml;

/// Parameters, resources and outputs, in the order in which they are added.
#[derive(Debug, Default)]
pub(super) struct Template {
    parameters: Vec<(String, Value)>,
    resources: Vec<(String, Value)>,
    outputs: Vec<(String, Value)>,
    /// What the function itself may do.
    statements: Vec<Value>,
}

impl Template {
    /// Adds a parameter.
    pub(super) fn parameter(&mut self, id: &str, parameter: Value) {
        self.parameters.push((id.to_owned(), parameter));
    }

    /// Adds a resource; an empty `DependsOn` is left out.
    pub(super) fn resource(&mut self, id: &str, mut resource: Value) {
        let free = resource.get("DependsOn") == Some(&json!([]));
        if let (Some(resource), true) = (resource.as_object_mut(), free) {
            resource.remove("DependsOn");
        }
        self.resources.push((id.to_owned(), resource));
    }

    /// Adds an output.
    pub(super) fn output(&mut self, id: &str, description: &str, value: &Value) {
        let output = json!({"Description": description, "Value": value});
        self.outputs.push((id.to_owned(), output));
    }

    /// Lets the function do this.
    pub(super) fn allow(&mut self, statement: Value) {
        self.statements.push(statement);
    }

    /// This, and then that.
    pub(super) fn and(mut self, other: Self) -> Self {
        self.parameters.extend(other.parameters);
        self.resources.extend(other.resources);
        self.outputs.extend(other.outputs);
        self.statements.extend(other.statements);
        self
    }

    /// What the function may do.
    pub(super) fn statements(&self) -> &[Value] {
        &self.statements
    }

    /// The text.
    ///
    /// # Errors
    ///
    /// When two triggers' names become one.
    pub(super) fn text(mut self, head: &[String], description: &str) -> Result<String> {
        self.outputs.sort_by(|(a, _), (b, _)| a.cmp(b));
        let mut text = String::new();
        for line in head {
            text.push_str(line);
            text.push('\n');
        }
        text.push_str("\nAWSTemplateFormatVersion: \"2010-09-09\"\n");
        text.push_str(&yaml::block(&json!({ "Description": description })));
        for (name, entries) in [
            ("Parameters", self.parameters),
            ("Resources", self.resources),
            ("Outputs", self.outputs),
        ] {
            text.extend(["\n", name, ":\n"]);
            section(&mut text, name, &entries)?;
        }
        Ok(text)
    }
}

fn section(text: &mut String, name: &str, entries: &[(String, Value)]) -> Result<()> {
    for (at, (id, entry)) in entries.iter().enumerate() {
        if entries.iter().skip(at + 1).any(|(other, _)| other == id) {
            return Err(twice(id));
        }
        if at > 0 && name == "Resources" {
            text.push('\n');
        }
        let mut entry = entry.clone();
        let why = entry.as_object_mut().and_then(|entry| entry.remove("#"));
        if let Some(why) = why.as_ref().and_then(Value::as_str) {
            for line in yaml::comment(why) {
                text.extend(["  ", &line, "\n"]);
            }
        }
        text.extend(["  ", id, ":\n"]);
        for line in yaml::block(&entry).lines() {
            text.extend(["    ", line, "\n"]);
        }
    }
    Ok(())
}

fn twice(id: &str) -> Failure {
    let message = format!("two triggers would both be {id} in the template");
    Failure::new(Kind::Project, message).help(
        "give one of them another logical name, in the code and in Cargo.toml: names that differ \
         in punctuation alone do not differ here",
    )
}

/// A logical name as part of an identifier, which has letters and digits only.
pub(super) fn id(logical: &str) -> String {
    let parts = logical.split(|c: char| !c.is_ascii_alphanumeric());
    let upper = parts.flat_map(|part| {
        let mut letters = part.chars();
        let first = letters.next().map(|first| first.to_ascii_uppercase());
        first.into_iter().chain(letters)
    });
    let id: String = upper.collect();
    if id.is_empty() {
        return format!("T{}", checksum(logical));
    }
    id
}

/// The ARN of a resource.
pub(super) fn arn(id: &str) -> Value {
    json!({"Fn::GetAtt": format!("{id}.Arn")})
}

/// What is meant by a resource's own reference.
pub(super) fn of(id: &str) -> Value {
    json!({ "Ref": id })
}

/// A text in which `${..}` stands for something.
pub(super) fn sub(text: impl Into<String>) -> Value {
    json!({"Fn::Sub": text.into()})
}

/// A text as part of one in which `${..}` stands for something.
pub(super) fn literal(text: &str) -> String {
    text.replace("${", "${!")
}

/// A role's trust in a service.
pub(super) fn trusts(service: &str, condition: Option<Value>) -> Value {
    let mut statement = json!({
        "Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole",
    });
    if let (Some(statement), Some(condition)) = (statement.as_object_mut(), condition) {
        statement.insert("Condition".to_owned(), condition);
    }
    json!({"Version": "2012-10-17", "Statement": [statement]})
}

/// A queue for what could not be handled: kept for as long as SQS can, to be looked at and sent anew.
pub(super) fn dead_letters(why: &str) -> Value {
    json!({
        "#": why,
        "Type": "AWS::SQS::Queue",
        "Properties": {
            "#MessageRetentionPeriod": "14 days, the most",
            "MessageRetentionPeriod": 1_209_600, "SqsManagedSseEnabled": true,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logical_names_become_identifiers() {
        for (logical, wanted) in [
            ("orders", "Orders"),
            ("my-orders.v2", "MyOrdersV2"),
            ("1st_of", "1stOf"),
        ] {
            assert_eq!(id(logical), wanted);
        }
        assert!(id("é").starts_with('T'));
    }

    #[test]
    fn names_that_become_one_are_refused() {
        let mut template = Template::default();
        template.resource("A", json!({}));
        template.resource("A", json!({}));
        let error = template.text(&[], "d").expect_err("refused");
        assert!(error.to_string().contains("both be A"), "{error}");
    }
}
