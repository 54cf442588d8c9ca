//! Values as plain JSON.

use crate::json::push_string;

/// Writes a number; what JSON has no number for is its name, as in protobuf's JSON mapping.
pub(super) fn double(out: &mut Vec<u8>, value: f64) {
    if value.is_finite() {
        // Writing to a vector does not fail.
        let _always = serde_json::to_writer(out, &value);
    } else if value.is_nan() {
        push_string(out, "NaN");
    } else {
        push_string(out, if value > 0.0 { "Infinity" } else { "-Infinity" });
    }
}

/// Writes a place on the earth.
pub(super) fn place(out: &mut Vec<u8>, latitude: f64, longitude: f64) {
    out.extend_from_slice(b"{\"latitude\":");
    double(out, latitude);
    out.extend_from_slice(b",\"longitude\":");
    double(out, longitude);
    out.push(b'}');
}

/// Writes the comma before all elements but the first.
pub(super) fn comma(out: &mut Vec<u8>) {
    if !matches!(out.last(), Some(b'{' | b'[')) {
        out.push(b',');
    }
}

/// Writes a member's name.
pub(super) fn name(out: &mut Vec<u8>, name: &str) {
    comma(out);
    push_string(out, name);
    out.push(b':');
}

/// Adds a step to a path of kinds and ids.
pub(super) fn step(path: &mut String, kind: &str, id: &str) {
    if !path.is_empty() {
        path.push('/');
    }
    path.push_str(kind);
    path.push('/');
    path.push_str(id);
}
