//! The exact lines of each form.

use std::time::{Duration, UNIX_EPOCH};

use isobar_core::{Function, Provider};
use serde_json::Value;

use super::fields::{BACKTRACE, ERROR_TYPE, FILE, Fields, LINE};
use super::form::Form;
use super::record::{Invocation, Record, Severity};

const FORMS: [Form; 5] = [
    Form::LambdaJson,
    Form::LambdaText,
    Form::Functions,
    Form::CloudLogging,
    Form::Plain { is_coloured: false },
];

fn invocation() -> Invocation {
    Invocation {
        request_id: "req-1".to_owned(),
        trace_id: Some("5bef4de7ad49b0e87f6ef6c87fc2e700".to_owned()),
        span_id: Some("9a9197af755a6419".to_owned()),
        trace_sampled: Some(true),
        tenant: Some("blue".to_owned()),
        event_id: None,
    }
}

/// A line of the application's within an invocation.
fn written(
    form: Form,
    severity: Severity,
    message: &str,
    fields: impl FnOnce(&mut Fields),
) -> String {
    line_of("orders", form, severity, message, fields)
}

fn line_of(
    target: &str,
    form: Form,
    severity: Severity,
    message: &str,
    fields: impl FnOnce(&mut Fields),
) -> String {
    let mut own = Fields::default();
    fields(&mut own);
    let function = Function::new(Provider::Gcp, "shop")
        .with_version("shop-7")
        .with_account(Some("acme".to_owned()));
    let mut record = Record {
        time: UNIX_EPOCH + Duration::new(1_587_651_905, 349_632_000),
        severity,
        target,
        message: message.into(),
        invocation: Some(&invocation()),
        fields: &mut own,
        file: Some("src/main.rs"),
        line: Some(12),
        module: Some("orders::main"),
        function: Some(&function),
    };
    let mut line = Vec::new();
    form.write(&mut record, &mut line);
    let mut line = String::from_utf8(line).unwrap();
    assert_eq!(line.pop(), Some('\n'));
    line
}

fn two(fields: &mut Fields) {
    fields.push_text("order", "a \"b\"");
    fields.push_unsigned("items", 3);
}

fn failure(fields: &mut Fields) {
    fields.push_text(ERROR_TYPE, "HandlerPanic");
    fields.push_text(BACKTRACE, "   0: main\n   1: start\n");
    fields.push_text(FILE, "src/orders.rs");
    fields.push_unsigned(LINE, 7);
}

#[test]
fn a_line_of_the_application() {
    for (form, wanted) in [
        (
            Form::LambdaJson,
            r#"{"timestamp":"2020-04-23T14:25:05.349Z","level":"INFO","message":"hello","logger":"orders","requestId":"req-1","traceId":"5bef4de7ad49b0e87f6ef6c87fc2e700","xray_trace_id":"1-5bef4de7-ad49b0e87f6ef6c87fc2e700","tenantId":"blue","fields":{"order":"a \"b\"","items":3}}"#,
        ),
        (
            Form::LambdaText,
            "2020-04-23T14:25:05.349Z\treq-1\tINFO\thello order=\"a \\\"b\\\"\" items=3 trace_id=5bef4de7ad49b0e87f6ef6c87fc2e700",
        ),
        (
            Form::Functions,
            r#"{"level":"INFO","message":"hello","timestamp":"2020-04-23T14:25:05.349Z","invocationId":"req-1","traceId":"5bef4de7ad49b0e87f6ef6c87fc2e700","category":"orders","fields":{"order":"a \"b\"","items":3}}"#,
        ),
        (
            Form::CloudLogging,
            r#"{"severity":"INFO","message":"hello","time":"2020-04-23T14:25:05.349632Z","logging.googleapis.com/trace":"projects/acme/traces/5bef4de7ad49b0e87f6ef6c87fc2e700","logging.googleapis.com/spanId":"9a9197af755a6419","logging.googleapis.com/trace_sampled":true,"logging.googleapis.com/labels":{"request_id":"req-1"},"logging.googleapis.com/sourceLocation":{"file":"src/main.rs","line":"12","function":"orders::main"},"fields":{"order":"a \"b\"","items":3}}"#,
        ),
        (
            Form::Plain { is_coloured: false },
            "2020-04-23T14:25:05.349Z  INFO hello order=\"a \\\"b\\\"\" items=3 request_id=req-1 trace_id=5bef4de7ad49b0e87f6ef6c87fc2e700",
        ),
        (
            Form::Plain { is_coloured: true },
            "\u{1b}[2m2020-04-23T14:25:05.349Z\u{1b}[0m \u{1b}[32m INFO\u{1b}[0m hello\u{1b}[2m order=\"a \\\"b\\\"\" items=3 request_id=req-1 trace_id=5bef4de7ad49b0e87f6ef6c87fc2e700\u{1b}[0m",
        ),
    ] {
        assert_eq!(written(form, Severity::Info, "hello", two), wanted);
    }
}

