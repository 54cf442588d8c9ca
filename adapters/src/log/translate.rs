//! Not part of the API: a line in every form, for fuzzers.

use std::time::UNIX_EPOCH;

use super::fields::Fields;
use super::form::Form;
use super::record::{Invocation, Record, Severity};

/// Writes what a program says, with one field and the id of an invocation, in each host's form: AWS
/// Lambda's JSON and text, Azure's, Google Cloud's, and plain.
pub fn lines(message: &str, field: &str, request_id: &str) -> [Vec<u8>; 5] {
    let forms = [
        Form::LambdaJson,
        Form::LambdaText,
        Form::Functions,
        Form::CloudLogging,
        Form::Plain { is_coloured: false },
    ];
    let invocation = Invocation {
        request_id: request_id.to_owned(),
        ..Invocation::default()
    };
    forms.map(|form| {
        let mut fields = Fields::default();
        fields.push_text("field", field);
        let mut record = Record {
            time: UNIX_EPOCH,
            severity: Severity::Info,
            target: "orders",
            message: message.into(),
            invocation: Some(&invocation),
            fields: &mut fields,
            file: None,
            line: None,
            module: None,
            function: None,
        };
        let mut line = Vec::new();
        form.write(&mut record, &mut line);
        line
    })
}
