//! What a program says on a terminal, and where there is none.

use std::io::{self, PipeReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use isobar_hosts::program::{Port, free_port};
use nix::pty::openpty;

use super::PATIENCE;

/// The program, whose standard error goes where it is told; it is killed when this is dropped.
struct Running(Child, #[expect(dead_code, reason = "it is kept")] Port);

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn start(variables: &[(&str, &str)], stderr: impl Into<Stdio>) -> Running {
    let port = free_port().unwrap();
    let child = Command::new(env!("CARGO_BIN_EXE_logs"))
        .env_clear()
        .env("PORT", port.to_string())
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(stderr)
        .spawn();
    Running(child.unwrap(), port)
}

/// What is said until it listens.
fn said(mut from: impl Read + Send + 'static) -> String {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut bytes = [0; 1024];
        // A terminal that nobody writes to any more is an error to its reader.
        while let Ok(count @ 1..) = from.read(&mut bytes) {
            if sender.send(bytes[..count].to_vec()).is_err() {
                return;
            }
        }
    });
    let (begun, mut all) = (Instant::now(), Vec::new());
    while begun.elapsed() < PATIENCE {
        if let Ok(more) = receiver.recv_timeout(Duration::from_millis(100)) {
            all.extend(more);
        }
        let text = String::from_utf8_lossy(&all);
        if text.contains("listening on") && text.ends_with('\n') {
            return text.into_owned();
        }
    }
    panic!("{}", String::from_utf8_lossy(&all));
}

fn on_a_terminal(variables: &[(&str, &str)]) -> String {
    let terminal = openpty(None, None).unwrap();
    let _running = start(variables, terminal.slave);
    said(std::fs::File::from(terminal.master))
}

fn in_a_pipe(variables: &[(&str, &str)]) -> String {
    let (reader, writer): (PipeReader, _) = io::pipe().unwrap();
    let _running = start(variables, writer);
    said(reader)
}

const GREEN_INFO: &str = "\u{1b}[32m INFO\u{1b}[0m listening on";
const PLAIN_INFO: &str = " INFO listening on";

#[test]
fn a_terminal_has_colours_and_nothing_else_has() {
    let coloured = on_a_terminal(&[]);
    assert!(coloured.contains(GREEN_INFO), "{coloured:?}");
    assert!(coloured.ends_with("\u{1b}[0m\r\n"), "{coloured:?}");
    let plain = in_a_pipe(&[]);
    assert!(
        plain.contains(PLAIN_INFO) && !plain.contains('\u{1b}'),
        "{plain:?}"
    );
}

#[test]
fn who_wants_no_colours_gets_none_on_a_terminal() {
    for variables in [
        &[("NO_COLOR", "1")][..],
        &[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")],
    ] {
        let plain = on_a_terminal(variables);
        assert!(
            plain.contains(PLAIN_INFO) && !plain.contains('\u{1b}'),
            "{plain:?}"
        );
    }
    // Empty it is as if it were not set.
    let coloured = on_a_terminal(&[("NO_COLOR", "")]);
    assert!(coloured.contains(GREEN_INFO), "{coloured:?}");
}

#[test]
fn who_asks_for_colours_gets_them_in_a_pipe() {
    let coloured = in_a_pipe(&[("CLICOLOR_FORCE", "1")]);
    assert!(coloured.contains(GREEN_INFO), "{coloured:?}");
    let plain = in_a_pipe(&[("CLICOLOR_FORCE", "0")]);
    assert!(!plain.contains('\u{1b}'), "{plain:?}");
}

#[test]
fn a_clouds_lines_have_no_colours_on_a_terminal_either() {
    let variables = [
        ("K_SERVICE", "x"),
        ("ISOBAR_EVENTS_AUTH", "iam"),
        ("CLICOLOR_FORCE", "1"),
    ];
    let json = on_a_terminal(&variables);
    assert!(json.contains(r#""severity":"INFO""#), "{json:?}");
    assert!(!json.contains('\u{1b}'), "{json:?}");
}