#[test]
fn a_failure_with_its_place_and_its_backtrace() {
    for (form, wanted) in [
        (
            Form::LambdaJson,
            r#"{"timestamp":"2020-04-23T14:25:05.349Z","level":"ERROR","message":"boom","logger":"orders","requestId":"req-1","traceId":"5bef4de7ad49b0e87f6ef6c87fc2e700","xray_trace_id":"1-5bef4de7-ad49b0e87f6ef6c87fc2e700","tenantId":"blue","errorType":"HandlerPanic","location":"src/orders.rs:7","stackTrace":["   0: main","   1: start"]}"#,
        ),
        (
            Form::LambdaText,
            "2020-04-23T14:25:05.349Z\treq-1\tERROR\tboom at=src/orders.rs:7 trace_id=5bef4de7ad49b0e87f6ef6c87fc2e700 backtrace=   0: main\\n   1: start\\n",
        ),
        (
            Form::Functions,
            r#"{"level":"ERROR","message":"boom","timestamp":"2020-04-23T14:25:05.349Z","invocationId":"req-1","traceId":"5bef4de7ad49b0e87f6ef6c87fc2e700","category":"orders","errorType":"HandlerPanic","location":"src/orders.rs:7","stackTrace":"   0: main\n   1: start\n"}"#,
        ),
        (
            Form::CloudLogging,
            r#"{"severity":"ERROR","message":"boom","time":"2020-04-23T14:25:05.349632Z","@type":"type.googleapis.com/google.devtools.clouderrorreporting.v1beta1.ReportedErrorEvent","serviceContext":{"service":"shop","version":"shop-7"},"context":{"reportLocation":{"filePath":"src/orders.rs","lineNumber":7,"functionName":"orders::main"}},"logging.googleapis.com/trace":"projects/acme/traces/5bef4de7ad49b0e87f6ef6c87fc2e700","logging.googleapis.com/spanId":"9a9197af755a6419","logging.googleapis.com/trace_sampled":true,"logging.googleapis.com/labels":{"request_id":"req-1"},"logging.googleapis.com/sourceLocation":{"file":"src/orders.rs","line":"7","function":"orders::main"},"backtrace":"   0: main\n   1: start\n"}"#,
        ),
        (
            Form::Plain { is_coloured: false },
            "2020-04-23T14:25:05.349Z ERROR boom at=src/orders.rs:7 request_id=req-1 trace_id=5bef4de7ad49b0e87f6ef6c87fc2e700\n       0: main\n       1: start",
        ),
    ] {
        assert_eq!(written(form, Severity::Error, "boom", failure), wanted);
    }
}

