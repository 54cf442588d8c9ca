//! One function, as its function.json has it.

use std::path::Path;

use serde_json::Value;

use super::binding::{Binding, OutputBinding};
use super::json::{self, member};
use super::settings::unreadable;
use super::trigger::Trigger;
use crate::RunError;

/// A function of the app: how the host names what it sends, and what it wants back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) disabled: bool,
    /// What invokes it.
    pub(crate) trigger: Trigger,
    /// The http output's name.
    pub(crate) output: String,
    /// What else it may write.
    pub(crate) outputs: Vec<OutputBinding>,
    /// Whether its own file has a retry policy.
    pub(crate) retries: bool,
    /// Exactly one httpTrigger in and one http output out: only these are forwarded and proxied.
    pub(crate) is_plain_http: bool,
}

impl Function {
    /// One of those that `customHandler.http.routes` makes, counted from 1.
    pub(super) fn of_route(number: usize) -> Self {
        Self {
            name: format!("http-handler{number}"),
            disabled: false,
            trigger: Trigger::http(Some("req")),
            output: "res".into(),
            outputs: Vec::new(),
            retries: false,
            is_plain_http: true,
        }
    }

    /// One of which no file tells: its trigger is the only one there is.
    pub(crate) fn unknown() -> Self {
        Self {
            name: String::new(),
            trigger: Trigger::http(None),
            ..Self::of_route(0)
        }
    }

    /// Reads function.json.
    pub(crate) fn parse(name: &str, file: &Path, text: &str) -> Result<Self, RunError> {
        let wrong = |problem: &dyn std::fmt::Display| unreadable(file.to_owned(), problem);
        let json = json::parse(text).map_err(|error| wrong(&error))?;
        let bindings = member(&json, "bindings").and_then(Value::as_array);
        let bindings = bindings.ok_or_else(|| wrong(&"bindings is wanted, a list"))?;
        let bindings: Result<Vec<_>, _> = { bindings.iter().enumerate() }
            .map(|(i, binding)| {
                Binding::read(binding).map_err(|e| wrong(&format!("bindings[{i}]{e}")))
            })
            .collect();
        let bindings = bindings?;
        let trigger = bindings.iter().find(|binding| binding.is_trigger());
        let trigger = trigger.ok_or_else(|| wrong(&"bindings has no trigger"))?;
        let output = bindings
            .iter()
            .find(|binding| binding.is("http") && binding.is_out());
        Ok(Self {
            name: name.to_owned(),
            disabled: member(&json, "disabled") == Some(&Value::Bool(true)),
            trigger: Trigger::read(name, trigger),
            output: output.map_or("res", |output| output.name).to_owned(),
            outputs: { bindings.iter() }
                .filter(|binding| binding.is_out() && !binding.is("http"))
                .map(OutputBinding::of)
                .collect(),
            retries: member(&json, "retry").is_some_and(Value::is_object),
            is_plain_http: is_plain_http(&bindings),
        })
    }

    /// Returns true if HTTP requests invoke it.
    pub(crate) fn is_http(&self) -> bool {
        self.trigger.is_http()
    }
}

/// As the host judges it (`DefaultHttpWorkerService.InvokeAsync`): what is not an output is an
/// input, and the other way round.
fn is_plain_http(bindings: &[Binding<'_>]) -> bool {
    let ins: Vec<_> = bindings.iter().filter(|binding| binding.is_in()).collect();
    let outs: Vec<_> = bindings.iter().filter(|binding| binding.is_out()).collect();
    matches!(ins.as_slice(), [only] if only.is("httpTrigger"))
        && matches!(outs.as_slice(), [only] if only.is("http"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Function, RunError> {
        Function::parse("f", Path::new("f/function.json"), text)
    }

    #[test]
    fn trigger_and_output_have_the_names_of_the_file() {
        let function = parse(
            r#"{"Bindings": [{"type": "HttpTrigger", "Direction": "in", "name": "request"},
                {"type": "http", "direction": "OUT", "name": "$return"}], "disabled": true}"#,
        )
        .unwrap();
        assert!(function.is_http() && function.is_plain_http && function.disabled);
        assert_eq!(function.trigger.name.as_deref(), Some("request"));
        assert_eq!(function.output, "$return");
    }

    #[test]
    fn outputs_are_those_that_are_not_http() {
        let function = parse(
            r#"{"bindings": [{"type": "timerTrigger", "name": "t"},
                {"type": "queue", "direction": "out", "name": "q", "dataType": "Binary"},
                {"type": "blob", "direction": "in", "name": "b"}], "retry": {"strategy": "fixedDelay"}}"#,
        )
        .unwrap();
        let wanted = OutputBinding {
            name: "q".into(),
            kind: "queue".into(),
            is_binary: true,
        };
        assert_eq!(function.outputs, [wanted]);
        assert!(function.retries && !function.is_http());
    }

    #[test]
    fn only_one_trigger_and_one_output_are_plain() {
        let http = r#"{"type": "httpTrigger", "name": "req"}, {"type": "http", "direction": "out", "name": "res"}"#;
        for (more, plain) in [
            ("", true),
            (
                r#", {"type": "queue", "direction": "out", "name": "q"}"#,
                false,
            ),
            (
                r#", {"type": "blob", "direction": "in", "name": "b"}"#,
                false,
            ),
            (
                r#", {"type": "blob", "direction": "inout", "name": "b"}"#,
                false,
            ),
        ] {
            let function = parse(&format!(r#"{{"bindings": [{http}{more}]}}"#)).unwrap();
            assert_eq!(function.is_plain_http, plain, "{more}");
        }
    }

    #[test]
    fn what_is_malformed_is_named_with_file_and_key() {
        for (text, wanted) in [
            ("{", "f/function.json: "),
            ("{}", "f/function.json: bindings is wanted"),
            (r#"{"bindings": []}"#, "bindings has no trigger"),
            (
                r#"{"bindings": [{"name": "x"}]}"#,
                "bindings[0].type is wanted",
            ),
            (
                r#"{"bindings": [{"type": "queueTrigger"}]}"#,
                "bindings[0].name is wanted",
            ),
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.contains(wanted), "{error}");
        }
    }
}
