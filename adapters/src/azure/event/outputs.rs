//! What handlers write to output bindings, each in the form that the host does not mangle.
//!
//! A string that happens to be base64 the host decodes; a list of messages is sent one by one, as
//! they stand; a document is never base64. So one message or blob goes as base64, several messages
//! as a list of strings, documents as objects. Sources: `GetBindingValue` of the host's
//! `HttpScriptInvocationResultExtensions.cs`, `FunctionBinding.cs`.

use isobar_core::{Bytes, Output, Reply, Text};

use super::form::{self, Problem};
use crate::azure::app::{Function, OutputBinding};
use crate::json::escape;

/// The binding that a handler's result goes to.
const RETURN: &str = "$return";

/// Writes the whole answer; the problem names the output at fault.
pub(super) fn write(function: &Function, replies: &[&Reply]) -> Result<Vec<u8>, Problem> {
    let mut out = br#"{"Outputs":{"#.to_vec();
    let mut returned = None;
    let mut is_first = true;
    for (name, values) in collected(replies) {
        let binding = binding(function, &name)?;
        let Some(json) = form::form(binding, values)? else {
            continue;
        };
        if name == RETURN {
            returned = Some(json);
            continue;
        }
        out.extend_from_slice(if is_first { b"\"" } else { b",\"" });
        escape(&mut out, &name);
        out.extend_from_slice(b"\":");
        out.extend_from_slice(&json);
        is_first = false;
    }
    out.extend_from_slice(br#"},"Logs":[],"ReturnValue":"#);
    match returned.map_or_else(|| result(function, replies), |json| Ok(Some(json)))? {
        Some(json) => out.extend_from_slice(&json),
        None => out.extend_from_slice(b"null"),
    }
    out.push(b'}');
    Ok(out)
}

/// The values of each output: those of several events, and of an output that was set twice, go
/// together.
fn collected(replies: &[&Reply]) -> Vec<(Text, Vec<Output>)> {
    let mut all: Vec<(Text, Vec<Output>)> = Vec::new();
    for (name, value) in replies.iter().flat_map(|reply| reply.outputs().iter()) {
        let values = match value {
            Output::List(values) => values.clone(),
            value => vec![value.clone()],
        };
        match all.iter_mut().find(|(own, _)| own == name) {
            Some((_, own)) => own.extend(values),
            None => all.push((name.into(), values)),
        }
    }
    all
}

fn binding<'f>(function: &'f Function, name: &str) -> Result<&'f OutputBinding, Problem> {
    let mut bindings = function.outputs.iter();
    bindings.find(|binding| binding.name == name).ok_or_else(|| {
        let known: Vec<_> = { function.outputs.iter() }
            .map(|binding| format!("{} ({})", binding.name, binding.kind))
            .collect();
        let known = if known.is_empty() {
            "none".to_owned()
        } else {
            known.join(", ")
        };
        Problem(format!(
            "the handler returned the output {name:?}, which its function.json does not have; there are: {known}"
        ))
    })
}

/// The result of a handler: to `$return` where there is one, else as it stands, as an activity
/// gives it. Of a batch there is none.
fn result(function: &Function, replies: &[&Reply]) -> Result<Option<Vec<u8>>, Problem> {
    let [reply] = replies else {
        return Ok(None);
    };
    let Some(json) = reply.result() else {
        return Ok(None);
    };
    match function
        .outputs
        .iter()
        .find(|binding| binding.name == RETURN)
    {
        Some(binding) => form::form(binding, vec![Output::Json(Bytes::clone(json))]),
        None => Ok(Some(json.to_vec())),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::function_with;
    use super::*;
    use isobar_core::{IntoReply, Json, Outputs};
    use serde_json::{Value, json};

    const OUTPUTS: &str = r#"{"type": "queue", "direction": "out", "name": "q"},
        {"type": "cosmosDB", "direction": "out", "name": "d"}, {"type": "blob", "direction": "out", "name": "b"}"#;

    fn written(bindings: &str, replies: &[Reply]) -> Result<Value, String> {
        let function = function_with(r#"{"type": "queueTrigger", "name": "m"}"#, bindings);
        let replies: Vec<_> = replies.iter().collect();
        let json = write(&function, &replies).map_err(|problem| problem.to_string())?;
        Ok(serde_json::from_slice(&json).unwrap())
    }

    fn reply(value: impl IntoReply) -> Reply {
        value.into_reply().unwrap()
    }

    #[test]
    fn an_answer_is_an_object_also_where_nothing_is_written() {
        let wanted = json!({"Outputs": {}, "Logs": [], "ReturnValue": null});
        assert_eq!(written("", &[]).unwrap(), wanted);
        assert_eq!(written("", &[reply(())]).unwrap(), wanted);
        assert_eq!(
            written(OUTPUTS, &[reply(Outputs::new().list("q", [""; 0]))]).unwrap(),
            wanted
        );
    }

    #[test]
    fn each_output_goes_to_its_binding() {
        let outputs = Outputs::new().set("b", "blob").set("q", "one");
        let outputs = outputs.json("d", &json!({"id": "1"})).unwrap();
        let wanted = json!({"b": "YmxvYg==", "q": "b25l", "d": {"id": "1"}});
        assert_eq!(
            written(OUTPUTS, &[reply(outputs)]).unwrap()["Outputs"],
            wanted
        );
    }

    #[test]
    fn outputs_of_several_events_go_together() {
        let of = |text: &'static str| reply(Outputs::new().set("q", text));
        let both = written(OUTPUTS, &[of("one"), reply(()), of("two")]).unwrap();
        assert_eq!(both["Outputs"], json!({"q": ["one", "two"]}));
        let twice = reply(Outputs::new().set("q", "1").set("q", "2"));
        assert_eq!(
            written(OUTPUTS, &[twice]).unwrap()["Outputs"],
            json!({"q": ["1", "2"]})
        );
    }

    #[test]
    fn an_output_that_there_is_not_is_a_failure_that_names_it() {
        let error = written(OUTPUTS, &[reply(Outputs::new().set("x", "1"))]).unwrap_err();
        assert!(
            error.contains("\"x\"") && error.contains("q (queue)"),
            "{error}"
        );
        let error = written("", &[reply(Outputs::new().set("x", "1"))]).unwrap_err();
        assert!(error.contains("there are: none"), "{error}");
    }

    #[test]
    fn a_result_is_returned() {
        let value = || reply(Json(json!({"a": 1})));
        assert_eq!(
            written("", &[value()]).unwrap()["ReturnValue"],
            json!({"a": 1})
        );
        assert_eq!(
            written("", &[value(), value()]).unwrap()["ReturnValue"],
            json!(null)
        );
        let queue = r#"{"type": "queue", "direction": "out", "name": "$return"}"#;
        // the base64 of {"a":1}
        assert_eq!(
            written(queue, &[value()]).unwrap()["ReturnValue"],
            "eyJhIjoxfQ=="
        );
        let set = reply(Outputs::new().set("$return", "hi"));
        let answer = written(queue, &[set]).unwrap();
        assert_eq!(
            (&answer["ReturnValue"], &answer["Outputs"]),
            (&json!("aGk="), &json!({}))
        );
    }
}