#[test]
fn an_access_line_is_googles_http_request() {
    let fields = |fields: &mut Fields| {
        fields.push_text("trigger", "http");
        fields.push_text("method", "GET");
        fields.push_text("path", "/a");
        fields.push_unsigned("status", 200);
        fields.push_unsigned("request_bytes", 0);
        fields.push_unsigned("response_bytes", 5);
    };
    let access = |form| line_of("isobar::access", form, Severity::Info, "GET /a 200", fields);
    let line = access(Form::CloudLogging);
    let wanted = r#""httpRequest":{"requestMethod":"GET","requestUrl":"/a","status":200,"latency":"0.000000s","requestSize":"0","responseSize":"5"}"#;
    assert!(line.contains(wanted), "{line}");
    assert!(line.ends_with(r#""fields":{"trigger":"http"}}"#), "{line}");
    let line = access(Form::Plain { is_coloured: false });
    let wanted = " INFO GET /a 200 request_bytes=0 response_bytes=5 request_id=req-1";
    assert!(line.contains(wanted), "{line}");
}

#[test]
fn foreign_text_stays_within_its_line() {
    let foreign = "a\nisobar: forged\r\u{1b}[31mred\u{2028}b\0\u{9b}";
    for form in FORMS {
        let name = |fields: &mut Fields| fields.push_text("name", foreign);
        let line = written(form, Severity::Info, foreign, name);
        let mut lines = line.split('\n');
        let first = lines.next().unwrap();
        assert!(
            first.starts_with('{') || first.starts_with("2020-"),
            "{line}"
        );
        assert!(lines.all(|line| line.starts_with("    ")), "{line}");
        let is_control = |letter: char| letter != '\n' && letter != '\t' && letter.is_control();
        let is_json = first.starts_with('{');
        assert!(is_json || !line.contains(is_control), "{line:?}");
        if is_json {
            let json: Value = serde_json::from_str(&line).unwrap();
            assert_eq!(json["message"], foreign);
            assert_eq!(json["fields"]["name"], foreign);
        }
    }
}

#[test]
fn an_error_that_speaks_of_warnings_is_an_error_to_the_functions_host() {
    // The host reads stderr as an error, unless the line contains "warn", in any case.
    let fields = |fields: &mut Fields| fields.push_text("unWarned", "WaRning warn");
    let line = written(Form::Functions, Severity::Error, "a warning: Warn!", fields);
    assert!(!line.to_lowercase().contains("warn"), "{line}");
    let json: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(json["message"], "a warning: Warn!");
    assert_eq!(json["fields"]["unWarned"], "WaRning warn");
    let line = written(Form::Functions, Severity::Warn, "careful", |_| {});
    assert!(line.contains("WARN"), "{line}");
}

#[test]
fn a_long_line_is_cut_after_escaping_and_says_so() {
    for letter in ["\"", "\u{1}", "\u{2028}"] {
        let long = letter.repeat(260 << 10);
        for form in FORMS {
            let more = |fields: &mut Fields| {
                fields.push_text("long", &long);
                fields.push_text(BACKTRACE, &long);
            };
            for (message, wanted) in [
                (&*long, "of its message are missing"),
                ("short", "its fields are cut]"),
            ] {
                let line = written(form, Severity::Error, message, more);
                assert!(
                    line.len() < 256 << 10,
                    "{form:?} {letter:?}: {}",
                    line.len()
                );
                assert!(line.contains(wanted), "{form:?} {letter:?}");
                assert!(line.contains("req-1"), "{form:?} {letter:?}");
            }
        }
    }
}

#[test]
fn a_line_of_the_hosts_own_loop_names_its_invocation_itself() {
    let id = |fields: &mut Fields| fields.push_text("request_id", "other");
    let line = line_of("isobar::aws", Form::LambdaJson, Severity::Info, "x", id);
    assert!(line.contains(r#""requestId":"other""#), "{line}");
    assert!(!line.contains("fields"), "{line}");
    // The application's own field of that name is the application's.
    let line = written(Form::LambdaJson, Severity::Info, "x", id);
    assert!(line.contains(r#""requestId":"req-1""#), "{line}");
    assert!(
        line.contains(r#""fields":{"request_id":"other"}"#),
        "{line}"
    );
}

#[test]
fn without_a_project_there_is_no_trace() {
    let mut fields = Fields::default();
    let mut record = Record {
        time: UNIX_EPOCH,
        severity: Severity::Info,
        target: "orders",
        message: "x".into(),
        invocation: Some(&invocation()),
        fields: &mut fields,
        file: None,
        line: None,
        module: None,
        function: None,
    };
    let mut line = Vec::new();
    Form::CloudLogging.write(&mut record, &mut line);
    let wanted = "{\"severity\":\"INFO\",\"message\":\"x\",\"time\":\"1970-01-01T00:00:00.000000Z\",\"logging.googleapis.com/labels\":{\"request_id\":\"req-1\"}}\n";
    assert_eq!(String::from_utf8(line).unwrap(), wanted);
}
