//! What the program writes, shown as it comes.

use isobar_hosts::program::{Line, Stream};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use crate::say;

/// Shows lines where the program wrote them, or all on stderr, where stdout is for scripts.
pub(super) fn shown(all_on_stderr: bool) -> UnboundedSender<Line> {
    let (sender, mut lines) = unbounded_channel::<Line>();
    tokio::spawn(async move {
        while let Some(line) = lines.recv().await {
            say::echo(line.stream == Stream::Stdout && !all_on_stderr, &line.text);
        }
    });
    sender
}
